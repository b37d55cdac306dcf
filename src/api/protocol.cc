#include "api/protocol.h"

#include <fmt/core.h>

#include "codec/json.h"

namespace raudal::api {

Result<const Operation*> find_target(const Model& model, std::string_view target) {
  const Operation* operation = nullptr;
  if (target.starts_with(kTargetPrefix)) operation = model.find_operation(target.substr(kTargetPrefix.size()));
  if (operation == nullptr) {
    return Error(ErrorCode::kUnknownOperation,
                 target.empty() ? "The header X-Amz-Target is missing" : fmt::format("Unknown operation: {}", target));
  }
  return operation;
}

ErrorResponse error_response(const Error& error) {
  const ErrorInfo& info = error_info(error.code());
  codec::JsonObject body;
  body["__type"] = info.aws_name;
  body["Message"] = error.message();
  body["message"] = error.message();
  return {.status = info.http_status, .type = std::string(info.aws_name), .body = codec::write_json(body)};
}

}  // namespace raudal::api
