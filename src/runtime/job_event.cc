#include "runtime/job_event.h"

#include <algorithm>
#include <chrono>

namespace raudal::runtime {

std::optional<JobEvent> JobEventQueue::pop(int64_t timeout_ns) {
  std::unique_lock lock(mutex_);
  const std::chrono::nanoseconds timeout(std::max<int64_t>(timeout_ns, 0));
  arrived_.wait_for(lock, timeout, [&] { return !events_.empty(); });
  if (events_.empty()) return std::nullopt;
  JobEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace raudal::runtime
