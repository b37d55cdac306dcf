// Writes one subtask's keyed state for one checkpoint: the slot serialises it in short steps between batches, the I/O
// thread compresses, writes and syncs. When all is durable the control loop hears SnapshotWritten.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "runtime/barrier_board.h"
#include "runtime/io_thread.h"
#include "runtime/job_event.h"
#include "state/keyed_state.h"

namespace raudal::runtime {

// A keyed state of a node of the subtask, and what its files are called.
struct DrainedState {
  int node = 0;
  std::string name;
  state::KeyedState* state = nullptr;
};

// Where the parts of a drain go. All outlive it.
struct DrainEnvironment {
  Fs* fs = nullptr;
  const Clock* clock = nullptr;
  IoThread* io = nullptr;
  JobEventQueue* events = nullptr;
  int64_t attempt = 0;
};

// Measures one stretch of work for a checkpoint, from its making.
class PauseWatch {
 public:
  explicit PauseWatch(const Clock& clock);
  int64_t wall_ns() const;
  // Keeps the greater of each.
  void note(CheckpointPause* longest) const;

 private:
  const Clock& clock_;
  const int64_t begin_wall_ns_;
  const int64_t begin_cpu_ns_;
};

// Owned by its slot. The states' snapshots have begun when it is made.
class SnapshotDrain {
 public:
  SnapshotDrain(const DrainEnvironment& environment, std::shared_ptr<const BarrierRequest> request, SubtaskId from,
                std::vector<DrainedState> states, CheckpointPause barrier_pause);
  ~SnapshotDrain();  // abandons what is not drained

  // Works for about budget_ns. True when the slot has nothing more to do for this checkpoint.
  bool step(int64_t budget_ns);
  // Whether the last step ended early because the I/O thread is behind.
  bool waits_for_io() const { return !environment_.io->has_room(); }
  int64_t sequence() const { return request_->sequence; }
  SubtaskId from() const { return from_; }

 private:
  struct Files;  // the I/O thread's part
  class FileWriter;

  void fail(Error error);

  const DrainEnvironment environment_;
  const std::shared_ptr<const BarrierRequest> request_;
  const SubtaskId from_;
  const std::vector<DrainedState> states_;
  std::shared_ptr<Files> files_;
  size_t next_ = 0;  // state that is being drained
  size_t step_bytes_ = 64 << 10;
  CheckpointPause longest_;
};

}  // namespace raudal::runtime
