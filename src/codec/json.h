// JSON for API and REST bodies, over Boost.JSON (the data path has its own reader in formats/json). Parsing is
// strict, limited in size and depth, and says at which byte it failed. Objects keep the order of their members.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace raudal::codec {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

struct JsonLimits {
  size_t bytes_max = 16 << 20;
  int depth_max = 64;
};

// kSerialization: "Malformed JSON, <reason> at byte <offset>".
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});
// The same, and the text must be an object.
Result<JsonObject> parse_json_object(std::string_view text, const JsonLimits& limits = {});

// Compact text. Doubles in their shortest form that reads back equal ("1.5", "2.0"); NaN and infinities as null.
std::string write_json(const Json& value);
// Indented by two blanks, for people and for files that people read.
std::string write_json_pretty(const Json& value);
// A string literal with its quotes.
std::string json_quote(std::string_view text);

// Members of an object: empty when the member is absent, null or of another type.
std::optional<std::string_view> find_string(const JsonObject& object, std::string_view key);
std::optional<int64_t> find_int(const JsonObject& object, std::string_view key);
std::optional<double> find_double(const JsonObject& object, std::string_view key);  // integers too
std::optional<bool> find_bool(const JsonObject& object, std::string_view key);
const JsonObject* find_object(const JsonObject& object, std::string_view key);
const JsonArray* find_array(const JsonObject& object, std::string_view key);

// The same, where absence is an error: kSerialization "Member is missing or not a string: key".
Result<std::string> require_string(const JsonObject& object, std::string_view key);
Result<int64_t> require_int(const JsonObject& object, std::string_view key);
Result<bool> require_bool(const JsonObject& object, std::string_view key);
Result<const JsonObject*> require_object(const JsonObject& object, std::string_view key);
Result<const JsonArray*> require_array(const JsonObject& object, std::string_view key);

}  // namespace raudal::codec
