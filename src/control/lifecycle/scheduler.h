// Threads that work on applications: at most one at a time on each, many applications at once. An application that is
// woken while it is worked on is worked on once more. Kills have a thread of their own, since they must get through
// while an application's own thread waits for its engine.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "control/metadata/records.h"

namespace raudal::control::lifecycle {

class Scheduler {
 public:
  using Work = std::function<void(metadata::ApplicationId)>;

  Scheduler(int num_threads, Work work);
  ~Scheduler();  // stop() must have been called

  void wake(metadata::ApplicationId id);
  void run_urgent(std::function<void()> task);

  // Takes no more work. True when all threads have ended within the time; otherwise they are left behind, and the
  // process must end soon.
  bool stop(int64_t timeout_ms);

 private:
  void work_loop();
  void urgent_loop();

  const Work work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<metadata::ApplicationId> waiting_;
  std::set<metadata::ApplicationId> queued_;  // in waiting_, or to be once they are no longer worked on
  std::set<metadata::ApplicationId> busy_;
  std::deque<std::function<void()>> urgent_;
  bool stopping_ = false;
  int num_running_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace raudal::control::lifecycle
