// Threads that run HTTP handlers of multiplexed connections: one handler each, for as long as it takes. A thread that
// has nothing to do waits a while for the next one. Used by the HTTP server; its HTTP/1.1 connections have their own.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace raudal::net {

// For a connection or a handler, which calls into whole services.
inline constexpr size_t kHandlerStackBytes = 2 << 20;

class HandlerThreads {
 public:
  explicit HandlerThreads(int threads_max) : threads_max_(threads_max) {}
  ~HandlerThreads();  // waits for what runs
  HandlerThreads(const HandlerThreads&) = delete;

  // Starts at once, on a waiting or a new thread; false when there are too many.
  [[nodiscard]] bool run(std::function<void()> work);

 private:
  static void* run_thread(void* self);
  void work_until_idle();
  void join_ended();  // under the lock

  const int threads_max_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::condition_variable has_ended_;
  std::deque<std::function<void()>> work_;
  std::vector<pthread_t> ended_;
  int num_threads_ = 0;
  int num_waiting_ = 0;
  bool stopping_ = false;
};

}  // namespace raudal::net
