#include "runtime/io_thread.h"

#include <sys/resource.h>
#include <unistd.h>

#include "obs/log.h"

namespace raudal::runtime {
namespace {

constexpr int kNiceness = 4;

}  // namespace

IoThread::IoThread() : thread_([this] { run(); }) {}

IoThread::~IoThread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    posted_.notify_one();
  }
  thread_.join();
}

void IoThread::post(int64_t bytes, std::function<void()> work) {
  queued_bytes_.fetch_add(bytes);
  std::lock_guard lock(mutex_);
  queue_.push_back({bytes, std::move(work)});
  posted_.notify_one();
}

void IoThread::run() {
  obs::set_thread_name("state-io");
  // Rows go before state files where both want the same processor. Nothing depends on it, so a refusal is fine.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
  std::unique_lock lock(mutex_);
  while (true) {
    posted_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work.run();
    queued_bytes_.fetch_sub(work.bytes);
    lock.lock();
  }
}

}  // namespace raudal::runtime
