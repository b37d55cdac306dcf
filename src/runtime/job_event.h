// What the control loop of a job hears: from slots and from the I/O thread, and commands from outside. One queue; the
// loop is its only reader.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "state/checkpoint_log.h"

namespace raudal::runtime {

// One subtask of one task of the plan.
struct SubtaskId {
  int task = 0;
  int subtask = 0;
  friend auto operator<=>(const SubtaskId&, const SubtaskId&) = default;
};

// What one node says at a barrier, beside its keyed state.
struct NodeSnapshot {
  int node = 0;
  std::vector<std::string> items;
  std::vector<std::string> committables;
  int64_t watermark_ms = INT64_MIN;
};

// A keyed state that was written: no file when there was nothing to write.
struct WrittenState {
  int node = 0;
  std::string name;
  std::string schema;
  std::optional<state::FileRef> file;
};

// A slot has opened all its tasks.
struct TasksOpened {
  int slot = 0;
};
// The barrier has passed a subtask: what it prepared must not be lost, whatever becomes of this checkpoint.
struct BarrierPassed {
  SubtaskId from;
  int64_t sequence = 0;
  std::vector<NodeSnapshot> nodes;
};
// How long a subtask stood still for a checkpoint at a stretch, at most: by the clock, and of that at work itself; the
// rest the machine spent elsewhere.
struct CheckpointPause {
  int64_t wall_us = 0;
  int64_t cpu_us = 0;
};

// All state of a subtask is durable.
struct SnapshotWritten {
  SubtaskId from;
  int64_t sequence = 0;
  CheckpointPause pause;
  std::vector<WrittenState> states;
};
// A part of a checkpoint could not be written.
struct SnapshotFailed {
  int64_t sequence = 0;
  Error error;
};
// A subtask has seen the end of all its inputs.
struct TaskEnded {
  SubtaskId from;
};
// A subtask, or the slot it is in, cannot go on.
struct TaskFailed {
  std::string task;  // empty: of no one task
  Error error;
};
// Look at what was asked of the job: a command was stored, or enough results were taken.
struct Asked {};

using JobEventBody =
    std::variant<TasksOpened, BarrierPassed, SnapshotWritten, SnapshotFailed, TaskEnded, TaskFailed, Asked>;

// `attempt`: which one it comes from; what comes from an earlier one is stale. 0: from outside.
struct JobEvent {
  int64_t attempt = 0;
  JobEventBody body;
};

// Unbounded, since each sender sends a bounded number between two answers.
class JobEventQueue {
 public:
  void push(JobEvent event) {
    std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    arrived_.notify_one();
  }

  // Waits for an event, at most that long.
  std::optional<JobEvent> pop(int64_t timeout_ns);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<JobEvent> events_;
};

}  // namespace raudal::runtime
