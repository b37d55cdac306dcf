// What Flink's REST API answers to a request that fails: {"errors": ["…"]}.
#pragma once

#include <optional>
#include <string>

#include "codec/json.h"

namespace raudal::flinkrest {

inline codec::JsonObject error_response(const std::string& message) {
  return {{"errors", codec::JsonArray{codec::Json(message)}}};
}

// The message of such an answer, if it is one. Flink adds the stack trace as a second one after a few general words.
inline std::optional<std::string> error_of_response(const codec::JsonObject& json) {
  constexpr std::string_view kTrace = "<Exception on server side:\n";
  const codec::JsonArray* errors = codec::find_array(json, "errors");
  if (!errors || errors->empty() || !errors->back().is_string()) return std::nullopt;
  const std::string_view message = errors->back().get_string();
  return std::string(message.starts_with(kTrace) ? message.substr(kTrace.size()) : message);
}

}  // namespace raudal::flinkrest
