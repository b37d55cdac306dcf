#include "engine/flink_rest_client.h"

#include <array>
#include <utility>

#include "codec/json.h"
#include "engine/flink_rest_connection.h"
#include "flinkrest/checkpoints.h"
#include "flinkrest/job_details.h"
#include "flinkrest/job_exceptions.h"
#include "flinkrest/savepoints.h"

namespace raudal::engine {
namespace {

constexpr std::array<std::pair<std::string_view, JobState>, 11> kJobStates = {{
    {"INITIALIZING", JobState::kInitializing},
    {"CREATED", JobState::kCreated},
    {"RUNNING", JobState::kRunning},
    {"RESTARTING", JobState::kRestarting},
    {"FAILING", JobState::kFailing},
    {"FAILED", JobState::kFailed},
    {"CANCELLING", JobState::kCancelling},
    {"CANCELED", JobState::kCancelled},
    {"FINISHED", JobState::kFinished},
    {"SUSPENDED", JobState::kSuspended},
    {"RECONCILING", JobState::kInitializing},
}};

Result<JobState> job_state_of(std::string_view text) {
  for (const auto& [name, state] : kJobStates) {
    if (name == text) return state;
  }
  return Error(ErrorCode::kEngine, "The engine answered an unknown job state: " + std::string(text));
}

class FlinkRestClient final : public JobClient {
 public:
  FlinkRestClient(RestEndpoint endpoint, std::string job_id)
      : connection_(std::move(endpoint)), job_("/jobs/" + job_id) {}

  Result<JobDetails> details() override {
    const auto answer = TRY(flinkrest::job_details_from_json(TRY(call({.target = job_}))));
    JobDetails details{.job_id = answer.id,
                       .name = answer.name,
                       .state = TRY(job_state_of(answer.state)),
                       .start_time_ms = answer.start_time_ms,
                       .plan = answer.plan.is_object() ? codec::write_json(answer.plan) : ""};
    for (const flinkrest::JobVertex& vertex : answer.vertices) {
      details.vertices.push_back({.id = vertex.id,
                                  .name = vertex.name,
                                  .parallelism = vertex.parallelism,
                                  .status = vertex.status,
                                  .read_records = vertex.metrics.read_records,
                                  .write_records = vertex.metrics.write_records});
    }
    return details;
  }

  Result<CheckpointSummary> checkpoints() override {
    const auto answer = flinkrest::checkpoints_from_json(TRY(call({.target = job_ + "/checkpoints"})));
    CheckpointSummary summary{.completed = answer.completed, .failed = answer.failed, .restored = answer.restored};
    if (answer.latest_completed) {
      summary.latest_completed_id = answer.latest_completed->id;
      summary.latest_completed_time_ms = answer.latest_completed->latest_ack_ms;
    }
    return summary;
  }

  Result<std::string> exceptions() override {
    const auto answer = flinkrest::job_exceptions_from_json(TRY(call({.target = job_ + "/exceptions"})));
    return answer.entries.empty() ? std::string() : flinkrest::summarize_stack_trace(answer.entries.front().message);
  }

  Status trigger_savepoint(const SavepointRequest& request) override {
    const flinkrest::SavepointTrigger trigger{
        .target_directory = request.target_directory, .trigger_id = request.trigger_id, .drain = request.drain};
    const auto answer =
        TRY(call({.method = "POST",
                  .target = job_ + (request.stop ? "/stop" : "/savepoints"),
                  .headers = {{"content-type", "application/json"}},
                  .body = codec::write_json(request.stop ? flinkrest::stop_trigger_to_json(trigger)
                                                         : flinkrest::savepoint_trigger_to_json(trigger))}));
    if (codec::find_string(answer, "request-id") == request.trigger_id) return {};
    return Error(ErrorCode::kEngine, "The engine answered nonsense: it does not say that it makes the savepoint");
  }

  Result<SavepointStatus> savepoint_status(const std::string& trigger_id) override {
    const auto answer = flinkrest::savepoint_info_from_json(TRY(call({.target = job_ + "/savepoints/" + trigger_id})));
    if (!answer.ok()) return Error(ErrorCode::kEngine, "The engine answered nonsense: " + answer.error().message());
    SavepointStatus status{.completed = answer->completed && answer->failure.empty(), .location = answer->location};
    if (!answer->failure.empty()) status.failure = flinkrest::summarize_stack_trace(answer->failure);
    return status;
  }

  Status cancel() override {
    TRY(call({.method = "PATCH", .target = job_ + "?mode=cancel"}));
    return {};
  }

 private:
  Result<codec::JsonObject> call(const net::HttpCall& request) { return connection_.call(request); }

  FlinkRestConnection connection_;
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
