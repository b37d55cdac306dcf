// Memory of columns and state: 64-byte aligned blocks that are charged to a job's MemoryTracker.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace raudal::column {

// Counts the bytes of one job. Slots ask pressure() between batches: from 80 % on sources pause, and at 100 % the job
// fails with kMemoryLimit, naming the largest holder.
class MemoryTracker {
 public:
  explicit MemoryTracker(int64_t bytes_max) : bytes_max_(bytes_max) {}
  void charge(int64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void release(int64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  int64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }
  int64_t bytes_max() const { return bytes_max_; }
  bool pressure() const { return used_bytes() > bytes_max_ / 10 * 8; }
  bool exhausted() const { return used_bytes() > bytes_max_; }

 private:
  const int64_t bytes_max_;
  std::atomic<int64_t> used_{0};
};

// The tracker that buffers made by this thread are charged to, for as long as the scope lives. The tracker must
// outlive every buffer made under it.
class MemoryScope {
 public:
  explicit MemoryScope(MemoryTracker* tracker);
  ~MemoryScope();
  static MemoryTracker* current();

 private:
  MemoryTracker* previous_;
};

// A block of bytes. Shared and immutable once a batch holds it; its maker writes it before.
class Buffer {
 public:
  static std::shared_ptr<Buffer> allocate(size_t size_bytes);   // not initialised
  static std::shared_ptr<Buffer> zeroed(size_t size_bytes);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  template <class T> T* as() { return reinterpret_cast<T*>(data_); }
  template <class T> const T* as() const { return reinterpret_cast<const T*>(data_); }
  size_t size_bytes() const { return size_bytes_; }

 private:
  explicit Buffer(size_t size_bytes);

  std::byte* data_;
  size_t size_bytes_;
  MemoryTracker* tracker_;
};

using BufferPtr = std::shared_ptr<Buffer>;

}  // namespace raudal::column
