// Wakes a slot thread. Whoever gives a slot something to do calls wake(); the slot takes seen() before it looks for
// work and waits only if nothing was signalled since: no wake-up is lost, and an idle slot sleeps.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace raudal::runtime {

// One per slot; wake() from any thread, the rest by the slot.
class SlotSignal {
 public:
  void wake() {
    events_.fetch_add(1);
    if (!sleeping_.load()) return;
    std::lock_guard lock(mutex_);
    changed_.notify_one();
  }

  uint32_t seen() const { return events_.load(); }

  void wait(uint32_t seen, int64_t timeout_ns);

 private:
  std::atomic<uint32_t> events_{0};
  std::atomic<bool> sleeping_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace raudal::runtime
