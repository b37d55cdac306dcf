#include "api/validate.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "api/pattern.h"
#include "base/str.h"
#include "codec/base64.h"

namespace raudal::api {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

constexpr size_t kShownBytesMax = 1024;           // of a rejected value, in the message
constexpr double kTimestampMax = 253402300799.0;  // the end of the year 9999

std::string lower_first(std::string_view name) {
  std::string text(name);
  if (!text.empty()) text[0] = to_lower(text.substr(0, 1))[0];
  return text;
}

std::string_view type_name(const Shape& shape) {
  switch (shape.kind) {
    case ShapeKind::kString:
    case ShapeKind::kEnum: return "a string";
    case ShapeKind::kBlob: return "a base64 string";
    case ShapeKind::kInteger:
    case ShapeKind::kLong: return "an integer";
    case ShapeKind::kBoolean: return "a boolean";
    case ShapeKind::kTimestamp: return "a number of seconds";
    case ShapeKind::kList: return "a list";
    case ShapeKind::kMap: return "a map";
    case ShapeKind::kStructure: return "a structure";
  }
  return "";
}

// Characters, as a client counts them; the parser has made sure of UTF-8.
int64_t num_characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

// The walk over one request. Fills `violations_`; stops at the first wrong type.
class Walk {
 public:
  Result<JsonObject> structure(const Shape& shape, const JsonObject& object, const std::string& path);
  Status verdict() const;

 private:
  Result<Json> value(const Shape& shape, const Json& given, const std::string& path);
  Result<Json> text(const Shape& shape, std::string_view given, const std::string& path);
  Result<Json> blob(const Shape& shape, std::string_view given, const std::string& path);
  Result<Json> number(const Shape& shape, const Json& given, const std::string& path);
  Result<Json> boolean(const Shape& shape, const Json& given, const std::string& path);
  Result<Json> timestamp(const Shape& shape, const Json& given, const std::string& path);
  Result<Json> list(const Shape& shape, const JsonArray& given, const std::string& path);
  Result<Json> map(const Shape& shape, const JsonObject& given, const std::string& path);

  void length(const Shape& shape, int64_t length, std::string_view shown, const std::string& path);
  void violated(std::string_view shown, const std::string& path, const std::string& constraint);

  std::vector<std::string> violations_;
};

Error wrong_type(const Shape& shape, const std::string& path) {
  return Error(ErrorCode::kSerialization, fmt::format("Expected {} at '{}'", type_name(shape), path));
}

std::string member_path(const std::string& path, std::string_view name) {
  return path.empty() ? lower_first(name) : path + "." + lower_first(name);
}

Result<JsonObject> Walk::structure(const Shape& shape, const JsonObject& object, const std::string& path) {
  JsonObject kept;
  for (const Member& member : shape.members) {
    const std::string at = member_path(path, member.name);
    const Json* given = object.if_contains(member.name);
    if (given == nullptr || given->is_null()) {
      if (member.required)
        violations_.push_back(
            fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", at));
      continue;
    }
    kept.emplace(member.name, TRY(value(*member.shape, *given, at)));
  }
  return kept;
}

Result<Json> Walk::value(const Shape& shape, const Json& given, const std::string& path) {
  switch (shape.kind) {
    case ShapeKind::kString:
    case ShapeKind::kEnum:
    case ShapeKind::kBlob: {
      if (!given.is_string()) return wrong_type(shape, path);
      const std::string_view bytes(given.get_string().data(), given.get_string().size());
      return shape.kind == ShapeKind::kBlob ? blob(shape, bytes, path) : text(shape, bytes, path);
    }
    case ShapeKind::kInteger:
    case ShapeKind::kLong: return number(shape, given, path);
    case ShapeKind::kBoolean: return boolean(shape, given, path);
    case ShapeKind::kTimestamp: return timestamp(shape, given, path);
    case ShapeKind::kList: return given.is_array() ? list(shape, given.get_array(), path) : wrong_type(shape, path);
    case ShapeKind::kMap: return given.is_object() ? map(shape, given.get_object(), path) : wrong_type(shape, path);
    case ShapeKind::kStructure:
      if (!given.is_object()) return wrong_type(shape, path);
      return Json(TRY(structure(shape, given.get_object(), path)));
  }
  return wrong_type(shape, path);
}

Result<Json> Walk::text(const Shape& shape, std::string_view given, const std::string& path) {
  if (shape.kind == ShapeKind::kEnum) {
    if (std::find(shape.values.begin(), shape.values.end(), given) == shape.values.end()) {
      std::vector<std::string> values(shape.values.begin(), shape.values.end());
      violated(given, path, fmt::format("Member must satisfy enum value set: [{}]", join(values, ", ")));
    }
    return Json(given);
  }
  length(shape, num_characters(given), given, path);
  if (!shape.pattern.empty() && !matches_whole(shape.pattern, given)) {
    violated(given, path, fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern));
  }
  return Json(given);
}

Result<Json> Walk::blob(const Shape& shape, std::string_view given, const std::string& path) {
  const auto bytes = codec::base64_decode(given);
  if (!bytes.ok()) return wrong_type(shape, path);
  length(shape, static_cast<int64_t>(bytes->size()), "java.nio.HeapByteBuffer", path);
  return Json(given);
}

Result<Json> Walk::number(const Shape& shape, const Json& given, const std::string& path) {
  int64_t number = 0;
  if (given.is_int64()) {
    number = given.get_int64();
  } else if (given.is_double() && std::trunc(given.get_double()) == given.get_double() &&
             std::abs(given.get_double()) < 9e15) {
    number = static_cast<int64_t>(given.get_double());
  } else {
    return wrong_type(shape, path);
  }
  if (shape.kind == ShapeKind::kInteger && number != static_cast<int32_t>(number)) return wrong_type(shape, path);
  const std::string shown = std::to_string(number);
  if (shape.min && number < *shape.min) {
    violated(shown, path, fmt::format("Member must have value greater than or equal to {}", *shape.min));
  }
  if (shape.max && number > *shape.max) {
    violated(shown, path, fmt::format("Member must have value less than or equal to {}", *shape.max));
  }
  return Json(number);
}

Result<Json> Walk::boolean(const Shape& shape, const Json& given, const std::string& path) {
  if (given.is_bool()) return given;
  if (given.is_string() && given.get_string() == "true") return Json(true);
  if (given.is_string() && given.get_string() == "false") return Json(false);
  return wrong_type(shape, path);
}

Result<Json> Walk::timestamp(const Shape& shape, const Json& given, const std::string& path) {
  if (!given.is_number()) return wrong_type(shape, path);
  const double seconds = given.to_number<double>();
  if (!(std::abs(seconds) <= kTimestampMax)) return wrong_type(shape, path);
  return Json(seconds);
}

Result<Json> Walk::list(const Shape& shape, const JsonArray& given, const std::string& path) {
  length(shape, static_cast<int64_t>(given.size()), codec::write_json(given), path);
  JsonArray kept;
  int position = 0;
  for (const Json& item : given) {
    const std::string at = fmt::format("{}.{}.member", path, ++position);
    if (item.is_null()) {
      violations_.push_back(
          fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", at));
      continue;
    }
    kept.push_back(TRY(value(*shape.item, item, at)));
  }
  return Json(std::move(kept));
}

Result<Json> Walk::map(const Shape& shape, const JsonObject& given, const std::string& path) {
  length(shape, static_cast<int64_t>(given.size()), codec::write_json(given), path);
  JsonObject kept;
  for (const auto& [key, item] : given) {
    const std::string at = fmt::format("{}.{}", path, std::string_view(key));
    length(*shape.key, num_characters(key), key, at + ".key");
    if (item.is_null()) continue;
    kept.emplace(key, TRY(value(*shape.item, item, at + ".member")));
  }
  return Json(std::move(kept));
}

void Walk::length(const Shape& shape, int64_t length, std::string_view shown, const std::string& path) {
  if (shape.min && length < *shape.min) {
    violated(shown, path, fmt::format("Member must have length greater than or equal to {}", *shape.min));
  }
  if (shape.max && length > *shape.max) {
    violated(shown, path, fmt::format("Member must have length less than or equal to {}", *shape.max));
  }
}

void Walk::violated(std::string_view shown, const std::string& path, const std::string& constraint) {
  size_t cut = std::min(shown.size(), kShownBytesMax);
  while (cut < shown.size() && cut > 0 && (shown[cut] & 0xC0) == 0x80) --cut;
  violations_.push_back(fmt::format("Value '{}{}' at '{}' failed to satisfy constraint: {}", shown.substr(0, cut),
                                    cut < shown.size() ? "…" : "", path, constraint));
}

Status Walk::verdict() const {
  if (violations_.empty()) return {};
  return Error(ErrorCode::kValidation, fmt::format("{} validation error{} detected: {}", violations_.size(),
                                                   violations_.size() == 1 ? "" : "s", join(violations_, "; ")));
}

}  // namespace

Result<JsonObject> validate(const Shape& structure, const JsonObject& request) {
  Walk walk;
  JsonObject kept = TRY(walk.structure(structure, request, ""));
  TRY(walk.verdict());
  return kept;
}

}  // namespace raudal::api
