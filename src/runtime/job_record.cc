#include "runtime/job_record.h"

#include <algorithm>
#include <chrono>

namespace raudal::runtime {

JobRecord::JobRecord(const Clock& clock) : clock_(clock) { entered_ms_[state_] = now_ms(); }

void JobRecord::enter(JobState state) {
  std::lock_guard lock(mutex_);
  if (state == state_) return;
  if (state == JobState::kRestarting) ++num_restarts_;
  state_ = state;
  entered_ms_[state] = now_ms();
  changed_.notify_all();
}

void JobRecord::finish(JobResult result) {
  std::lock_guard lock(mutex_);
  state_ = result.state;
  entered_ms_[state_] = now_ms();
  result_ = std::move(result);
  changed_.notify_all();
}

JobState JobRecord::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

std::optional<JobResult> JobRecord::result() const {
  std::lock_guard lock(mutex_);
  return result_;
}

bool JobRecord::wait(int64_t timeout_ms, bool for_running) const {
  std::unique_lock lock(mutex_);
  const auto reached = [&] { return result_ || (for_running && state_ == JobState::kRunning); };
  if (timeout_ms >= 0) return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), reached);
  changed_.wait(lock, reached);
  return true;
}

std::map<JobState, int64_t> JobRecord::entered_ms() const {
  std::lock_guard lock(mutex_);
  return entered_ms_;
}

int64_t JobRecord::num_restarts() const {
  std::lock_guard lock(mutex_);
  return num_restarts_;
}

void JobRecord::add_exception(ErrorCode code, std::string message, std::string task) {
  std::lock_guard lock(mutex_);
  exceptions_.push_front({now_ms(), code, std::move(message), std::move(task)});
  if (exceptions_.size() > kExceptionsMax) exceptions_.pop_back();
}

std::vector<ExceptionRecord> JobRecord::exceptions() const {
  std::lock_guard lock(mutex_);
  return {exceptions_.begin(), exceptions_.end()};
}

void JobRecord::restored(const RestoredCheckpoint& restored) {
  std::lock_guard lock(mutex_);
  ++checkpoints_.num_restored;
  checkpoints_.latest_restored = restored;
}

void JobRecord::checkpoint_begun(CheckpointRecord record) {
  std::lock_guard lock(mutex_);
  ++checkpoints_.num_total;
  ++checkpoints_.num_in_progress;
  checkpoints_.history.insert(checkpoints_.history.begin(), std::move(record));
  if (checkpoints_.history.size() > kCheckpointsMax) checkpoints_.history.pop_back();
}

CheckpointRecord* JobRecord::find_checkpoint(int64_t id) {
  const auto found = std::ranges::find(checkpoints_.history, id, &CheckpointRecord::id);
  return found == checkpoints_.history.end() ? nullptr : &*found;
}

void JobRecord::checkpoint_acknowledged(int64_t id, const std::string& vertex, int num_subtasks, int64_t bytes) {
  std::lock_guard lock(mutex_);
  CheckpointRecord* const record = find_checkpoint(id);
  if (!record) return;
  record->latest_ack_ms = now_ms();
  ++record->num_acknowledged;
  record->checkpointed_bytes += bytes;
  VertexCheckpoint& of_vertex = record->vertices[vertex];
  of_vertex.num_subtasks = num_subtasks;
  ++of_vertex.num_acknowledged;
  of_vertex.latest_ack_ms = record->latest_ack_ms;
  of_vertex.size_bytes += bytes;
}

void JobRecord::checkpoint_completed(int64_t id, int64_t written_bytes, int64_t state_bytes,
                                     std::string external_path) {
  std::lock_guard lock(mutex_);
  ++checkpoints_.num_completed;
  --checkpoints_.num_in_progress;
  CheckpointRecord* const record = find_checkpoint(id);
  CHECK(record);
  record->state = CheckpointState::kCompleted;
  record->duration_ms = now_ms() - record->trigger_ms;
  record->checkpointed_bytes = written_bytes;
  record->state_bytes = state_bytes;
  record->external_path = std::move(external_path);
  (record->savepoint ? checkpoints_.latest_savepoint : checkpoints_.latest_completed) = *record;
}

void JobRecord::checkpoint_failed(int64_t id, std::string failure) {
  std::lock_guard lock(mutex_);
  ++checkpoints_.num_failed;
  --checkpoints_.num_in_progress;
  CheckpointRecord* const record = find_checkpoint(id);
  CHECK(record);
  record->state = CheckpointState::kFailed;
  record->failure = std::move(failure);
  record->failure_ms = now_ms();
  record->duration_ms = record->failure_ms - record->trigger_ms;
  checkpoints_.latest_failed = *record;
}

CheckpointStatistics JobRecord::checkpoints() const {
  std::lock_guard lock(mutex_);
  return checkpoints_;
}

std::optional<CheckpointRecord> JobRecord::checkpoint(int64_t id) const {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(checkpoints_.history, id, &CheckpointRecord::id);
  if (found == checkpoints_.history.end()) return std::nullopt;
  return *found;
}

void JobRecord::ask_cancel() {
  std::lock_guard lock(mutex_);
  cancel_asked_ = true;
}

bool JobRecord::cancel_asked() const {
  std::lock_guard lock(mutex_);
  return cancel_asked_;
}

void JobRecord::ask_checkpoint() {
  std::lock_guard lock(mutex_);
  checkpoint_asked_ = true;
}

bool JobRecord::take_checkpoint_asked() {
  std::lock_guard lock(mutex_);
  return std::exchange(checkpoint_asked_, false);
}

bool JobRecord::ask_savepoint(const SavepointOptions& options) {
  std::lock_guard lock(mutex_);
  if (!savepoints_.emplace(options.trigger_id, SavepointStatus{}).second) return false;
  if (result_) {
    savepoints_[options.trigger_id] = {.phase = SavepointPhase::kFailed, .failure = "The job is over"};
    return false;
  }
  savepoints_asked_.push_back(options);
  return true;
}

std::optional<SavepointOptions> JobRecord::take_savepoint() {
  std::lock_guard lock(mutex_);
  if (savepoints_asked_.empty()) return std::nullopt;
  SavepointOptions options = std::move(savepoints_asked_.front());
  savepoints_asked_.pop_front();
  return options;
}

void JobRecord::savepoint_ended(const std::string& trigger_id, SavepointStatus status) {
  std::lock_guard lock(mutex_);
  savepoints_[trigger_id] = std::move(status);
}

void JobRecord::fail_savepoints(const std::string& why) {
  std::lock_guard lock(mutex_);
  savepoints_asked_.clear();
  for (auto& [trigger_id, status] : savepoints_) {
    if (status.phase == SavepointPhase::kInProgress) status = {.phase = SavepointPhase::kFailed, .failure = why};
  }
}

std::optional<SavepointStatus> JobRecord::savepoint(const std::string& trigger_id) const {
  std::lock_guard lock(mutex_);
  const auto found = savepoints_.find(trigger_id);
  if (found == savepoints_.end()) return std::nullopt;
  return found->second;
}

}  // namespace raudal::runtime
