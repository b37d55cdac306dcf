#include "flinkrest/checkpoints.h"

#include <algorithm>
#include <functional>

#include "base/str.h"
#include "flinkrest/json_members.h"

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

std::optional<Checkpoint> find_checkpoint(const codec::JsonObject& json, std::string_view key) {
  const codec::JsonObject* checkpoint = codec::find_object(json, key);
  if (!checkpoint || !codec::find_int(*checkpoint, "id")) return std::nullopt;
  return checkpoint_from_json(*checkpoint);
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

Checkpoint checkpoint_from_json(const codec::JsonObject& json) {
  Checkpoint checkpoint{.id = int64_of(json, "id"),
                        .status = text_of(json, "status"),
                        .is_savepoint = bool_of(json, "is_savepoint"),
                        .trigger_ms = int64_of(json, "trigger_timestamp"),
                        .latest_ack_ms = int64_of(json, "latest_ack_timestamp", -1),
                        .checkpointed_bytes = int64_of(json, "checkpointed_size"),
                        .state_bytes = int64_of(json, "state_size"),
                        .duration_ms = int64_of(json, "end_to_end_duration"),
                        .num_subtasks = int_of(json, "num_subtasks"),
                        .num_acknowledged = int_of(json, "num_acknowledged_subtasks"),
                        .external_path = text_of(json, "external_path"),
                        .failure = text_of(json, "failure_message"),
                        .failure_ms = int64_of(json, "failure_timestamp", -1)};
  if (const codec::JsonObject* tasks = codec::find_object(json, "tasks")) {
    for (const auto& [vertex, value] : *tasks) {
      const codec::JsonObject* task = value.if_object();
      if (!task) continue;
      checkpoint.tasks[vertex] = {.latest_ack_ms = int64_of(*task, "latest_ack_timestamp", -1),
                                  .size_bytes = int64_of(*task, "state_size"),
                                  .num_subtasks = int_of(*task, "num_subtasks"),
                                  .num_acknowledged = int_of(*task, "num_acknowledged_subtasks")};
    }
  }
  return checkpoint;
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

Checkpoints checkpoints_from_json(const codec::JsonObject& json) {
  Checkpoints checkpoints;
  if (const codec::JsonObject* counts = codec::find_object(json, "counts")) {
    checkpoints.restored = int64_of(*counts, "restored");
    checkpoints.total = int64_of(*counts, "total");
    checkpoints.in_progress = int64_of(*counts, "in_progress");
    checkpoints.completed = int64_of(*counts, "completed");
    checkpoints.failed = int64_of(*counts, "failed");
  }
  for_each_object(json, "history", [&](const codec::JsonObject& checkpoint) {
    checkpoints.history.push_back(checkpoint_from_json(checkpoint));
  });
  if (const codec::JsonObject* latest = codec::find_object(json, "latest")) {
    checkpoints.latest_completed = find_checkpoint(*latest, "completed");
    checkpoints.latest_savepoint = find_checkpoint(*latest, "savepoint");
    checkpoints.latest_failed = find_checkpoint(*latest, "failed");
    if (const codec::JsonObject* restored = codec::find_object(*latest, "restored")) {
      checkpoints.latest_restored = RestoredCheckpoint{.id = int64_of(*restored, "id"),
                                                       .restore_ms = int64_of(*restored, "restore_timestamp"),
                                                       .is_savepoint = bool_of(*restored, "is_savepoint"),
                                                       .external_path = text_of(*restored, "external_path")};
    }
  }
  return checkpoints;
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
