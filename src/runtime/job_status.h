// What a job says about itself: states, vertices, checkpoints, savepoints, exceptions. Plain values, copied out of the
// job under its lock; the REST server and the worker read them. Times are ms since 1970, -1 where there is none yet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error_code.h"
#include "base/ids.h"

namespace raudal::runtime {

// Flink's job states, in Flink's spelling.
enum class JobState {
  kInitializing,
  kCreated,
  kRunning,
  kRestarting,
  kFailing,
  kFailed,
  kCancelling,
  kCanceled,
  kFinished,
};
inline constexpr int kNumJobStates = 9;
std::string_view to_string(JobState state);
inline bool is_terminal(JobState state) {
  return state == JobState::kFailed || state == JobState::kCanceled || state == JobState::kFinished;
}

// One parallel piece of a vertex.
struct SubtaskStatus {
  std::string state = "CREATED";
  int64_t read_records = 0;
  int64_t write_records = 0;
  int64_t read_bytes = 0;
  int64_t write_bytes = 0;
  int64_t busy_ms_per_second = 0;
  int64_t back_pressured_ms_per_second = 0;
  int64_t idle_ms_per_second = 0;
  int64_t watermark_ms = INT64_MIN;  // INT64_MIN: none yet
};

// One vertex of the job as Flink shows it: operators between two exchanges.
struct VertexStatus {
  std::string id;    // 32 hex digits
  std::string name;  // "Source: bids -> Calc(select=[…])"
  int parallelism = 1;
  int max_parallelism = 128;
  std::string state = "CREATED";
  int64_t start_time_ms = -1;
  int64_t end_time_ms = -1;
  std::vector<SubtaskStatus> subtasks;
};

// What a vertex put into a checkpoint.
struct VertexCheckpoint {
  int num_subtasks = 0;
  int num_acknowledged = 0;
  int64_t latest_ack_ms = -1;
  int64_t size_bytes = 0;
};

enum class CheckpointState { kInProgress, kCompleted, kFailed };

// One checkpoint or savepoint, for statistics.
struct CheckpointRecord {
  int64_t id = 0;  // as shown; the manifest's id where it was completed
  CheckpointState state = CheckpointState::kInProgress;
  bool savepoint = false;
  int64_t trigger_ms = 0;
  int64_t latest_ack_ms = -1;
  int64_t duration_ms = 0;
  int64_t checkpointed_bytes = 0;  // written by this one
  int64_t state_bytes = 0;         // all that a restore reads
  int num_subtasks = 0;
  int num_acknowledged = 0;
  std::string external_path;
  std::string failure;
  int64_t failure_ms = -1;
  std::map<std::string, VertexCheckpoint> vertices;  // by vertex id
};

// What the job began with, when it did not begin empty.
struct RestoredCheckpoint {
  int64_t id = 0;
  int64_t restore_ms = 0;
  bool savepoint = false;
  std::string external_path;
};

// Counts and the newest of a job's checkpoints.
struct CheckpointStatistics {
  int64_t num_restored = 0;
  int64_t num_total = 0;
  int64_t num_in_progress = 0;
  int64_t num_completed = 0;
  int64_t num_failed = 0;
  std::vector<CheckpointRecord> history;  // newest first, at most 10
  std::optional<CheckpointRecord> latest_completed;
  std::optional<CheckpointRecord> latest_savepoint;
  std::optional<CheckpointRecord> latest_failed;
  std::optional<RestoredCheckpoint> latest_restored;
};

// One failure of the job, with the task that it happened in where there is one.
struct ExceptionRecord {
  int64_t time_ms = 0;
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string task;  // "Calc(select=[…]) (1/2)"; empty: of the job itself
};

enum class SavepointPhase { kInProgress, kCompleted, kFailed };

// How far a triggered savepoint is.
struct SavepointStatus {
  SavepointPhase phase = SavepointPhase::kInProgress;
  std::string location;  // absolute folder, when completed
  std::string failure;
};

// A moment of the whole job.
struct JobStatus {
  std::string id;  // 32 hex digits
  std::string name;
  JobState state = JobState::kInitializing;
  int64_t start_time_ms = 0;
  int64_t end_time_ms = -1;
  std::map<JobState, int64_t> entered_ms;  // last time that the job entered a state
  int parallelism = 1;
  int max_parallelism = 128;
  int64_t num_restarts = 0;
  bool bounded = false;
  std::vector<VertexStatus> vertices;
};

}  // namespace raudal::runtime
