#include <algorithm>

#include "codec/json.h"
#include "engine/flink_rest_client.h"
#include "engine/flink_rest_connection.h"

namespace raudal::engine {
namespace {

bool has_ended(JobState state) {
  return state == JobState::kFailed || state == JobState::kCancelled || state == JobState::kFinished;
}

// What stands for all: as long as one works, the state of the one that is worst off; then the worst end.
JobState common_state(const std::vector<JobDetails>& jobs) {
  constexpr JobState kWorstFirst[] = {
      JobState::kSuspended,  JobState::kFailing, JobState::kRestarting, JobState::kInitializing, JobState::kCreated,
      JobState::kCancelling, JobState::kRunning, JobState::kFailed,     JobState::kCancelled,    JobState::kFinished};
  const auto any = [&](JobState state) {
    return std::ranges::any_of(jobs, [&](const JobDetails& job) { return job.state == state; });
  };
  if (any(JobState::kFailed)) return JobState::kFailed;
  return *std::ranges::find_if(kWorstFirst, any);
}

class ManyJobsClient final : public JobClient {
 public:
  explicit ManyJobsClient(RestEndpoint endpoint) : endpoint_(endpoint), connection_(std::move(endpoint)) {}

  Result<JobDetails> details() override {
    std::vector<JobDetails> jobs;
    for (const auto& job : TRY(all_jobs())) jobs.push_back(TRY(job->details()));
    JobDetails common = jobs.front();
    common.state = common_state(jobs);
    common.vertices.clear();
    for (const JobDetails& job : jobs) {
      common.start_time_ms = std::min(common.start_time_ms, job.start_time_ms);
      common.vertices.insert(common.vertices.end(), job.vertices.begin(), job.vertices.end());
    }
    return common;
  }

  Result<CheckpointSummary> checkpoints() override {
    CheckpointSummary common;
    for (const auto& job : TRY(all_jobs())) {
      const CheckpointSummary one = TRY(job->checkpoints());
      common.completed += one.completed;
      common.failed += one.failed;
      common.restored += one.restored;
      if (one.latest_completed_time_ms > common.latest_completed_time_ms) {
        common.latest_completed_id = one.latest_completed_id;
        common.latest_completed_time_ms = one.latest_completed_time_ms;
      }
    }
    return common;
  }

  Result<std::string> exceptions() override {
    for (const auto& job : TRY(all_jobs())) {
      std::string cause = TRY(job->exceptions());
      if (!cause.empty()) return cause;
    }
    return std::string();
  }

  Status trigger_savepoint(const SavepointRequest&) override { return no_savepoints(); }
  Result<SavepointStatus> savepoint_status(const std::string&) override { return no_savepoints(); }

  Status cancel() override {
    for (const auto& job : TRY(all_jobs())) {
      if (!has_ended(TRY(job->details()).state)) TRY(job->cancel());
    }
    return {};
  }

 private:
  static Error no_savepoints() {
    return Error(ErrorCode::kInvalidRequest, "A program of many jobs has no common savepoint");
  }

  // At least one; kEngine while there is none.
  Result<std::vector<std::unique_ptr<JobClient>>> all_jobs() {
    const codec::JsonObject answer = TRY(connection_.call({.target = "/jobs"}));
    std::vector<std::unique_ptr<JobClient>> jobs;
    const codec::JsonArray* list = codec::find_array(answer, "jobs");
    if (list == nullptr) return Error(ErrorCode::kEngine, "The engine answered nonsense: no list of jobs");
    for (const codec::Json& each : *list) {
      const auto id = each.is_object() ? codec::find_string(each.get_object(), "id") : std::nullopt;
      if (id) jobs.push_back(flink_rest_client(endpoint_, std::string(*id)));
    }
    if (jobs.empty()) return Error(ErrorCode::kEngine, "The program has started no job yet");
    return jobs;
  }

  const RestEndpoint endpoint_;
  FlinkRestConnection connection_;
};

}  // namespace

std::unique_ptr<JobClient> many_jobs_client(RestEndpoint endpoint) {
  return std::make_unique<ManyJobsClient>(std::move(endpoint));
}

}  // namespace raudal::engine
