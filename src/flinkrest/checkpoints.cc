#include "flinkrest/checkpoints.h"

#include <algorithm>
#include <functional>

#include "base/str.h"

namespace raudal::flinkrest {
namespace {

codec::Json optional_json(const std::optional<Checkpoint>& checkpoint) {
  return checkpoint ? codec::Json(to_json(*checkpoint)) : codec::Json(nullptr);
}

// Minimum, maximum, mean and quantiles of a figure over the completed checkpoints that are remembered.
codec::JsonObject summary_of(const std::vector<Checkpoint>& history, int64_t Checkpoint::* figure) {
  std::vector<int64_t> values;
  for (const Checkpoint& each : history) {
    if (each.status == "COMPLETED") values.push_back(each.*figure);
  }
  std::ranges::sort(values);
  const auto quantile = [&](double q) -> double {
    if (values.empty()) return 0;
    return static_cast<double>(values[static_cast<size_t>(q * static_cast<double>(values.size() - 1) + 0.5)]);
  };
  int64_t sum = 0;
  for (const int64_t value : values) sum += value;
  return {{"min", values.empty() ? 0 : values.front()},
          {"max", values.empty() ? 0 : values.back()},
          {"avg", values.empty() ? 0 : sum / static_cast<int64_t>(values.size())},
          {"p50", quantile(0.5)},
          {"p90", quantile(0.9)},
          {"p95", quantile(0.95)},
          {"p99", quantile(0.99)},
          {"p999", quantile(0.999)}};
}

codec::JsonObject zero_summary() {
  return {{"min", 0}, {"max", 0}, {"avg", 0}, {"p50", 0}, {"p90", 0}, {"p95", 0}, {"p99", 0}, {"p999", 0}};
}

codec::JsonObject tasks_json(const Checkpoint& checkpoint) {
  codec::JsonObject tasks;
  for (const auto& [vertex, task] : checkpoint.tasks) {
    tasks[vertex] =
        codec::JsonObject{{"id", checkpoint.id},
                          {"status", task.num_acknowledged == task.num_subtasks ? "COMPLETED" : checkpoint.status},
                          {"latest_ack_timestamp", task.latest_ack_ms},
                          {"checkpointed_size", task.size_bytes},
                          {"state_size", task.size_bytes},
                          {"end_to_end_duration", std::max<int64_t>(task.latest_ack_ms - checkpoint.trigger_ms, 0)},
                          {"alignment_buffered", 0},
                          {"processed_data", 0},
                          {"persisted_data", 0},
                          {"num_subtasks", task.num_subtasks},
                          {"num_acknowledged_subtasks", task.num_acknowledged}};
  }
  return tasks;
}

}  // namespace

codec::JsonObject to_json(const Checkpoint& checkpoint) {
  codec::JsonObject json{{"className", to_lower(checkpoint.status)},
                         {"id", checkpoint.id},
                         {"status", checkpoint.status},
                         {"is_savepoint", checkpoint.is_savepoint},
                         {"savepointFormat", checkpoint.is_savepoint ? codec::Json("CANONICAL") : codec::Json(nullptr)},
                         {"trigger_timestamp", checkpoint.trigger_ms},
                         {"latest_ack_timestamp", checkpoint.latest_ack_ms},
                         {"checkpointed_size", checkpoint.checkpointed_bytes},
                         {"state_size", checkpoint.state_bytes},
                         {"end_to_end_duration", checkpoint.duration_ms},
                         {"alignment_buffered", 0},
                         {"processed_data", 0},
                         {"persisted_data", 0},
                         {"num_subtasks", checkpoint.num_subtasks},
                         {"num_acknowledged_subtasks", checkpoint.num_acknowledged},
                         {"checkpoint_type", checkpoint.is_savepoint ? "SAVEPOINT" : "CHECKPOINT"},
                         {"tasks", tasks_json(checkpoint)}};
  if (checkpoint.status == "COMPLETED") {
    json["external_path"] = checkpoint.external_path;
    json["discarded"] = false;
  } else if (checkpoint.status == "FAILED") {
    json["failure_timestamp"] = checkpoint.failure_ms;
    json["failure_message"] = checkpoint.failure;
  }
  return json;
}

codec::JsonObject to_json(const Checkpoints& checkpoints) {
  codec::JsonArray history;
  for (const Checkpoint& each : checkpoints.history) history.push_back(to_json(each));
  codec::JsonObject latest{{"completed", optional_json(checkpoints.latest_completed)},
                           {"savepoint", optional_json(checkpoints.latest_savepoint)},
                           {"failed", optional_json(checkpoints.latest_failed)},
                           {"restored", nullptr}};
  if (const auto& restored = checkpoints.latest_restored) {
    latest["restored"] = codec::JsonObject{{"id", restored->id},
                                           {"restore_timestamp", restored->restore_ms},
                                           {"is_savepoint", restored->is_savepoint},
                                           {"external_path", restored->external_path}};
  }
  return {{"counts", codec::JsonObject{{"restored", checkpoints.restored},
                                       {"total", checkpoints.total},
                                       {"in_progress", checkpoints.in_progress},
                                       {"completed", checkpoints.completed},
                                       {"failed", checkpoints.failed}}},
          {"summary",
           codec::JsonObject{{"checkpointed_size", summary_of(checkpoints.history, &Checkpoint::checkpointed_bytes)},
                             {"state_size", summary_of(checkpoints.history, &Checkpoint::state_bytes)},
                             {"end_to_end_duration", summary_of(checkpoints.history, &Checkpoint::duration_ms)},
                             {"alignment_buffered", zero_summary()},
                             {"processed_data", zero_summary()},
                             {"persisted_data", zero_summary()}}},
          {"latest", std::move(latest)},
          {"history", std::move(history)}};
}

codec::JsonObject to_json(const CheckpointConfig& config) {
  return {{"mode", "exactly_once"},
          {"interval", config.interval_ms},
          {"timeout", config.timeout_ms},
          {"min_pause", config.min_pause_ms},
          {"max_concurrent", 1},
          {"externalization", codec::JsonObject{{"enabled", true}, {"delete_on_cancellation", false}}},
          {"state_backend", "HashMapStateBackend"},
          {"checkpoint_storage", "FileSystemCheckpointStorage"},
          {"unaligned_checkpoints", false},
          {"tolerable_failed_checkpoints", config.tolerable_failures},
          {"aligned_checkpoint_timeout", 0},
          {"checkpoints_after_tasks_finish", true},
          {"state_changelog_enabled", false},
          {"changelog_periodic_materialization_interval", 0},
          {"changelog_storage", ""}};
}

}  // namespace raudal::flinkrest
