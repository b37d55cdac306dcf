// The control plane as one object: requests of the AWS API in, responses out; below it store and lifecycle. The
// path of a request: target → operation → validated request → action → transaction → answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "control/lifecycle/context.h"
#include "engine/engine.h"
#include "obs/log.h"

namespace raudal::control {

// One call of the API, its signature verified.
struct ApiCall {
  std::string target;  // X-Amz-Target
  std::string body;
  std::string access_key;
  std::string request_id;
  std::string host;  // the header Host: where the caller reaches the service
  bool over_tls = false;
};

// What goes back to the client.
struct ApiResponse {
  int status = 200;
  std::string error_type;  // header x-amzn-errortype; empty: success
  std::string body;
};

ApiResponse error_response(const Error& error);

// Where the dashboard of a running application is to be had from.
struct DashboardTarget {
  std::string run_directory;   // its rest.sock, where the next member is empty
  std::string remote_address;  // "http://host:8081": a session cluster's
};

// Made once by `raudal serve`; stop() must be called before it goes.
class ControlPlane {
 public:
  // What it is given must outlive it. kMetadata when the store cannot be used.
  static Result<std::unique_ptr<ControlPlane>> open(Fs& fs, const Clock& clock, engine::Engine& engine,
                                                    lifecycle::ObjectSource& objects, const obs::Logger& log,
                                                    lifecycle::LifecycleOptions options);
  virtual ~ControlPlane() = default;

  // Takes up what a former control plane left behind. Requests may be handled before.
  virtual Status start() = 0;
  // Leaves applications running. False: a thread still waits for the engine, so the process must end at once.
  virtual bool stop(int64_t timeout_ms) = 0;

  virtual ApiResponse handle(const ApiCall& call) = 0;  // any thread

  // Whose dashboard a URL of CreateApplicationPresignedUrl shows: its path is actions::kDashboardPath, this token, "/"
  // and the path of Flink's REST API. kAccessDenied: HTTP 403. kResourceInUse while the application does not run.
  virtual Result<DashboardTarget> dashboard(std::string_view token) = 0;  // any thread
};

}  // namespace raudal::control
