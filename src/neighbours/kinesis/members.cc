#include "neighbours/kinesis/members.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/str.h"
#include "codec/base64.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr size_t kTagsMax = 50;

// As the model spells members in its messages: "streamName".
std::string spelled(std::string_view name) {
  std::string text(name);
  if (text == "StreamARN" || text == "ResourceARN") return to_lower(text.substr(0, 1)) + text.substr(1);
  text[0] = static_cast<char>(text[0] | 0x20);
  return text;
}

AwsFailure invalid(std::string_view name, std::string_view value, std::string_view rule) {
  return AwsFailure("ValidationException",
                    fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}",
                                value.substr(0, 256), spelled(name), rule));
}

AwsFailure missing(std::string_view name) {
  return AwsFailure("ValidationException",
                    fmt::format("1 validation error detected: Value null at '{}' failed to satisfy constraint: Member "
                                "must not be null",
                                spelled(name)));
}

AwsFailure wrong_type(std::string_view name) {
  return AwsFailure("SerializationException", fmt::format("Member has a wrong type: {}", name));
}

// Characters, not bytes.
size_t length_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

AwsStatus check_text(std::string_view name, std::string_view text, const TextRule& rule) {
  const size_t size = length_of(text);
  if (size < rule.size_min) {
    return invalid(name, text, fmt::format("Member must have length greater than or equal to {}", rule.size_min));
  }
  if (size > rule.size_max) {
    return invalid(name, text, fmt::format("Member must have length less than or equal to {}", rule.size_max));
  }
  if (rule.is_name && !std::ranges::all_of(text, is_name_letter)) {
    return invalid(name, text, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  }
  return {};
}

std::optional<double> number_of(const codec::Json& value) {
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  if (value.is_double() && std::isfinite(value.get_double())) return value.get_double();
  return std::nullopt;
}

}  // namespace

const codec::Json* Members::find(std::string_view name) const {
  const codec::Json* value = object_.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

bool Members::has(std::string_view name) const { return find(name) != nullptr; }

AwsResult<std::optional<std::string>> Members::text(std::string_view name, const TextRule& rule) const {
  const codec::Json* value = find(name);
  if (!value) return std::optional<std::string>();
  if (!value->is_string()) return wrong_type(name);
  std::string text(value->get_string());
  TRY(check_text(name, text, rule));
  return std::optional(std::move(text));
}

AwsResult<std::string> Members::required_text(std::string_view name, const TextRule& rule) const {
  auto found = TRY(text(name, rule));
  if (!found) return missing(name);
  return *std::move(found);
}

AwsResult<std::string> Members::required_choice(std::string_view name,
                                                std::initializer_list<std::string_view> values) const {
  const std::string chosen = TRY(required_text(name, {.size_min = 0, .size_max = 256}));
  if (std::ranges::find(values, chosen) == values.end()) {
    const std::vector<std::string> texts(values.begin(), values.end());
    return invalid(name, chosen, fmt::format("Member must satisfy enum value set: [{}]", join(texts, ", ")));
  }
  return chosen;
}

AwsResult<std::optional<int64_t>> Members::number(std::string_view name, int64_t min, int64_t max) const {
  const codec::Json* value = find(name);
  if (!value) return std::optional<int64_t>();
  const auto wide = number_of(*value);
  if (!wide || std::abs(*wide) > 9e18) return wrong_type(name);
  const auto number = static_cast<int64_t>(*wide);
  if (number < min) {
    return invalid(name, std::to_string(number),
                   fmt::format("Member must have value greater than or equal to {}", min));
  }
  if (number > max) {
    return invalid(name, std::to_string(number), fmt::format("Member must have value less than or equal to {}", max));
  }
  return std::optional(number);
}

AwsResult<int64_t> Members::required_number(std::string_view name, int64_t min, int64_t max) const {
  const auto found = TRY(number(name, min, max));
  if (!found) return missing(name);
  return *found;
}

AwsResult<std::optional<bool>> Members::boolean(std::string_view name) const {
  const codec::Json* value = find(name);
  if (!value) return std::optional<bool>();
  if (!value->is_bool()) return wrong_type(name);
  return std::optional(value->get_bool());
}

AwsResult<std::optional<int64_t>> Members::timestamp_ms(std::string_view name) const {
  const codec::Json* value = find(name);
  if (!value) return std::optional<int64_t>();
  const auto number = number_of(*value);
  if (!number || std::abs(*number) > 1e15) return wrong_type(name);
  return std::optional<int64_t>(std::llround(is_cbor_ ? *number : *number * 1000));
}

AwsResult<std::string> Members::required_blob(std::string_view name) const {
  const codec::Json* value = find(name);
  if (!value) return missing(name);
  if (!value->is_string()) return wrong_type(name);
  const std::string_view text(value->get_string());
  if (is_cbor_) return std::string(text);
  auto bytes = codec::base64_decode(text);
  if (!bytes.ok()) return AwsFailure("SerializationException", fmt::format("{} is no base64", name));
  return *std::move(bytes);
}

AwsResult<std::optional<Members>> Members::object(std::string_view name) const {
  const codec::Json* value = find(name);
  if (!value) return std::optional<Members>();
  if (!value->is_object()) return wrong_type(name);
  return std::optional(Members(value->get_object(), is_cbor_));
}

AwsResult<std::vector<Members>> Members::required_objects(std::string_view name, size_t size_max) const {
  const codec::Json* value = find(name);
  if (!value) return missing(name);
  if (!value->is_array()) return wrong_type(name);
  const codec::JsonArray& array = value->get_array();
  if (array.empty()) return invalid(name, "[]", "Member must have length greater than or equal to 1");
  if (array.size() > size_max) {
    return invalid(name, "[...]", fmt::format("Member must have length less than or equal to {}", size_max));
  }
  std::vector<Members> members;
  members.reserve(array.size());
  for (const codec::Json& item : array) {
    if (!item.is_object()) return wrong_type(name);
    members.emplace_back(item.get_object(), is_cbor_);
  }
  return members;
}

AwsResult<std::vector<std::string>> Members::required_texts(std::string_view name, size_t size_max) const {
  const codec::Json* value = find(name);
  if (!value) return missing(name);
  if (!value->is_array()) return wrong_type(name);
  const codec::JsonArray& array = value->get_array();
  if (array.empty() || array.size() > size_max) {
    return invalid(name, "[...]", fmt::format("Member must have length between 1 and {}", size_max));
  }
  std::vector<std::string> texts;
  for (const codec::Json& item : array) {
    if (!item.is_string()) return wrong_type(name);
    texts.emplace_back(item.get_string());
  }
  return texts;
}

AwsResult<Tags> Members::tags(std::string_view name) const {
  Tags tags;
  const codec::Json* value = find(name);
  if (!value) return tags;
  if (!value->is_object()) return wrong_type(name);
  if (value->get_object().size() > kTagsMax) {
    return AwsFailure("InvalidArgumentException", fmt::format("More than {} tags", kTagsMax));
  }
  for (const auto& tag : value->get_object()) {
    if (!tag.value().is_string()) return wrong_type(name);
    std::string text(tag.value().get_string());
    TRY(check_text("tags.key", tag.key(), {.size_max = 128}));
    TRY(check_text("tags.value", text, {.size_min = 0, .size_max = 256}));
    tags.emplace(std::string(tag.key()), std::move(text));
  }
  return tags;
}

}  // namespace raudal::neighbours::kinesis
