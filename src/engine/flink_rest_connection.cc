#include "engine/flink_rest_connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "engine/run_directory.h"
#include "flinkrest/error_response.h"
#include "flinkrest/job_exceptions.h"

namespace raudal::engine {
namespace {

int open_directory(const std::string& path) {
  return path.empty() ? -1 : ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

std::string socket_path(const std::string& folder, int directory) {
  if (folder.empty()) return "";
  // A folder that is not there has no server, which whoever connects will be told.
  if (directory < 0) return join_path(folder, kRestSocket);
  return "/proc/self/fd/" + std::to_string(directory) + "/" + kRestSocket;
}

// Only what comes in Flink's form says that the engine has decided: anything else may come from between.
Error refusal(const net::HttpCall& request, const Result<codec::JsonObject>& body, const net::HttpResponse& response) {
  const auto words = body.ok() ? flinkrest::error_of_response(*body) : std::nullopt;
  if (!words) {
    return Error(ErrorCode::kEngine, "The engine answered nonsense: status " + std::to_string(response.status) + ", " +
                                         response.body.substr(0, 500));
  }
  ErrorCode code = ErrorCode::kEngine;
  if (response.status == 404) code = ErrorCode::kNotFound;
  if (response.status == 503) code = ErrorCode::kServiceUnavailable;  // a JobManager that is not ready
  if (response.status < 500 && response.status != 404) code = ErrorCode::kInvalidRequest;
  return Error(code, "The engine refused " + request.method + " " + request.target + ": " +
                         flinkrest::summarize_stack_trace(*words));
}

}  // namespace

FlinkRestConnection::FlinkRestConnection(RestEndpoint endpoint)
    : directory_(open_directory(endpoint.unix_directory)),
      http_({.base_url = endpoint.base_url.empty() ? "http://localhost" : endpoint.base_url,
             .unix_path = socket_path(endpoint.unix_directory, directory_),
             .timeout_ms = endpoint.timeout_ms}) {}

FlinkRestConnection::~FlinkRestConnection() {
  if (directory_ >= 0) ::close(directory_);
}

Result<codec::JsonObject> FlinkRestConnection::call(const net::HttpCall& request) {
  Result<net::HttpResponse> response = http_.send(request);
  if (!response.ok()) {
    const ErrorCode code = response.error().code() == ErrorCode::kTimeout ? ErrorCode::kTimeout : ErrorCode::kEngine;
    return Error(code, "The engine does not answer: " + response.error().message());
  }
  Result<codec::JsonObject> body =
      response->body.empty() ? codec::JsonObject() : codec::parse_json_object(response->body);
  if (response->status >= 400) return refusal(request, body, *response);
  if (!body.ok()) return Error(ErrorCode::kEngine, "The engine answered nonsense: " + body.error().message());
  return body;
}

}  // namespace raudal::engine
