#include "runtime/rest_views.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "obs/metric_names.h"
#include "runtime/process_figures.h"

namespace raudal::runtime {
namespace {

constexpr const char* kEndpoint = "localhost";

std::string process_id() { return fmt::format("raudal-worker-{}", ::getpid()); }

int64_t duration_of(int64_t start_ms, int64_t end_ms, int64_t now_ms) {
  if (start_ms < 0) return 0;
  return std::max<int64_t>((end_ms < 0 ? now_ms : end_ms) - start_ms, 0);
}

std::map<std::string, int> task_states(const JobStatus& status) {
  std::map<std::string, int> states;
  for (const VertexStatus& vertex : status.vertices) {
    for (const SubtaskStatus& subtask : vertex.subtasks) ++states[subtask.state];
  }
  return states;
}

flinkrest::IoMetrics io_metrics(const SubtaskStatus& subtask) {
  return {.read_bytes = subtask.read_bytes,
          .write_bytes = subtask.write_bytes,
          .read_records = subtask.read_records,
          .write_records = subtask.write_records};
}

flinkrest::JobVertex job_vertex(const VertexStatus& vertex, int64_t now_ms) {
  flinkrest::JobVertex shown{.id = vertex.id,
                             .name = vertex.name,
                             .parallelism = vertex.parallelism,
                             .max_parallelism = vertex.max_parallelism,
                             .status = vertex.state,
                             .start_time_ms = vertex.start_time_ms,
                             .end_time_ms = vertex.end_time_ms,
                             .duration_ms = duration_of(vertex.start_time_ms, vertex.end_time_ms, now_ms)};
  for (const SubtaskStatus& subtask : vertex.subtasks) {
    ++shown.tasks[subtask.state];
    shown.metrics.read_bytes += subtask.read_bytes;
    shown.metrics.write_bytes += subtask.write_bytes;
    shown.metrics.read_records += subtask.read_records;
    shown.metrics.write_records += subtask.write_records;
  }
  return shown;
}

std::string_view restart_name(RestartKind kind) {
  switch (kind) {
    case RestartKind::kNone: return "Restart deactivated.";
    case RestartKind::kFixedDelay: return "Restart with fixed delay.";
    case RestartKind::kExponentialDelay: return "Restart with exponential delay.";
    case RestartKind::kFailureRate: return "Restart with failure rate.";
  }
  return "";
}

}  // namespace

flinkrest::ClusterOverview cluster_overview(const JobStatus& status) {
  const bool over = is_terminal(status.state);
  return {.slots_total = status.parallelism,
          .slots_available = over ? status.parallelism : 0,
          .jobs_running = over ? 0 : 1,
          .jobs_finished = status.state == JobState::kFinished,
          .jobs_cancelled = status.state == JobState::kCanceled,
          .jobs_failed = status.state == JobState::kFailed};
}

flinkrest::JobSummary job_summary(const JobStatus& status, int64_t now_ms) {
  flinkrest::JobSummary summary{.id = status.id,
                                .name = status.name,
                                .state = std::string(to_string(status.state)),
                                .start_time_ms = status.start_time_ms,
                                .end_time_ms = status.end_time_ms,
                                .duration_ms = duration_of(status.start_time_ms, status.end_time_ms, now_ms),
                                .tasks = task_states(status)};
  for (const auto& [state, entered_ms] : status.entered_ms) {
    summary.last_modification_ms = std::max(summary.last_modification_ms, entered_ms);
  }
  return summary;
}

flinkrest::JobDetails job_details(const JobStatus& status, codec::Json plan, int64_t now_ms) {
  flinkrest::JobDetails details{.id = status.id,
                                .name = status.name,
                                .state = std::string(to_string(status.state)),
                                .start_time_ms = status.start_time_ms,
                                .end_time_ms = status.end_time_ms,
                                .duration_ms = duration_of(status.start_time_ms, status.end_time_ms, now_ms),
                                .now_ms = now_ms,
                                .max_parallelism = status.max_parallelism,
                                .plan = std::move(plan)};
  for (const auto& [state, entered_ms] : status.entered_ms) {
    details.timestamps_ms[std::string(to_string(state))] = entered_ms;
  }
  for (const VertexStatus& vertex : status.vertices) details.vertices.push_back(job_vertex(vertex, now_ms));
  return details;
}

flinkrest::JobConfiguration job_configuration(const Job& job) {
  const JobConfig& config = job.config();
  return {.id = job.id(),
          .name = config.graph.name,
          .restart_strategy = std::string(restart_name(config.restart.kind)),
          .parallelism = config.parallelism,
          .options = config.options};
}

flinkrest::JobExceptions job_exceptions(const std::vector<ExceptionRecord>& records) {
  flinkrest::JobExceptions exceptions;
  for (const ExceptionRecord& record : records) {
    exceptions.entries.push_back({.name = std::string(error_info(record.code).name),
                                  .message = record.message,
                                  .time_ms = record.time_ms,
                                  .task = record.task,
                                  .endpoint = record.task.empty() ? "" : kEndpoint,
                                  .taskmanager_id = record.task.empty() ? "" : process_id()});
  }
  return exceptions;
}

flinkrest::Checkpoint checkpoint_view(const CheckpointRecord& record) {
  const char* const status = record.state == CheckpointState::kCompleted ? "COMPLETED"
                             : record.state == CheckpointState::kFailed  ? "FAILED"
                                                                         : "IN_PROGRESS";
  flinkrest::Checkpoint view{.id = record.id,
                             .status = status,
                             .is_savepoint = record.savepoint,
                             .trigger_ms = record.trigger_ms,
                             .latest_ack_ms = record.latest_ack_ms,
                             .checkpointed_bytes = record.checkpointed_bytes,
                             .state_bytes = record.state_bytes,
                             .duration_ms = record.duration_ms,
                             .num_subtasks = record.num_subtasks,
                             .num_acknowledged = record.num_acknowledged,
                             .external_path = record.external_path,
                             .failure = record.failure,
                             .failure_ms = record.failure_ms};
  for (const auto& [vertex, part] : record.vertices) {
    view.tasks[vertex] = {.latest_ack_ms = part.latest_ack_ms,
                          .size_bytes = part.size_bytes,
                          .num_subtasks = part.num_subtasks,
                          .num_acknowledged = part.num_acknowledged};
  }
  return view;
}

flinkrest::Checkpoints checkpoints_view(const CheckpointStatistics& statistics) {
  flinkrest::Checkpoints view{.restored = statistics.num_restored,
                              .total = statistics.num_total,
                              .in_progress = statistics.num_in_progress,
                              .completed = statistics.num_completed,
                              .failed = statistics.num_failed};
  for (const CheckpointRecord& record : statistics.history) view.history.push_back(checkpoint_view(record));
  if (statistics.latest_completed) view.latest_completed = checkpoint_view(*statistics.latest_completed);
  if (statistics.latest_savepoint) view.latest_savepoint = checkpoint_view(*statistics.latest_savepoint);
  if (statistics.latest_failed) view.latest_failed = checkpoint_view(*statistics.latest_failed);
  if (const auto& restored = statistics.latest_restored) {
    view.latest_restored = flinkrest::RestoredCheckpoint{.id = restored->id,
                                                         .restore_ms = restored->restore_ms,
                                                         .is_savepoint = restored->savepoint,
                                                         .external_path = restored->external_path};
  }
  return view;
}

flinkrest::CheckpointConfig checkpoint_config(const CheckpointOptions& options) {
  return {.interval_ms = options.interval_ms,
          .timeout_ms = options.timeout_ms,
          .min_pause_ms = options.min_pause_ms,
          .tolerable_failures = options.tolerable_failures,
          .storage = options.directory};
}

flinkrest::Vertex vertex_view(const VertexStatus& vertex, int64_t now_ms) {
  flinkrest::Vertex view{.id = vertex.id,
                         .name = vertex.name,
                         .parallelism = vertex.parallelism,
                         .max_parallelism = vertex.max_parallelism,
                         .now_ms = now_ms,
                         .status = vertex.state,
                         .endpoint = kEndpoint,
                         .taskmanager_id = process_id()};
  for (const SubtaskStatus& subtask : vertex.subtasks) {
    view.subtasks.push_back({.status = subtask.state,
                             .start_time_ms = vertex.start_time_ms,
                             .end_time_ms = vertex.end_time_ms,
                             .duration_ms = duration_of(vertex.start_time_ms, vertex.end_time_ms, now_ms),
                             .metrics = io_metrics(subtask),
                             .busy = static_cast<double>(subtask.busy_ms_per_second) / 1000,
                             .idle = static_cast<double>(subtask.idle_ms_per_second) / 1000,
                             .back_pressured = static_cast<double>(subtask.back_pressured_ms_per_second) / 1000,
                             .has_watermark = subtask.watermark_ms != INT64_MIN,
                             .watermark_ms = subtask.watermark_ms});
  }
  return view;
}

flinkrest::TaskManager task_manager(const JobStatus& status, int64_t memory_max) {
  return {.id = process_id(),
          .job_id = status.id,
          .path = kEndpoint,
          .slots = status.parallelism,
          .free_slots = is_terminal(status.state) ? status.parallelism : 0,
          .cpu_cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)),
          .physical_memory = ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE),
          .free_memory = ::sysconf(_SC_AVPHYS_PAGES) * ::sysconf(_SC_PAGESIZE),
          .memory_used = resident_bytes(),
          .memory_max = memory_max};
}

flinkrest::MetricValues job_metrics(const obs::MetricRegistry& registry, const std::string& job) {
  flinkrest::MetricValues values;
  for (const obs::MetricSample& sample : registry.snapshot()) {
    if (sample.scope.level() != obs::MetricLevel::kJob || sample.scope.job != job) continue;
    values[sample.name] = obs::metric_value_text(sample.value);
  }
  return values;
}

flinkrest::MetricValues process_metrics(const obs::MetricRegistry& registry) {
  flinkrest::MetricValues values;
  for (const obs::MetricSample& sample : registry.snapshot()) {
    if (sample.scope.level() == obs::MetricLevel::kProcess) values[sample.name] = obs::metric_value_text(sample.value);
  }
  return values;
}

flinkrest::MetricValues vertex_metrics(const obs::MetricRegistry& registry, const std::string& job,
                                       const std::string& vertex) {
  flinkrest::MetricValues values;
  for (const obs::MetricSample& sample : registry.snapshot()) {
    const obs::MetricScope& scope = sample.scope;
    if (scope.job != job || scope.vertex != vertex) continue;
    const std::string of_operator = scope.operator_name.empty() ? "" : scope.operator_name + ".";
    values[fmt::format("{}.{}{}", scope.subtask, of_operator, sample.name)] = obs::metric_value_text(sample.value);
  }
  return values;
}

std::vector<flinkrest::MetricValues> subtask_metrics(const obs::MetricRegistry& registry, const std::string& job,
                                                     const VertexStatus& vertex) {
  std::vector<flinkrest::MetricValues> members(vertex.subtasks.size());
  for (const obs::MetricSample& sample : registry.snapshot()) {
    const obs::MetricScope& scope = sample.scope;
    if (scope.job != job || scope.vertex != vertex.id || scope.subtask < 0) continue;
    if (static_cast<size_t>(scope.subtask) >= members.size()) continue;
    const std::string of_operator = scope.operator_name.empty() ? "" : scope.operator_name + ".";
    members[static_cast<size_t>(scope.subtask)][of_operator + sample.name] = obs::metric_value_text(sample.value);
  }
  return members;
}

}  // namespace raudal::runtime
