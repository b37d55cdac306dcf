// AWS JSON 1.1 without HTTP: which operation a target names, and what an error looks like on the wire.
#pragma once

#include <string>
#include <string_view>

#include "api/model.h"
#include "base/result.h"

namespace raudal::api {

inline constexpr std::string_view kTargetPrefix = "KinesisAnalytics_20180523.";
inline constexpr std::string_view kContentType = "application/x-amz-json-1.1";

// The operation of an X-Amz-Target. kUnknownOperation for any other text, targets of the v1 service among them.
Result<const Operation*> find_target(const Model& model, std::string_view target);

// An error as the response carries it.
struct ErrorResponse {
  int status = 400;
  std::string type;  // of header x-amzn-errortype and member __type
  std::string body;  // both spellings of the message, since SDKs differ in which they read
};
ErrorResponse error_response(const Error& error);

}  // namespace raudal::api
