#include "net/handler_threads.h"

#include <chrono>
#include <utility>

#include "obs/log.h"

namespace raudal::net {
namespace {

constexpr auto kIdle = std::chrono::seconds(10);

}  // namespace

HandlerThreads::~HandlerThreads() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  has_work_.notify_all();
  has_ended_.wait(lock, [&] { return num_threads_ == 0; });
  join_ended();
}

bool HandlerThreads::run(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  join_ended();
  if (static_cast<size_t>(num_waiting_) <= work_.size()) {
    if (num_threads_ >= threads_max_) return false;
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kHandlerStackBytes);
    pthread_t thread;
    const int rc = ::pthread_create(&thread, &attributes, &run_thread, this);
    ::pthread_attr_destroy(&attributes);
    if (rc != 0) return false;
    ++num_threads_;
    ++num_waiting_;  // it will be, and what comes next must not count on it twice
  }
  work_.push_back(std::move(work));
  has_work_.notify_one();
  return true;
}

void* HandlerThreads::run_thread(void* self) {
  obs::set_thread_name("http");
  static_cast<HandlerThreads*>(self)->work_until_idle();
  return nullptr;
}

void HandlerThreads::work_until_idle() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (!has_work_.wait_for(lock, kIdle, [&] { return stopping_ || !work_.empty(); })) break;
    if (work_.empty()) break;
    const std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    --num_waiting_;
    lock.unlock();
    work();
    lock.lock();
    ++num_waiting_;
  }
  --num_waiting_;
  --num_threads_;
  ended_.push_back(::pthread_self());
  has_ended_.notify_all();
}

void HandlerThreads::join_ended() {
  for (const pthread_t thread : std::exchange(ended_, {})) ::pthread_join(thread, nullptr);
}

}  // namespace raudal::net
