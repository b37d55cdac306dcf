#include "runtime/job.h"

#include <algorithm>

#include <fmt/core.h>

#include "codec/digest.h"
#include "obs/log_sinks.h"
#include "runtime/job_control.h"
#include "runtime/plan_view.h"

namespace raudal::runtime {
namespace {

Status check_config(const JobConfig& config) {
  if (config.parallelism < 1 || config.max_parallelism < config.parallelism || config.max_parallelism > 32768) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("Parallelism must be at least 1 and at most the maximum parallelism, and that at most "
                             "32768: {}, {}",
                             config.parallelism, config.max_parallelism));
  }
  if (config.graph.nodes.empty()) return Error(ErrorCode::kSqlValidation, "Program has no statement that moves rows");
  for (const graph::Node& node : config.graph.nodes) {
    const auto same = [&](const graph::Node& other) { return &other != &node && other.uid == node.uid; };
    if (std::ranges::any_of(config.graph.nodes, same)) {
      return Error(ErrorCode::kSqlValidation, "Two operators have the same uid: " + node.uid);
    }
  }
  return {};
}

}  // namespace

std::string job_id_of(const RunIdentity& identity) {
  return codec::sha256_hex(fmt::format("{}/{}", identity.application, identity.run.value())).substr(0, 32);
}

struct Job::Impl {
  Impl(JobConfig given, OpenedTables opened)
      : config(std::move(given)),
        log(config.log ? *config.log : obs::Logger(no_logs, *config.environment.clock, "runtime")),
        id(job_id_of(config.identity)),
        tables(std::move(opened)),
        plan(plan_tasks(config.graph, config.parallelism)),
        metrics(config.metrics ? *config.metrics : own_registry, id, config.graph, plan),
        record(*config.environment.clock) {
    config.log = &log;
    control = std::make_unique<JobControl>(config, tables, plan, metrics, record, events);
  }

  void wake() { events.push({0, Asked{}}); }

  JobConfig config;
  obs::NullLogSink no_logs;
  obs::Logger log;
  obs::MetricRegistry own_registry;
  const std::string id;
  const OpenedTables tables;
  const TaskPlan plan;
  JobMetrics metrics;
  JobRecord record;
  JobEventQueue events;
  std::unique_ptr<JobControl> control;
};

Job::Job(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Job::~Job() = default;

Result<std::unique_ptr<Job>> Job::start(JobConfig config) {
  CHECK(config.environment.fs && config.environment.clock && config.environment.registry && config.make_operator);
  TRY(check_config(config));
  OpenedTables tables = TRY(open_tables(config));
  auto impl = std::make_unique<Impl>(std::move(config), std::move(tables));
  TRY(impl->control->prepare());
  impl->control->start();
  return std::unique_ptr<Job>(new Job(std::move(impl)));
}

const std::string& Job::id() const { return impl_->id; }
const JobConfig& Job::config() const { return impl_->config; }
JobState Job::state() const { return impl_->record.state(); }
CheckpointStatistics Job::checkpoints() const { return impl_->record.checkpoints(); }
std::optional<CheckpointRecord> Job::checkpoint(int64_t id) const { return impl_->record.checkpoint(id); }
std::vector<ExceptionRecord> Job::exceptions() const { return impl_->record.exceptions(); }

std::string Job::plan_json() const { return vertex_plan_json(impl_->config.graph, impl_->plan, impl_->id); }

JobStatus Job::status() const {
  JobStatus status{.id = impl_->id,
                   .name = impl_->config.graph.name,
                   .state = impl_->record.state(),
                   .entered_ms = impl_->record.entered_ms(),
                   .parallelism = impl_->config.parallelism,
                   .max_parallelism = impl_->config.max_parallelism,
                   .num_restarts = impl_->record.num_restarts(),
                   .bounded = impl_->tables.bounded};
  status.start_time_ms = status.entered_ms[JobState::kInitializing];
  if (is_terminal(status.state)) status.end_time_ms = status.entered_ms[status.state];
  std::string task_state = "INITIALIZING";
  if (status.state == JobState::kRunning || is_terminal(status.state)) task_state = to_string(status.state);
  if (status.state == JobState::kCancelling) task_state = "CANCELING";
  for (size_t v = 0; v < impl_->plan.vertices.size(); ++v) {
    const PlannedVertex& planned = impl_->plan.vertices[v];
    VertexStatus vertex{.id = planned.id,
                        .name = planned.name,
                        .parallelism = planned.parallelism,
                        .max_parallelism = status.max_parallelism,
                        .state = task_state,
                        .start_time_ms = status.start_time_ms,
                        .end_time_ms = status.end_time_ms,
                        .subtasks = impl_->metrics.subtasks(static_cast<int>(v))};
    for (SubtaskStatus& subtask : vertex.subtasks) subtask.state = task_state;
    status.vertices.push_back(std::move(vertex));
  }
  return status;
}

bool Job::wait_until_running(int64_t timeout_ms) { return impl_->record.wait(timeout_ms, true); }

JobResult Job::wait() {
  impl_->record.wait(-1, false);
  return *impl_->record.result();
}

std::optional<JobResult> Job::wait_for(int64_t timeout_ms) {
  impl_->record.wait(timeout_ms, false);
  return impl_->record.result();
}

void Job::cancel() {
  impl_->record.ask_cancel();
  impl_->wake();
}

void Job::trigger_checkpoint() {
  impl_->record.ask_checkpoint();
  impl_->wake();
}

Status Job::trigger_savepoint(const SavepointOptions& options) {
  if (options.trigger_id.empty() || !options.target_directory.starts_with('/')) {
    return Error(ErrorCode::kInvalidArgument,
                 "Savepoint needs a trigger id and an absolute target directory: " + options.target_directory);
  }
  if (impl_->record.savepoint(options.trigger_id)) return {};
  Fs& fs = *impl_->config.environment.fs;
  if (exists(fs, join_path(options.target_directory, "_metadata"))) {
    const state::Manifest there = TRY(state::read_savepoint(fs, options.target_directory));
    const auto trigger = there.properties.find(property::kTriggerId);
    if (options.stop || trigger == there.properties.end() || trigger->second != options.trigger_id) {
      return Error(ErrorCode::kInvalidArgument,
                   "Target directory holds another savepoint already: " + options.target_directory);
    }
    impl_->record.savepoint_ended(options.trigger_id,
                                  {.phase = SavepointPhase::kCompleted, .location = options.target_directory});
    return {};
  }
  if (impl_->record.result()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("Job is over and makes no savepoint: {}", to_string(impl_->record.state())));
  }
  if (impl_->record.ask_savepoint(options)) impl_->wake();
  return {};
}

Result<SavepointStatus> Job::savepoint_status(const std::string& trigger_id) const {
  std::optional<SavepointStatus> status = impl_->record.savepoint(trigger_id);
  if (!status) return Error(ErrorCode::kNotFound, "There is no savepoint with this trigger id: " + trigger_id);
  return std::move(*status);
}

}  // namespace raudal::runtime
