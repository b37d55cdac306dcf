#include "control/configuration/faces.h"

#include <fmt/core.h>

namespace raudal::control::configuration {
namespace {

using api::Member;
using api::Shape;
using api::ShapeKind;
using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

// Names that do not follow the rules.
struct Irregular {
  std::string_view description;  // shape
  std::string_view base;         // created name, or updated name without its suffix
  std::string_view described;
};
constexpr Irregular kIrregular[] = {
    {"CodeContentDescription", "S3ContentLocation", "S3ApplicationCodeLocationDescription"},
    {"ApplicationConfigurationDescription", "EnvironmentProperties", "EnvironmentPropertyDescriptions"},
};

// Which member of a described list element is its id.
struct Identified {
  std::string_view description;  // shape of the element
  std::string_view id;
};
constexpr Identified kIdentified[] = {
    {"InputDescription", "InputId"},
    {"OutputDescription", "OutputId"},
    {"ReferenceDataSourceDescription", "ReferenceId"},
    {"VpcConfigurationDescription", "VpcConfigurationId"},
    {"CloudWatchLoggingOptionDescription", "CloudWatchLoggingOptionId"},
};

const Member* find_member(const Shape& shape, std::string_view name) {
  for (const Member& member : shape.members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

std::string_view id_member(const Shape& description) {
  for (const Identified& identified : kIdentified) {
    if (identified.description == description.name) return identified.id;
  }
  return {};
}

std::string_view without_suffix(std::string_view name) {
  for (const std::string_view suffix : {"Updates", "Update"}) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  return name;
}

Json describe_value(const Shape& created, const Shape& description, const Json& value, int64_t version) {
  if (&created == &description) return value;
  if (value.is_object()) return describe(created, description, value.get_object(), version);
  if (value.is_array()) return describe_list(*created.item, *description.item, value.get_array(), version);
  return value;
}

JsonObject* find_by_id(JsonArray& list, std::string_view id_name, const Json& id) {
  for (Json& element : list) {
    if (element.get_object()[id_name] == id) return &element.get_object();
  }
  return nullptr;
}

Status update_value(const Shape& updated, const Member& target, const Json& value, JsonObject& described) {
  const Shape& description = *target.shape;
  if (&updated == &description || (!value.is_object() && !value.is_array())) {
    described[target.name] = value;
    return {};
  }
  Json& old = described[target.name];
  if (value.is_object()) {
    if (!old.is_object()) old = JsonObject();
    return update(updated, description, value.get_object(), old.get_object());
  }
  if (!id_member(*description.item).empty()) {
    if (!old.is_array()) old = JsonArray();
    return update_list(*updated.item, *description.item, value.get_array(), old.get_array());
  }
  old = describe_list(*updated.item, *description.item, value.get_array(), 0);
  return {};
}

}  // namespace

const Member* described_member(const Shape& description, std::string_view created_or_updated) {
  const std::string base(without_suffix(created_or_updated));
  for (const Irregular& irregular : kIrregular) {
    if (irregular.description == description.name && irregular.base == base) {
      return find_member(description, irregular.described);
    }
  }
  const std::string singular = base.ends_with('s') ? base.substr(0, base.size() - 1) : base;
  for (const std::string& name :
       {base, base + "Description", base + "Descriptions", singular + "Descriptions", base + "s"}) {
    if (const Member* member = find_member(description, name)) return member;
  }
  return nullptr;
}

JsonObject describe(const Shape& created, const Shape& description, const JsonObject& value, int64_t version) {
  JsonObject described;
  for (const Member& member : created.members) {
    const Json* given = value.if_contains(member.name);
    const Member* target = described_member(description, member.name);
    if (given == nullptr || target == nullptr) continue;
    described[target->name] = describe_value(*member.shape, *target->shape, *given, version);
  }
  return described;
}

JsonArray describe_list(const Shape& created, const Shape& description, const JsonArray& value, int64_t version) {
  const std::string_view id = id_member(description);
  JsonArray described;
  for (const Json& element : value) {
    Json converted = describe_value(created, description, element, version);
    if (!id.empty()) converted.get_object()[id] = fmt::format("{}.{}", version, described.size() + 1);
    described.push_back(std::move(converted));
  }
  return described;
}

Status update(const Shape& updated, const Shape& description, const JsonObject& value, JsonObject& described) {
  for (const Member& member : updated.members) {
    const Json* given = value.if_contains(member.name);
    const Member* target = described_member(description, member.name);
    if (given == nullptr || target == nullptr) continue;
    TRY(update_value(*member.shape, *target, *given, described));
  }
  return {};
}

Status update_list(const Shape& updated, const Shape& description, const JsonArray& value, JsonArray& described) {
  const std::string_view id_name = id_member(description);
  for (const Json& element : value) {
    const Json& id = element.get_object().at(id_name);
    JsonObject* old = find_by_id(described, id_name, id);
    if (old == nullptr) {
      return Error(ErrorCode::kResourceNotFound,
                   fmt::format("No element has this {}: {}", id_name, std::string_view(id.get_string())));
    }
    TRY(update(updated, description, element.get_object(), *old));
  }
  return {};
}

}  // namespace raudal::control::configuration
