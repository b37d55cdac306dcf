#include "neighbours/sqs/message_attributes.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/base64.h"
#include "codec/digest.h"

namespace raudal::neighbours::sqs {
namespace {

using codec::JsonObject;
using protocol::AwsFailure;

constexpr size_t kAttributesMax = 10;
constexpr size_t kNameLettersMax = 256;

AwsFailure invalid(std::string message) {
  return AwsFailure("InvalidParameterValueException", std::move(message)).with_query_code("InvalidParameterValue");
}

bool is_binary(std::string_view type) { return type == "Binary" || type.starts_with("Binary."); }

// The bytes of an attribute's value.
std::string value_of(const JsonObject& attribute) {
  if (const auto binary = codec::find_string(attribute, "BinaryValue")) {
    auto bytes = codec::base64_decode(*binary);
    return bytes.ok() ? *std::move(bytes) : std::string();
  }
  return std::string(codec::find_string(attribute, "StringValue").value_or(""));
}

void append_part(std::string& out, std::string_view part) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((part.size() >> shift) & 0xFF);
  out += part;
}

protocol::AwsResult<JsonObject> checked_attribute(std::string_view name, const codec::Json& given) {
  if (!given.is_object()) return invalid(fmt::format("The message attribute '{}' must have a DataType.", name));
  const JsonObject& attribute = given.get_object();
  const std::string_view type = codec::find_string(attribute, "DataType").value_or("");
  const std::string_view base = type.substr(0, type.find('.'));
  if (base != "String" && base != "Number" && base != "Binary") {
    return invalid(
        fmt::format("The message attribute '{}' has an invalid message attribute type, the set of supported "
                    "type prefixes is Binary, Number, and String.",
                    name));
  }
  const char* member = is_binary(type) ? "BinaryValue" : "StringValue";
  const auto value = codec::find_string(attribute, member);
  if (!value || value->empty()) {
    return invalid(
        fmt::format("The message attribute '{}' must contain a non-empty message attribute value for "
                    "message attribute type '{}'.",
                    name, type));
  }
  if (is_binary(type)) {
    TRY(codec::base64_decode(*value));
  } else if (base == "Number" && !parse_double(*value)) {
    return invalid(fmt::format("Can't cast the value of message (user) attribute '{}' to a number.", name));
  } else if (!is_message_text(*value)) {
    return AwsFailure("InvalidMessageContents",
                      fmt::format("The message attribute '{}' holds characters outside the allowed set.", name));
  }
  return JsonObject{{"DataType", type}, {member, *value}};
}

}  // namespace

bool is_message_text(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') return false;
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    if (byte == 0xEF && text.substr(i, 2) == "\xEF\xBF" && i + 2 < text.size() &&
        static_cast<unsigned char>(text[i + 2]) >= 0xBE) {
      return false;
    }
  }
  return true;
}

protocol::AwsResult<JsonObject> checked_attributes(const JsonObject& attributes) {
  if (attributes.size() > kAttributesMax) {
    return invalid(fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].", attributes.size(),
                               kAttributesMax));
  }
  JsonObject out;
  for (const auto& member : attributes) {
    const std::string_view name = member.key();
    const bool is_name = !name.empty() && name.size() <= kNameLettersMax && std::ranges::all_of(name, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    });
    if (!is_name) {
      return invalid(fmt::format("Message (user) attribute name '{}' must be 1 to {} of A-Z a-z 0-9 _ - .", name,
                                 kNameLettersMax));
    }
    out[name] = TRY(checked_attribute(name, member.value()));
  }
  return out;
}

int64_t attribute_bytes(const JsonObject& attributes) {
  size_t bytes = 0;
  for (const auto& member : attributes) {
    const JsonObject& attribute = member.value().get_object();
    bytes += member.key().size() + codec::find_string(attribute, "DataType")->size() + value_of(attribute).size();
  }
  return static_cast<int64_t>(bytes);
}

JsonObject wanted_attributes(const JsonObject& attributes, const codec::JsonArray* wanted) {
  JsonObject out;
  for (const auto& member : attributes) {
    const std::string_view name = member.key();
    const bool is_wanted = wanted && std::ranges::any_of(*wanted, [&](const codec::Json& item) {
                             const std::string_view text =
                                 item.is_string() ? std::string_view(item.get_string()) : std::string_view();
                             if (text == "All" || text == name) return true;
                             return text.ends_with(".*") && name.starts_with(text.substr(0, text.size() - 2));
                           });
    if (is_wanted) out[name] = member.value();
  }
  return out;
}

std::string md5_hex(std::string_view text) { return codec::hex(codec::md5(text)); }

std::string md5_of_attributes(const JsonObject& attributes) {
  if (attributes.empty()) return "";
  std::map<std::string, const JsonObject*> sorted;
  for (const auto& member : attributes) sorted[std::string(member.key())] = &member.value().get_object();
  std::string bytes;
  for (const auto& [name, attribute] : sorted) {
    const std::string_view type = *codec::find_string(*attribute, "DataType");
    append_part(bytes, name);
    append_part(bytes, type);
    bytes += is_binary(type) ? '\2' : '\1';
    append_part(bytes, value_of(*attribute));
  }
  return md5_hex(bytes);
}

}  // namespace raudal::neighbours::sqs
