// The thread that compresses and writes state files, so that a slot never waits for a disk. Work is done in order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace raudal::runtime {

// One per attempt of a job. post() from slots; the rest by the control loop.
class IoThread {
 public:
  // Beyond this slots stop giving it state to write until it has caught up.
  static constexpr int64_t kQueuedBytesMax = 16 << 20;

  IoThread();
  ~IoThread();  // drops what is queued, finishes what is begun

  void post(int64_t bytes, std::function<void()> work);
  bool has_room() const { return queued_bytes_.load() < kQueuedBytesMax; }

 private:
  struct Work {
    int64_t bytes = 0;
    std::function<void()> run;
  };

  void run();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::atomic<int64_t> queued_bytes_{0};
  std::thread thread_;
};

}  // namespace raudal::runtime
