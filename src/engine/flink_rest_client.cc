#include "engine/flink_rest_client.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include <boost/json.hpp>

#include "codec/json.h"
#include "net/http_client.h"

namespace raudal::engine {
namespace {

constexpr std::array<std::pair<std::string_view, JobState>, 10> kJobStates = {{
    {"INITIALIZING", JobState::kInitializing}, {"CREATED", JobState::kCreated}, {"RUNNING", JobState::kRunning},
    {"RESTARTING", JobState::kRestarting}, {"FAILING", JobState::kFailing}, {"FAILED", JobState::kFailed},
    {"CANCELLING", JobState::kCancelling}, {"CANCELED", JobState::kCancelled}, {"FINISHED", JobState::kFinished},
    {"SUSPENDED", JobState::kSuspended},
}};

Result<JobState> job_state_of(std::string_view text) {
  for (const auto& [name, state] : kJobStates) {
    if (name == text) return state;
  }
  return Error(ErrorCode::kEngine, "The engine answered an unknown job state: " + std::string(text));
}

// Opens a folder so that a socket in it has a short path, whatever the folder's own length.
class DirectoryHandle {
 public:
  explicit DirectoryHandle(const std::string& path)
      : fd_(path.empty() ? -1 : ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  ~DirectoryHandle() {
    if (fd_ >= 0) ::close(fd_);
  }
  DirectoryHandle(const DirectoryHandle&) = delete;
  std::string path_of(const std::string& name) const {
    return fd_ < 0 ? "" : "/proc/self/fd/" + std::to_string(fd_) + "/" + name;
  }

 private:
  int fd_;
};

class FlinkRestClient final : public JobClient {
 public:
  FlinkRestClient(RestEndpoint endpoint, std::string job_id)
      : directory_(endpoint.unix_directory),
        http_({.base_url = endpoint.base_url.empty() ? "http://localhost" : endpoint.base_url,
               .unix_path = directory_.path_of(kRestSocket),
               .timeout_ms = endpoint.timeout_ms}),
        job_("/jobs/" + job_id) {}

  Result<JobDetails> details() override {
    const codec::JsonObject body = TRY(call({.target = job_}));
    JobDetails details;
    details.job_id = TRY(codec::require_string(body, "jid"));
    details.name = TRY(codec::require_string(body, "name"));
    details.state = TRY(job_state_of(TRY(codec::require_string(body, "state"))));
    details.start_time_ms = codec::find_int(body, "start-time").value_or(0);
    const codec::JsonArray* vertices = codec::find_array(body, "vertices");
    for (size_t i = 0; vertices && i < vertices->size(); ++i) {
      const codec::JsonObject* vertex = (*vertices)[i].if_object();
      if (!vertex) continue;
      VertexDetails entry;
      entry.id = codec::find_string(*vertex, "id").value_or("");
      entry.name = codec::find_string(*vertex, "name").value_or("");
      entry.parallelism = static_cast<int>(codec::find_int(*vertex, "parallelism").value_or(0));
      entry.status = codec::find_string(*vertex, "status").value_or("");
      if (const codec::JsonObject* metrics = codec::find_object(*vertex, "metrics")) {
        entry.read_records = codec::find_int(*metrics, "read-records").value_or(0);
        entry.write_records = codec::find_int(*metrics, "write-records").value_or(0);
      }
      details.vertices.push_back(std::move(entry));
    }
    return details;
  }

  Result<CheckpointSummary> checkpoints() override {
    const codec::JsonObject body = TRY(call({.target = job_ + "/checkpoints"}));
    CheckpointSummary summary;
    if (const codec::JsonObject* counts = codec::find_object(body, "counts")) {
      summary.completed = codec::find_int(*counts, "completed").value_or(0);
      summary.failed = codec::find_int(*counts, "failed").value_or(0);
      summary.restored = codec::find_int(*counts, "restored").value_or(0);
    }
    const codec::JsonObject* latest = codec::find_object(body, "latest");
    if (const codec::JsonObject* completed = latest ? codec::find_object(*latest, "completed") : nullptr) {
      summary.latest_completed_id = codec::find_int(*completed, "id");
      summary.latest_completed_time_ms = codec::find_int(*completed, "latest_ack_timestamp");
    }
    return summary;
  }

  Result<std::string> exceptions() override {
    const codec::JsonObject body = TRY(call({.target = job_ + "/exceptions"}));
    if (const auto root = codec::find_string(body, "root-exception")) return std::string(*root);
    const codec::JsonObject* history = codec::find_object(body, "exceptionHistory");
    const codec::JsonArray* entries = history ? codec::find_array(*history, "entries") : nullptr;
    if (!entries || entries->empty() || !entries->front().is_object()) return std::string();
    return std::string(codec::find_string(entries->front().get_object(), "stacktrace").value_or(""));
  }

  Status trigger_savepoint(const SavepointRequest& request) override {
    codec::JsonObject body = {{"triggerId", request.trigger_id}, {"formatType", "CANONICAL"}};
    if (request.stop) {
      body["targetDirectory"] = request.target_directory;
      body["drain"] = request.drain;
    } else {
      body["target-directory"] = request.target_directory;
      body["cancel-job"] = false;
    }
    TRY(call({.method = "POST",
              .target = job_ + (request.stop ? "/stop" : "/savepoints"),
              .headers = {{"content-type", "application/json"}},
              .body = codec::write_json(body)}));
    return {};
  }

  Result<SavepointStatus> savepoint_status(const std::string& trigger_id) override {
    const codec::JsonObject body = TRY(call({.target = job_ + "/savepoints/" + trigger_id}));
    SavepointStatus status;
    const codec::JsonObject* state = codec::find_object(body, "status");
    status.completed = state && codec::find_string(*state, "id") == "COMPLETED";
    const codec::JsonObject* operation = codec::find_object(body, "operation");
    if (!status.completed || !operation) return status;
    status.location = codec::find_string(*operation, "location").value_or("");
    if (const codec::JsonObject* cause = codec::find_object(*operation, "failure-cause")) {
      status.completed = false;
      status.failure = codec::find_string(*cause, "stack-trace").value_or("no cause was given");
    }
    return status;
  }

  Status cancel() override {
    TRY(call({.method = "PATCH", .target = job_ + "?mode=cancel"}));
    return {};
  }

 private:
  Result<codec::JsonObject> call(net::HttpCall request) {
    Result<net::HttpResponse> response = http_.send(request);
    if (!response.ok()) {
      const ErrorCode code = response.error().code() == ErrorCode::kTimeout ? ErrorCode::kTimeout : ErrorCode::kEngine;
      return Error(code, "The engine does not answer: " + response.error().message());
    }
    Result<codec::JsonObject> body =
        response->body.empty() ? codec::JsonObject() : codec::parse_json_object(response->body);
    if (response->status >= 400) {
      return Error(response->status == 404 ? ErrorCode::kNotFound : ErrorCode::kEngine,
                   "The engine refused " + request.method + " " + request.target + ": " + errors_of(body, *response));
    }
    if (!body.ok()) return Error(ErrorCode::kEngine, "The engine answered nonsense: " + body.error().message());
    return body;
  }

  static std::string errors_of(const Result<codec::JsonObject>& body, const net::HttpResponse& response) {
    const codec::JsonArray* errors = body.ok() ? codec::find_array(*body, "errors") : nullptr;
    if (!errors || errors->empty() || !errors->front().is_string()) return response.body.substr(0, 500);
    return std::string(errors->front().get_string());
  }

  DirectoryHandle directory_;
  net::HttpClient http_;
  const std::string job_;
};

}  // namespace

std::string_view to_string(JobState state) {
  for (const auto& [name, value] : kJobStates) {
    if (value == state) return name;
  }
  return "UNKNOWN";
}

std::unique_ptr<JobClient> flink_rest_client(RestEndpoint endpoint, std::string job_id) {
  return std::make_unique<FlinkRestClient>(std::move(endpoint), std::move(job_id));
}

}  // namespace raudal::engine
