// What Flink's REST API answers to a request that fails: {"errors": ["…"]}.
#pragma once

#include <string>

#include "codec/json.h"

namespace raudal::flinkrest {

inline codec::JsonObject error_response(const std::string& message) {
  return {{"errors", codec::JsonArray{codec::Json(message)}}};
}

}  // namespace raudal::flinkrest
