#include "runtime/slot.h"

#include <algorithm>
#include <ranges>

#include <fmt/core.h>

#include "obs/log.h"

namespace raudal::runtime {

void Slot::start() {
  thread_ = std::thread([this] { run(); });
}

void Slot::ask_to_stop() {
  stopping_.store(true);
  signal_.wake();
}

void Slot::stop() {
  ask_to_stop();
  if (thread_.joinable()) thread_.join();
}

void Slot::run() {
  obs::set_thread_name(fmt::format("slot-{}", index_));
  column::MemoryScope memory(environment_.memory);
  if (!open_tasks()) return;
  while (!stopping_.load()) {
    const uint32_t seen = signal_.seen();
    bool progress = step_tasks();
    progress = step_drains() || progress;
    tick();
    if (progress) continue;
    for (Entry& entry : tasks_) entry.task->flush();
    sleep(seen);
  }
}

bool Slot::open_tasks() {
  for (Entry& entry : tasks_) {
    if (stopping_.load()) return false;
    Status opened = entry.task->open();
    if (opened.ok()) continue;
    environment_.events->push({environment_.attempt, TaskFailed{entry.task->name(), std::move(opened).error()}});
    return false;
  }
  environment_.events->push({environment_.attempt, TasksOpened{index_}});
  return true;
}

bool Slot::step_tasks() {
  bool progress = false;
  for (Entry& entry : tasks_) {
    const int64_t now_ns = environment_.clock->monotonic_ns();
    progress = entry.task->step(now_ns) == StepOutcome::kProgress || progress;
    report(entry);
  }
  return progress;
}

void Slot::report(Entry& entry) {
  if (entry.task->failed() && !entry.reported_failure) {
    entry.reported_failure = true;
    environment_.events->push({environment_.attempt, TaskFailed{entry.task->name(), entry.task->error()}});
  }
  if (!entry.reported_end && entry.task->ended() && !entry.task->failed()) {
    entry.reported_end = true;
    environment_.events->push({environment_.attempt, TaskEnded{entry.task->id()}});
  }
}

// One step for one of the drains; true when there was something to write and room for it.
bool Slot::step_drains() {
  for (Entry& entry : tasks_) {
    SnapshotDrain* const drain = entry.task->drain();
    if (!drain) continue;
    const bool done = drain->step(kDrainStepNs);
    if (done) entry.task->drained();
    return done || !drain->waits_for_io();
  }
  return false;
}

void Slot::tick() {
  const int64_t now_ns = environment_.clock->monotonic_ns();
  if (now_ns < next_tick_ns_) return;
  next_tick_ns_ = now_ns + kTickNs;
  for (Entry& entry : tasks_) {
    entry.task->tick();
    report(entry);
  }
  check_memory();
}

void Slot::check_memory() {
  if (!environment_.memory->exhausted()) return;
  const auto largest =
      std::ranges::max_element(tasks_, {}, [](const Entry& entry) { return entry.task->state_bytes(); });
  environment_.events->push(
      {environment_.attempt,
       TaskFailed{
           largest->task->name(),
           Error(ErrorCode::kMemoryLimit,
                 fmt::format("Job needs more memory than it may use: {} MiB of {} MiB. The largest state of this "
                             "slot is {} MiB, of {}. Give the application more KPUs, or keep less state",
                             environment_.memory->used_bytes() >> 20, environment_.memory->bytes_max() >> 20,
                             largest->task->state_bytes() >> 20, largest->task->name()))}});
}

void Slot::sleep(uint32_t seen) {
  const int64_t now_ns = environment_.clock->monotonic_ns();
  int64_t until_ns = next_tick_ns_;
  for (const Entry& entry : tasks_) {
    until_ns = std::min(until_ns, entry.task->next_read_ns());
    // The I/O thread does not wake a slot that waits for it to catch up.
    if (entry.task->drain()) until_ns = std::min(until_ns, now_ns + kDrainStepNs);
  }
  signal_.wait(seen, until_ns - now_ns);
}

}  // namespace raudal::runtime
