// What Flink's REST API answers to a request that fails: {"errors": ["…"]}.
#pragma once

#include <optional>
#include <string>

#include "codec/json.h"

namespace raudal::flinkrest {

inline codec::JsonObject error_response(const std::string& message) {
  return {{"errors", codec::JsonArray{codec::Json(message)}}};
}

// The first message of such an answer, if it is one.
inline std::optional<std::string> error_of_response(const codec::JsonObject& json) {
  const codec::JsonArray* errors = codec::find_array(json, "errors");
  if (!errors || errors->empty() || !errors->front().is_string()) return std::nullopt;
  return std::string(errors->front().get_string());
}

}  // namespace raudal::flinkrest
