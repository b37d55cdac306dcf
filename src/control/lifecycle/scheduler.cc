#include "control/lifecycle/scheduler.h"

#include <chrono>

#include "base/check.h"
#include "obs/log.h"

namespace raudal::control::lifecycle {

using metadata::ApplicationId;

Scheduler::Scheduler(int num_threads, Work work) : work_(std::move(work)), num_running_(num_threads + 1) {
  for (int i = 0; i < num_threads; ++i) threads_.emplace_back([this] { work_loop(); });
  threads_.emplace_back([this] { urgent_loop(); });
}

Scheduler::~Scheduler() { CHECK(threads_.empty()); }

void Scheduler::wake(ApplicationId id) {
  std::lock_guard lock(mutex_);
  if (stopping_ || !queued_.insert(id).second) return;
  if (!busy_.contains(id)) waiting_.push_back(id);
  changed_.notify_all();
}

void Scheduler::run_urgent(std::function<void()> task) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  urgent_.push_back(std::move(task));
  changed_.notify_all();
}

void Scheduler::work_loop() {
  obs::set_thread_name("lifecycle");
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (stopping_) break;
    const ApplicationId id = waiting_.front();
    waiting_.pop_front();
    queued_.erase(id);
    busy_.insert(id);
    lock.unlock();
    work_(id);
    lock.lock();
    busy_.erase(id);
    if (queued_.contains(id)) {
      waiting_.push_back(id);
      changed_.notify_all();
    }
  }
  --num_running_;
  changed_.notify_all();
}

void Scheduler::urgent_loop() {
  obs::set_thread_name("lifecycle-kill");
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !urgent_.empty(); });
    if (stopping_) break;
    const auto task = std::move(urgent_.front());
    urgent_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
  --num_running_;
  changed_.notify_all();
}

bool Scheduler::stop(int64_t timeout_ms) {
  bool ended = false;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    ended = changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return num_running_ == 0; });
  }
  for (std::thread& thread : threads_) {
    if (ended) {
      thread.join();
    } else {
      thread.detach();
    }
  }
  threads_.clear();
  return ended;
}

}  // namespace raudal::control::lifecycle
