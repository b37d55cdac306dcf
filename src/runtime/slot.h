// A slot: one thread that runs its share of every task, cooperatively. It opens its tasks, steps them until it is told
// to stop, serialises state for checkpoints between batches, and sleeps when there is nothing to do.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "column/buffer.h"
#include "runtime/slot_signal.h"
#include "runtime/task.h"

namespace raudal::runtime {

// What all slots of an attempt share. All outlives them.
struct SlotEnvironment {
  const Clock* clock = nullptr;
  JobEventQueue* events = nullptr;
  column::MemoryTracker* memory = nullptr;
  int64_t attempt = 0;
};

// See the head of this file. start() and stop() are the control loop's.
class Slot {
 public:
  static constexpr int64_t kTickNs = 100'000'000;
  static constexpr int64_t kDrainStepNs = 1'000'000;

  Slot(int index, const SlotEnvironment& environment) : index_(index), environment_(environment) {}
  ~Slot() { stop(); }

  SlotSignal& signal() { return signal_; }
  void add(std::unique_ptr<Task> task) { tasks_.push_back({.task = std::move(task)}); }
  void start();
  // Asks the thread to end after its current step; does not wait.
  void ask_to_stop();
  // The same, and waits.
  void stop();

 private:
  struct Entry {
    std::unique_ptr<Task> task;
    bool reported_end = false;
    bool reported_failure = false;
  };

  void run();
  bool open_tasks();
  bool step_tasks();
  void report(Entry& entry);
  bool step_drains();
  void tick();
  void check_memory();
  void sleep(uint32_t seen);

  const int index_;
  const SlotEnvironment environment_;
  SlotSignal signal_;
  std::vector<Entry> tasks_;  // consumers first
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  int64_t next_tick_ns_ = 0;
};

}  // namespace raudal::runtime
