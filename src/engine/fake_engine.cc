#include "engine/fake_engine.h"

#include <algorithm>

namespace raudal::engine {
namespace {

constexpr char kManifest[] = "MANIFEST";

Error no_answer() { return Error(ErrorCode::kEngine, "The worker does not answer"); }

}  // namespace

// Answers for one run from the engine's memory.
class FakeJobClient final : public JobClient {
 public:
  FakeJobClient(FakeEngine& engine, std::string directory) : engine_(engine), directory_(std::move(directory)) {}

  Result<JobDetails> details() override {
    std::lock_guard lock(engine_.mutex_);
    const FakeEngine::Run* run = living();
    if (run == nullptr) return no_answer();
    return JobDetails{
        .job_id = "fake",
        .name = "fake",
        .state = run->state,
        .start_time_ms = 1,
        .plan = R"({"jid":"fake","nodes":[]})",
        .vertices = {{.id = "v1", .name = "Source", .parallelism = run->parallelism, .status = "RUNNING"}}};
  }

  Result<CheckpointSummary> checkpoints() override {
    std::lock_guard lock(engine_.mutex_);
    const FakeEngine::Run* run = living();
    if (run == nullptr) return no_answer();
    CheckpointSummary summary{.completed = run->num_checkpoints};
    if (run->num_checkpoints > 0) summary.latest_completed_id = run->num_checkpoints;
    return summary;
  }

  Result<std::string> exceptions() override { return std::string("scripted failure"); }

  Status trigger_savepoint(const SavepointRequest& request) override {
    std::lock_guard lock(engine_.mutex_);
    FakeEngine::Run* run = living();
    if (run == nullptr) return no_answer();
    if (engine_.refuse_triggers_) return Error(ErrorCode::kInvalidRequest, "scripted refusal");
    run->savepoints.emplace(request.trigger_id, request);
    engine_.triggered_.insert(request.trigger_id);
    if (engine_.replies_to_lose_ > 0) {
      --engine_.replies_to_lose_;
      return Error(ErrorCode::kTimeout, "The reply was lost");
    }
    return {};
  }

  Result<SavepointStatus> savepoint_status(const std::string& trigger_id) override {
    std::lock_guard lock(engine_.mutex_);
    FakeEngine::Run* run = living();
    if (run == nullptr) return no_answer();
    const auto found = run->savepoints.find(trigger_id);
    if (found == run->savepoints.end()) return Error(ErrorCode::kNotFound, "Unknown trigger: " + trigger_id);
    if (engine_.fail_savepoints_) return SavepointStatus{.failure = "scripted failure"};
    if (engine_.hold_savepoints_) return SavepointStatus{};
    TRY(engine_.write_savepoint(found->second));
    if (found->second.stop) run->state = JobState::kFinished;
    return SavepointStatus{.completed = true, .location = found->second.target_directory};
  }

  Status cancel() override {
    std::lock_guard lock(engine_.mutex_);
    FakeEngine::Run* run = living();
    if (run == nullptr) return no_answer();
    run->state = JobState::kCancelled;
    return {};
  }

 private:
  FakeEngine::Run* living() {
    FakeEngine::Run& run = engine_.runs_[directory_];
    return run.alive && !run.hanging ? &run : nullptr;
  }

  FakeEngine& engine_;
  const std::string directory_;
};

void FakeEngine::fail_next_starts(int count, Error error) {
  std::lock_guard lock(mutex_);
  start_errors_.assign(count, error);
}

void FakeEngine::hold_starts(bool hold) {
  std::lock_guard lock(mutex_);
  hold_starts_ = hold;
  changed_.notify_all();
}

void FakeEngine::say_while_starting(std::string text) {
  std::lock_guard lock(mutex_);
  progress_ = std::move(text);
}

void FakeEngine::fail_savepoints(bool fail) {
  std::lock_guard lock(mutex_);
  fail_savepoints_ = fail;
}

void FakeEngine::hold_savepoints(bool hold) {
  std::lock_guard lock(mutex_);
  hold_savepoints_ = hold;
}

void FakeEngine::lose_next_replies(int count) {
  std::lock_guard lock(mutex_);
  replies_to_lose_ = count;
}

void FakeEngine::refuse_triggers(bool refuse) {
  std::lock_guard lock(mutex_);
  refuse_triggers_ = refuse;
}

void FakeEngine::forget_triggers(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  runs_[run_directory].savepoints.clear();
}

void FakeEngine::write_held_savepoints(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  for (const auto& [id, request] : runs_[run_directory].savepoints) CHECK(write_savepoint(request).ok());
}

void FakeEngine::fail_verifications(std::optional<Error> error) {
  std::lock_guard lock(mutex_);
  verify_error_ = std::move(error);
}

int FakeEngine::num_verifications() {
  std::lock_guard lock(mutex_);
  return num_verifications_;
}

void FakeEngine::die(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  Run& run = runs_[run_directory];
  run.alive = false;
  run.savepoints.clear();
}

void FakeEngine::hang(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  runs_[run_directory].hanging = true;
}

void FakeEngine::set_state(const std::string& run_directory, JobState state) {
  std::lock_guard lock(mutex_);
  runs_[run_directory].state = state;
}

void FakeEngine::complete_checkpoint(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  ++runs_[run_directory].num_checkpoints;
}

void FakeEngine::allow_rescaling(bool allow) {
  std::lock_guard lock(mutex_);
  allow_rescaling_ = allow;
}

void FakeEngine::hold_rescaling(bool hold) {
  std::lock_guard lock(mutex_);
  hold_rescaling_ = hold;
}

int FakeEngine::num_rescalings() {
  std::lock_guard lock(mutex_);
  return num_rescalings_;
}

std::vector<LaunchFile> FakeEngine::launches(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  return runs_[run_directory].launches;
}

int FakeEngine::num_kills(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  return runs_[run_directory].num_kills;
}

int FakeEngine::num_living() {
  std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(runs_.begin(), runs_.end(), [](const auto& run) { return run.second.alive; }));
}

int FakeEngine::num_triggered_savepoints() {
  std::lock_guard lock(mutex_);
  return static_cast<int>(triggered_.size());
}

void FakeEngine::fail_checks(std::optional<Error> error) {
  std::lock_guard lock(mutex_);
  check_error_ = std::move(error);
}

Status FakeEngine::check(const std::string&) {
  std::lock_guard lock(mutex_);
  return check_error_ ? Status(*check_error_) : Status();
}

Status FakeEngine::start(const std::string& run_directory, const Progress& progress) {
  const LaunchFile launch = TRY(read_launch_file(fs_, run_directory));
  std::unique_lock lock(mutex_);
  Run& run = runs_[run_directory];
  run.launches.push_back(launch);
  run.parallelism = launch.parallelism;
  const int kills_before = run.num_kills;
  run.alive = true;
  run.hanging = false;
  run.state = JobState::kInitializing;
  run.savepoints.clear();
  if (progress && !progress_.empty()) {
    lock.unlock();  // whoever hears of it may ask the engine
    progress(progress_);
    lock.lock();
  }
  changed_.wait(lock, [&] { return !hold_starts_ || run.num_kills != kills_before; });
  if (run.num_kills != kills_before) {
    run.alive = false;
    return Error(ErrorCode::kEngine, "The worker was killed while it started");
  }
  if (!start_errors_.empty()) {
    Error error = std::move(start_errors_.back());
    start_errors_.pop_back();
    run.alive = false;
    return error;
  }
  run.state = JobState::kRunning;
  return {};
}

Result<bool> FakeEngine::alive(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  return runs_[run_directory].alive;
}

std::optional<ExitReport> FakeEngine::exit_report(const std::string&) { return std::nullopt; }

Status FakeEngine::kill(const std::string& run_directory) {
  std::lock_guard lock(mutex_);
  Run& run = runs_[run_directory];
  if (run.alive) ++run.num_kills;
  run.alive = false;
  changed_.notify_all();
  return {};
}

std::unique_ptr<JobClient> FakeEngine::job(const std::string& run_directory) {
  return std::make_unique<FakeJobClient>(*this, run_directory);
}

Status FakeEngine::check_rescale(const std::string& run_directory, int parallelism) {
  std::lock_guard lock(mutex_);
  if (!allow_rescaling_) return Engine::check_rescale(run_directory, parallelism);
  return runs_[run_directory].alive ? Status() : Status(no_answer());
}

Result<bool> FakeEngine::rescale(const std::string& run_directory, int parallelism) {
  std::lock_guard lock(mutex_);
  Run& run = runs_[run_directory];
  if (!run.alive) return no_answer();
  if (run.parallelism == parallelism) return true;
  ++num_rescalings_;
  if (!hold_rescaling_) run.parallelism = parallelism;
  return false;
}

Result<int64_t> FakeEngine::verify_savepoint(const std::string& savepoint_directory) {
  {
    std::lock_guard lock(mutex_);
    ++num_verifications_;
    if (verify_error_) return *verify_error_;
  }
  const std::string manifest = TRY(read_file(fs_, join_path(savepoint_directory, kManifest)));
  return static_cast<int64_t>(manifest.size());
}

Status FakeEngine::write_savepoint(const SavepointRequest& request) {
  TRY(fs_.make_directories(request.target_directory));
  return write_file_durably(fs_, join_path(request.target_directory, kManifest), request.trigger_id);
}

}  // namespace raudal::engine
