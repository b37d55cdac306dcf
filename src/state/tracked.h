// Memory of state that is charged to a job: plain blocks, and vectors that charge what they hold. Used by the tables
// and their arenas; whoever makes a block gives it back with the same size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "column/buffer.h"

namespace raudal::state {

// Allocates for one table and counts what it has out. Large blocks are asked for as huge pages: a table's look-ups
// are random, and the fewer pages it spans, the fewer of them miss in the TLB.
class BlockAllocator {
 public:
  explicit BlockAllocator(column::MemoryTracker* tracker) : tracker_(tracker) {}
  ~BlockAllocator();
  BlockAllocator(const BlockAllocator&) = delete;
  BlockAllocator& operator=(const BlockAllocator&) = delete;

  std::byte* allocate(size_t size_bytes);
  void release(std::byte* block, size_t size_bytes);
  void charge(int64_t bytes);
  int64_t used_bytes() const { return used_bytes_; }

 private:
  column::MemoryTracker* tracker_;
  int64_t used_bytes_ = 0;
};

// A vector of plain values that charges its capacity.
template <class T>
class TrackedVector {
 public:
  explicit TrackedVector(BlockAllocator* allocator) : allocator_(allocator) {}
  ~TrackedVector() { clear(); }
  TrackedVector(const TrackedVector&) = delete;
  TrackedVector& operator=(const TrackedVector&) = delete;

  void push_back(T value) {
    if (items_.size() == items_.capacity()) [[unlikely]] grow();
    items_.push_back(value);
  }
  T pop_back() {
    const T last = items_.back();
    items_.pop_back();
    return last;
  }
  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  T operator[](size_t index) const { return items_[index]; }
  const std::vector<T>& items() const { return items_; }
  void clear() {
    allocator_->charge(-static_cast<int64_t>(items_.capacity() * sizeof(T)));
    std::vector<T>().swap(items_);
  }
  void swap(TrackedVector& other) { items_.swap(other.items_); }

 private:
  void grow() {
    const size_t before = items_.capacity();
    items_.reserve(before == 0 ? 16 : before * 2);
    allocator_->charge(static_cast<int64_t>((items_.capacity() - before) * sizeof(T)));
  }

  BlockAllocator* allocator_;
  std::vector<T> items_;
};

}  // namespace raudal::state
