// Queues between threads. BoundedQueue: any number of producers and consumers, blocking, with a limit and close().
// SpscRing: one producer thread, one consumer thread, never blocks; the channel between two slots.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace raudal {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // Waits for room. False when the queue was closed: the item is dropped.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    has_items_.notify_one();
    return true;
  }

  // Waits for an item. Empty once the queue is closed and drained.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    has_items_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    has_room_.notify_one();
    return item;
  }

  std::optional<T> try_pop() {
    std::lock_guard lock(mutex_);
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    has_room_.notify_one();
    return item;
  }

  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    has_room_.notify_all();
    has_items_.notify_all();
  }

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_items_;
  std::deque<T> items_;
  bool closed_ = false;
};

template <class T>
class SpscRing {
 public:
  explicit SpscRing(size_t capacity) : slots_(capacity + 1) {}

  bool full() const { return next(tail_.load(std::memory_order_relaxed)) == head_.load(std::memory_order_acquire); }
  bool empty() const { return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_acquire); }

  // Producer only. False when full; the item is untouched then.
  bool try_push(T& item) {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (next(tail) == head_.load(std::memory_order_acquire)) return false;
    slots_[tail] = std::move(item);
    tail_.store(next(tail), std::memory_order_release);
    return true;
  }

  // Consumer only: the oldest item, or null. It stays until pop().
  T* front() {
    const size_t head = head_.load(std::memory_order_relaxed);
    return head == tail_.load(std::memory_order_acquire) ? nullptr : &slots_[head];
  }

  void pop() {
    const size_t head = head_.load(std::memory_order_relaxed);
    slots_[head] = T();
    head_.store(next(head), std::memory_order_release);
  }

 private:
  size_t next(size_t index) const { return index + 1 == slots_.size() ? 0 : index + 1; }

  std::vector<T> slots_;
  alignas(64) std::atomic<size_t> head_{0};
  alignas(64) std::atomic<size_t> tail_{0};
};

}  // namespace raudal
