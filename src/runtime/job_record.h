// What is known of a job, shared between its control loop (writes) and everybody who asks (reads), and the commands
// that they leave for it. One lock, held shortly; whoever leaves a command wakes the loop by an event.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "runtime/job.h"
#include "runtime/job_event.h"

namespace raudal::runtime {

// See the head of this file.
class JobRecord {
 public:
  explicit JobRecord(const Clock& clock);

  // States.
  void enter(JobState state);
  void finish(JobResult result);
  JobState state() const;
  std::optional<JobResult> result() const;
  bool wait(int64_t timeout_ms, bool for_running) const;  // negative: without limit
  std::map<JobState, int64_t> entered_ms() const;
  int64_t num_restarts() const;

  // Exceptions.
  void add_exception(ErrorCode code, std::string message, std::string task);
  std::vector<ExceptionRecord> exceptions() const;

  // Statistics of checkpoints.
  void restored(const RestoredCheckpoint& restored);
  void checkpoint_begun(CheckpointRecord record);
  void checkpoint_acknowledged(int64_t id, const std::string& vertex, int num_subtasks, int64_t bytes);
  void checkpoint_completed(int64_t id, int64_t written_bytes, int64_t state_bytes, std::string external_path);
  void checkpoint_failed(int64_t id, std::string failure);
  CheckpointStatistics checkpoints() const;
  std::optional<CheckpointRecord> checkpoint(int64_t id) const;

  // Commands, and what became of them.
  void ask_cancel();
  void ask_checkpoint();
  bool cancel_asked() const;
  bool take_checkpoint_asked();
  // False: this trigger is known already.
  bool ask_savepoint(const SavepointOptions& options);
  std::optional<SavepointOptions> take_savepoint();
  void savepoint_ended(const std::string& trigger_id, SavepointStatus status);
  void fail_savepoints(const std::string& why);
  std::optional<SavepointStatus> savepoint(const std::string& trigger_id) const;

 private:
  static constexpr size_t kExceptionsMax = 16;
  static constexpr size_t kCheckpointsMax = 10;

  int64_t now_ms() const { return clock_.wall_us() / 1000; }
  CheckpointRecord* find_checkpoint(int64_t id);

  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  JobState state_ = JobState::kInitializing;
  std::map<JobState, int64_t> entered_ms_;
  int64_t num_restarts_ = 0;
  std::optional<JobResult> result_;
  std::deque<ExceptionRecord> exceptions_;
  CheckpointStatistics checkpoints_;
  bool cancel_asked_ = false;
  bool checkpoint_asked_ = false;
  std::deque<SavepointOptions> savepoints_asked_;
  std::map<std::string, SavepointStatus> savepoints_;
};

}  // namespace raudal::runtime
