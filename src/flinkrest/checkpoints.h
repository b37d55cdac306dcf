// GET /jobs/:jobid/checkpoints, …/config and …/details/:checkpointid: statistics of checkpoints.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/json.h"

namespace raudal::flinkrest {

struct CheckpointTask {
  int64_t latest_ack_ms = -1;
  int64_t size_bytes = 0;
  int num_subtasks = 0;
  int num_acknowledged = 0;
};

// One checkpoint; className in JSON follows from the status.
struct Checkpoint {
  int64_t id = 0;
  std::string status;  // IN_PROGRESS, COMPLETED, FAILED
  bool is_savepoint = false;
  int64_t trigger_ms = 0;
  int64_t latest_ack_ms = -1;
  int64_t checkpointed_bytes = 0;
  int64_t state_bytes = 0;
  int64_t duration_ms = 0;
  int num_subtasks = 0;
  int num_acknowledged = 0;
  std::string external_path;
  std::string failure;
  int64_t failure_ms = -1;
  std::map<std::string, CheckpointTask> tasks;  // by vertex
};
codec::JsonObject to_json(const Checkpoint& checkpoint);
Checkpoint checkpoint_from_json(const codec::JsonObject& json);

// What the job began with.
struct RestoredCheckpoint {
  int64_t id = 0;
  int64_t restore_ms = 0;
  bool is_savepoint = false;
  std::string external_path;
};

// GET /jobs/:jobid/checkpoints
struct Checkpoints {
  int64_t restored = 0;
  int64_t total = 0;
  int64_t in_progress = 0;
  int64_t completed = 0;
  int64_t failed = 0;
  std::vector<Checkpoint> history;  // newest first
  std::optional<Checkpoint> latest_completed;
  std::optional<Checkpoint> latest_savepoint;
  std::optional<Checkpoint> latest_failed;
  std::optional<RestoredCheckpoint> latest_restored;
};
codec::JsonObject to_json(const Checkpoints& checkpoints);
Checkpoints checkpoints_from_json(const codec::JsonObject& json);

// GET /jobs/:jobid/checkpoints/config
struct CheckpointConfig {
  int64_t interval_ms = 0;
  int64_t timeout_ms = 0;
  int64_t min_pause_ms = 0;
  int64_t tolerable_failures = 0;
  std::string storage;
};
codec::JsonObject to_json(const CheckpointConfig& config);

}  // namespace raudal::flinkrest
