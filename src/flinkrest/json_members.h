// Reading members of an answer where absence has a default: other releases of Flink leave members out. Included by
// this folder's .cc files alone.
#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"

namespace raudal::flinkrest {

inline std::string text_of(const codec::JsonObject& json, std::string_view key) {
  return std::string(codec::find_string(json, key).value_or(""));
}

inline int64_t int64_of(const codec::JsonObject& json, std::string_view key, int64_t absent = 0) {
  return codec::find_int(json, key).value_or(absent);
}

inline int int_of(const codec::JsonObject& json, std::string_view key, int absent = 0) {
  return static_cast<int>(int64_of(json, key, absent));
}

inline bool bool_of(const codec::JsonObject& json, std::string_view key) {
  return codec::find_bool(json, key).value_or(false);
}

// Calls `read` with each member of an array that is an object; an absent array has none.
template <class Read>
void for_each_object(const codec::JsonObject& json, std::string_view key, const Read& read) {
  const codec::JsonArray* array = codec::find_array(json, key);
  if (!array) return;
  for (const codec::Json& each : *array) {
    if (const codec::JsonObject* object = each.if_object()) read(*object);
  }
}

}  // namespace raudal::flinkrest
