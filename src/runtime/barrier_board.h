// What the control loop asks of all tasks: the checkpoint to take now, which one was given up, and to end the sources.
// Written by the control loop, read by slots; a slot that is asleep is woken by the writer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "state/keyed_state.h"

namespace raudal::runtime {

// One checkpoint or savepoint. Sequences only grow within a run, also over attempts that come to nothing.
struct BarrierRequest {
  int64_t sequence = 0;
  state::SnapshotKind kind = state::SnapshotKind::kFull;
  std::string directory;      // what file names are relative to; empty: nothing durable
  std::string file_prefix;    // "files/…": begins the names of the files of this one, unlike all others'
  bool stop_sources = false;  // no row after the barrier, unless it is given up
};

// See the head of this file.
class BarrierBoard {
 public:
  void request(BarrierRequest request) {
    std::lock_guard lock(mutex_);
    const int64_t sequence = request.sequence;
    current_ = std::make_shared<const BarrierRequest>(std::move(request));
    requested_.store(sequence);
  }
  void give_up(int64_t sequence) { given_up_.store(sequence); }
  void end_sources() { end_sources_.store(true); }

  int64_t requested() const { return requested_.load(); }
  // This one and all before it will not be completed.
  int64_t given_up() const { return given_up_.load(); }
  bool sources_end() const { return end_sources_.load(); }
  std::shared_ptr<const BarrierRequest> current() const {
    std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const BarrierRequest> current_;
  std::atomic<int64_t> requested_{0};
  std::atomic<int64_t> given_up_{0};
  std::atomic<bool> end_sources_{false};
};

}  // namespace raudal::runtime
