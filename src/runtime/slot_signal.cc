#include "runtime/slot_signal.h"

#include <chrono>

namespace raudal::runtime {

void SlotSignal::wait(uint32_t seen, int64_t timeout_ns) {
  if (timeout_ns <= 0 || events_.load() != seen) return;
  std::unique_lock lock(mutex_);
  sleeping_.store(true);
  changed_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), [&] { return events_.load() != seen; });
  sleeping_.store(false);
}

}  // namespace raudal::runtime
