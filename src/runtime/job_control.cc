#include "runtime/job_control.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/failpoint.h"
#include "base/str.h"
#include "obs/metric_names.h"

namespace raudal::runtime {
namespace {

constexpr int64_t kTickNs = 1'000'000'000;
constexpr int64_t kFinalRetryNs = 1'000'000'000;

// Failures that the next attempt would meet again.
bool is_lasting(ErrorCode code) {
  switch (code) {
    case ErrorCode::kFenced:
    case ErrorCode::kStateIncompatible:
    case ErrorCode::kSqlUnsupported:
    case ErrorCode::kSqlValidation:
    case ErrorCode::kSqlOption:
    case ErrorCode::kUnsupportedOperation: return true;
    default: return false;
  }
}

// Failures of a job that never ran that are worth more as an answer to whoever starts it than as a loop of restarts.
bool is_lasting_at_start(ErrorCode code) { return code == ErrorCode::kSourceMissing || code == ErrorCode::kCorrupt; }

int64_t sequence_of(const state::Manifest& manifest) {
  const auto kept = manifest.properties.find(property::kSequence);
  if (kept == manifest.properties.end()) return 0;
  return parse_int(kept->second).value_or(0);
}

}  // namespace

JobControl::JobControl(const JobConfig& config, const OpenedTables& tables, const TaskPlan& plan, JobMetrics& metrics,
                       JobRecord& record, JobEventQueue& events)
    : config_(config),
      tables_(tables),
      plan_(plan),
      metrics_(metrics),
      record_(record),
      events_(events),
      memory_(config.memory_bytes_max),
      restart_(config.restart) {
  if (!config.checkpoints.directory.empty()) log_.emplace(*config.environment.fs, config.checkpoints.directory);
  coordinator_.emplace(CoordinatorContext{.config = &config_,
                                          .tables = &tables_,
                                          .plan = &plan_,
                                          .metrics = &metrics_,
                                          .record = &record_,
                                          .log = log_ ? &*log_ : nullptr});
}

JobControl::~JobControl() {
  record_.ask_cancel();
  events_.push({0, Asked{}});
  if (thread_.joinable()) thread_.join();
}

void JobControl::start() {
  thread_ = std::thread([this] { run(); });
}

Status JobControl::prepare() {
  // What cannot be built is said to whoever starts the job, before anything of its run is touched.
  for (size_t n = 0; n < config_.graph.nodes.size(); ++n) {
    if (is_built_in(config_.graph.nodes[n].spec)) continue;
    TRY(config_.make_operator(config_.graph, static_cast<int>(n)));
  }
  TRY(claim_and_look());
  if (!restore_point_) return {};
  if (!over()) {
    TRY(match_operators(config_.graph, *restore_point_, config_.max_parallelism, config_.allow_non_restored_state));
  }
  return {};
}

// Takes the log over, and finds what is newest: a checkpoint of the run, else the savepoint that it was started from.
Status JobControl::claim_and_look() {
  restore_point_.reset();
  if (log_) {
    TRY(log_->claim(config_.identity));
    std::vector<std::string> warnings;
    Result<std::optional<state::Manifest>> newest = log_->newest(&warnings);
    for (const std::string& warning : warnings) config_.log->warn(warning);
    if (!newest.ok()) return std::move(newest).error();
    if (*newest) {
      restore_point_ = RestorePoint{std::move(**newest), config_.checkpoints.directory};
      return {};
    }
  }
  if (config_.restore_path.empty()) return {};
  restore_point_ =
      RestorePoint{TRY(state::read_savepoint(*config_.environment.fs, config_.restore_path)), config_.restore_path};
  return {};
}

bool JobControl::over() const {
  if (!restore_point_ || restore_point_->manifest.savepoint) return false;
  const auto& properties = restore_point_->manifest.properties;
  return properties.contains(property::kFinished) || properties.contains(property::kStoppedInto);
}

void JobControl::run() {
  obs::set_thread_name("job-control");
  while (true) {
    const Result<Ending> ending = run_attempt();
    coordinator_->end_attempt(ending.ok() ? "The job is over" : ending.error().message());
    if (ending.ok()) {
      record_.fail_savepoints("The job is over");
      const JobState state = *ending == Ending::kFinished ? JobState::kFinished : JobState::kCanceled;
      log_switch(state);
      return record_.finish({.state = state});
    }
    note_failure(ending.error());
    std::optional<int64_t> delay_ms;
    const ErrorCode code = ending.error().code();
    if (!is_lasting(code) && (was_running_ || !is_lasting_at_start(code))) {
      delay_ms = restart_.next_delay_ms(config_.environment.clock->wall_us() / 1000);
    }
    if (!delay_ms) {
      record_.fail_savepoints(ending.error().message());
      log_switch(JobState::kFailed);
      return record_.finish({.state = JobState::kFailed, .failure = ending.error()});
    }
    record_.enter(JobState::kRestarting);
    log_switch(JobState::kRestarting);
    if (pause_before_restart(*delay_ms)) continue;
    record_.fail_savepoints("The job was cancelled");
    return record_.finish({.state = JobState::kCanceled});
  }
}

// Flink's words, by which people's log queries find restarts: "switched from RUNNING to RESTARTING".
void JobControl::log_switch(JobState state) {
  config_.log->info(fmt::format("Job {} switched from {} to {}", config_.graph.name, to_string(logged_state_),
                                to_string(state)));
  logged_state_ = state;
}

void JobControl::note_failure(const Error& error) {
  config_.log->error(failed_task_.empty() ? "Job failed" : "Job failed in " + failed_task_, error);
  record_.add_exception(error.code(), error.message(), failed_task_);
  if (draining_) {
    record_.savepoint_ended(draining_->trigger_id, {.phase = SavepointPhase::kFailed, .failure = error.message()});
  }
  record_.enter(JobState::kFailing);
}

Result<JobControl::Ending> JobControl::run_attempt() {
  failed_task_.clear();
  slots_open_ = tasks_ended_ = 0;
  draining_.reset();
  ++attempt_number_;
  // prepare() has looked already for the first attempt.
  if (attempt_number_ > 1) TRY(claim_and_look());
  if (over()) {
    TRY(finish_stop());
    return Ending::kFinished;
  }
  const std::unique_ptr<Attempt> attempt = TRY(begin_attempt());
  attempt->start();
  return loop(*attempt);
}

// The log says that the job is over: does again what its end consists of, since it may have been cut short.
Status JobControl::finish_stop() {
  const state::Manifest& manifest = restore_point_->manifest;
  const auto into = manifest.properties.find(property::kStoppedInto);
  if (into != manifest.properties.end()) {
    const auto encoded = manifest.properties.find(property::kStopManifest);
    if (encoded == manifest.properties.end()) {
      return Error(ErrorCode::kCorrupt, "Record of a stop has no manifest: " + config_.checkpoints.directory);
    }
    const state::Manifest savepoint = TRY(state::decode_manifest(encoded->second));
    TRY(state::write_savepoint(*config_.environment.fs, into->second, savepoint));
    if (const auto trigger = manifest.properties.find(property::kTriggerId); trigger != manifest.properties.end()) {
      record_.savepoint_ended(trigger->second, {.phase = SavepointPhase::kCompleted, .location = into->second});
    }
  }
  return recover_sinks(manifest.operators);
}

// Removes what a predecessor left unpublished, and publishes what the restored manifest names.
Status JobControl::recover_sinks(const std::vector<state::OperatorSnapshot>& operators) {
  for (size_t n = 0; n < config_.graph.nodes.size(); ++n) {
    if (!tables_.sinks[n]) continue;
    const graph::Node& node = config_.graph.nodes[n];
    const auto kept = std::ranges::find(operators, node.uid, &state::OperatorSnapshot::uid);
    const connector::SinkContext context{.subtask = 0,
                                         .parallelism = plan_.parallelism_of[n],
                                         .clock = config_.environment.clock,
                                         .identity = sink_identity(config_.identity, attempt_number_),
                                         .uid = node.uid};
    TRY(tables_.sinks[n]->recover(context, kept == operators.end() ? std::vector<std::string>() : kept->committables));
  }
  if (operators.empty()) return {};
  FAILPOINT("restore.midway");
  return commit_sinks(config_, tables_, operators);
}

Result<std::unique_ptr<Attempt>> JobControl::begin_attempt() {
  AttemptContext context{.config = &config_,
                         .tables = &tables_,
                         .plan = &plan_,
                         .metrics = &metrics_,
                         .events = &events_,
                         .memory = &memory_,
                         .is_restored = restore_point_.has_value(),
                         .number = attempt_number_,
                         .on_result = [this](int node, const column::Batch& batch) { take_result(node, batch); }};
  int64_t sequence = 0;
  if (restore_point_) {
    const state::Manifest& manifest = restore_point_->manifest;
    context.restored =
        TRY(match_operators(config_.graph, *restore_point_, config_.max_parallelism, config_.allow_non_restored_state));
    TRY(recover_sinks(manifest.operators));
    if (!manifest.savepoint) sequence = sequence_of(manifest);
    const int64_t now_ms = config_.environment.clock->wall_us() / 1000;
    record_.restored({.id = manifest.id.value(),
                      .restore_ms = now_ms,
                      .savepoint = manifest.savepoint,
                      .external_path = restore_point_->directory});
    metrics_.job_gauge(obs::metric::kLastCheckpointRestoreTimestamp).set(now_ms);
    config_.log->info(fmt::format("Restoring {} {} of incarnation {} from {}",
                                  manifest.savepoint ? "savepoint" : "checkpoint", manifest.id.value(),
                                  manifest.identity.incarnation.value(), restore_point_->directory));
  } else {
    TRY(recover_sinks({}));
  }
  std::unique_ptr<Attempt> attempt = TRY(Attempt::make(std::move(context)));
  coordinator_->begin_attempt(*attempt, attempt_number_, sequence);
  return attempt;
}

Result<JobControl::Ending> JobControl::loop(Attempt& attempt) {
  while (true) {
    if (record_.cancel_asked()) {
      record_.enter(JobState::kCancelling);
      return Ending::kCanceled;
    }
    if (std::optional<JobEvent> event = events_.pop(wait_ns())) {
      const std::optional<Ending> ending = TRY(handle(attempt, std::move(*event)));
      if (ending) return *ending;
    }
    TRY(coordinator_->check_timeout());
    trigger_what_is_due(attempt);
    tick();
  }
}

Result<std::optional<JobControl::Ending>> JobControl::handle(Attempt& attempt, JobEvent event) {
  if (event.attempt != 0 && event.attempt != attempt_number_) return std::optional<Ending>();
  if (std::holds_alternative<TasksOpened>(event.body)) {
    if (++slots_open_ == attempt.num_slots()) {
      was_running_ = true;
      record_.enter(JobState::kRunning);
      log_switch(JobState::kRunning);
    }
  } else if (const auto* passed = std::get_if<BarrierPassed>(&event.body)) {
    TRY(coordinator_->on_passed(*passed));
  } else if (const auto* written = std::get_if<SnapshotWritten>(&event.body)) {
    const std::optional<CheckpointPurpose> purpose = TRY(coordinator_->on_written(*written));
    if (purpose) return fulfilled(*purpose);
  } else if (const auto* failed = std::get_if<SnapshotFailed>(&event.body)) {
    TRY(coordinator_->on_failed(*failed));
  } else if (std::holds_alternative<TaskEnded>(event.body)) {
    ++tasks_ended_;
  } else if (auto* task = std::get_if<TaskFailed>(&event.body)) {
    failed_task_ = std::move(task->task);
    return std::move(task->error);
  }
  return std::optional<Ending>();
}

Result<std::optional<JobControl::Ending>> JobControl::fulfilled(CheckpointPurpose purpose) {
  if (purpose == CheckpointPurpose::kFinal || purpose == CheckpointPurpose::kStop) {
    return std::optional<Ending>(Ending::kFinished);
  }
  return std::optional<Ending>();
}

// One checkpoint at a time; what was asked for by hand goes first.
void JobControl::trigger_what_is_due(Attempt& attempt) {
  if (slots_open_ < attempt.num_slots() || coordinator_->busy()) return;
  int num_subtasks = 0;
  for (const PlannedTask& task : plan_.tasks) num_subtasks += task.parallelism;
  const bool all_ended = tasks_ended_ == num_subtasks;
  const int64_t now_ns = config_.environment.clock->monotonic_ns();
  if (draining_) {
    if (all_ended) coordinator_->trigger(CheckpointPurpose::kStop, *std::exchange(draining_, std::nullopt));
    return;
  }
  if (trigger_asked_savepoint(attempt)) return;
  if (all_ended) {
    if (now_ns < next_final_ns_) return;
    next_final_ns_ = now_ns + kFinalRetryNs;
    coordinator_->trigger(CheckpointPurpose::kFinal);
    return;
  }
  if (record_.take_checkpoint_asked() || now_ns >= coordinator_->next_due_ns()) {
    if (log_) coordinator_->trigger(CheckpointPurpose::kPeriodic);
  }
}

bool JobControl::trigger_asked_savepoint(Attempt& attempt) {
  const std::optional<SavepointOptions> options = record_.take_savepoint();
  if (!options) return false;
  if (options->stop && options->drain) {
    draining_ = options;
    attempt.board().end_sources();
    attempt.wake();
    return true;
  }
  // What an earlier try left behind is of no use to anybody; `_metadata` is not there, or it would not have been asked.
  Fs& fs = *config_.environment.fs;
  Status removed = fs.remove_all(join_path(options->target_directory, state::CheckpointLog::kFilesFolder));
  if (removed.ok()) removed = fs.make_directories(options->target_directory);
  if (!removed.ok()) {
    record_.savepoint_ended(options->trigger_id,
                            {.phase = SavepointPhase::kFailed, .failure = removed.error().message()});
    return true;
  }
  coordinator_->trigger(options->stop ? CheckpointPurpose::kStop : CheckpointPurpose::kSavepoint, *options);
  return true;
}

void JobControl::tick() {
  const int64_t now_ns = config_.environment.clock->monotonic_ns();
  if (now_ns < next_tick_ns_) return;
  next_tick_ns_ = now_ns + kTickNs;
  metrics_.tick(now_ns);
  namespace metric = obs::metric;
  const CheckpointStatistics statistics = record_.checkpoints();
  metrics_.job_gauge(metric::kNumberOfCompletedCheckpoints).set(statistics.num_completed);
  metrics_.job_gauge(metric::kNumberOfFailedCheckpoints).set(statistics.num_failed);
  metrics_.job_gauge(metric::kNumberOfInProgressCheckpoints).set(statistics.num_in_progress);
  metrics_.job_gauge(metric::kTotalNumberOfCheckpoints).set(statistics.num_total);
  metrics_.job_gauge(metric::kNumRestarts).set(record_.num_restarts());
  metrics_.job_gauge(metric::kFullRestarts).set(record_.num_restarts());
  metrics_.job_gauge(metric::kManagedMemoryUsed).set(memory_.used_bytes());
  metrics_.job_gauge(metric::kManagedMemoryTotal).set(memory_.bytes_max());
  const auto entered = record_.entered_ms();
  const auto running = entered.find(JobState::kRunning);
  const bool up = record_.state() == JobState::kRunning && running != entered.end();
  metrics_.job_gauge(metric::kUptime).set(up ? config_.environment.clock->wall_us() / 1000 - running->second : 0);
}

int64_t JobControl::wait_ns() const {
  int64_t until_ns = std::min(next_tick_ns_, coordinator_->timeout_ns());
  until_ns = std::min(until_ns, coordinator_->next_due_ns());
  return until_ns - config_.environment.clock->monotonic_ns();
}

// False: cancelled meanwhile.
bool JobControl::pause_before_restart(int64_t delay_ms) {
  const Clock& clock = *config_.environment.clock;
  const int64_t until_ns = clock.monotonic_ns() + delay_ms * 1'000'000;
  while (clock.monotonic_ns() < until_ns) {
    if (record_.cancel_asked()) return false;
    events_.pop(until_ns - clock.monotonic_ns());
  }
  return !record_.cancel_asked();
}

void JobControl::take_result(int node, const column::Batch& batch) {
  std::lock_guard lock(results_mutex_);
  if (results_enough_ || !config_.on_result) return;
  if (config_.on_result(node, batch)) return;
  results_enough_ = true;
  record_.ask_cancel();
  events_.push({0, Asked{}});
}

}  // namespace raudal::runtime
