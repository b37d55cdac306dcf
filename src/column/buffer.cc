#include "column/buffer.h"

#include <bit>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace raudal::column {
namespace {

constexpr size_t kAlignment = 64;
constexpr int kSmallestClass = 6;  // 64 bytes
constexpr int kLargestClass = 18;  // 256 KiB
constexpr size_t kCachedBytesMax = size_t{4} << 20;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kCacheBlocks = false;  // so that a use after free is seen
#else
constexpr bool kCacheBlocks = true;
#endif
#else
constexpr bool kCacheBlocks = true;
#endif

// Blocks are powers of two up to kLargestClass, above that multiples of 4 KiB.
size_t capacity_of(size_t size_bytes) {
  if (size_bytes <= (size_t{1} << kSmallestClass)) return size_t{1} << kSmallestClass;
  if (size_bytes <= (size_t{1} << kLargestClass)) return std::bit_ceil(size_bytes);
  return (size_bytes + 4095) & ~size_t{4095};
}

struct FreeBlock {
  FreeBlock* next;
};

thread_local bool cache_alive = true;  // trivially destructible: may be asked after the cache is gone
thread_local MemoryTracker* current_tracker = nullptr;

// Freed blocks of this thread, by size class: a batch's buffers come back without a page fault or a lock.
struct BlockCache {
  FreeBlock* heads[kLargestClass + 1] = {};
  size_t cached_bytes = 0;

  ~BlockCache() {
    cache_alive = false;
    for (FreeBlock* block : heads) {
      while (block != nullptr) {
        FreeBlock* next = block->next;
        std::free(block);
        block = next;
      }
    }
  }
};
thread_local BlockCache block_cache;

std::byte* take_block(size_t capacity) {
  if (kCacheBlocks && capacity <= (size_t{1} << kLargestClass) && cache_alive) {
    FreeBlock*& head = block_cache.heads[std::countr_zero(capacity)];
    if (head != nullptr) {
      FreeBlock* block = head;
      head = block->next;
      block_cache.cached_bytes -= capacity;
      return reinterpret_cast<std::byte*>(block);
    }
  }
  void* block = std::aligned_alloc(kAlignment, capacity);
  CHECK(block != nullptr);
  return static_cast<std::byte*>(block);
}

void give_block(std::byte* data, size_t capacity) {
  if (kCacheBlocks && capacity <= (size_t{1} << kLargestClass) && cache_alive &&
      block_cache.cached_bytes + capacity <= kCachedBytesMax) {
    FreeBlock*& head = block_cache.heads[std::countr_zero(capacity)];
    auto* block = reinterpret_cast<FreeBlock*>(data);
    block->next = head;
    head = block;
    block_cache.cached_bytes += capacity;
    return;
  }
  std::free(data);
}

}  // namespace

MemoryScope::MemoryScope(MemoryTracker* tracker) : previous_(current_tracker) { current_tracker = tracker; }

MemoryScope::~MemoryScope() { current_tracker = previous_; }

MemoryTracker* MemoryScope::current() { return current_tracker; }

Buffer::Buffer(size_t size_bytes)
    : data_(take_block(capacity_of(size_bytes))), size_bytes_(size_bytes), tracker_(current_tracker) {
  if (tracker_ != nullptr) tracker_->charge(static_cast<int64_t>(capacity_of(size_bytes_)));
}

Buffer::~Buffer() {
  if (tracker_ != nullptr) tracker_->release(static_cast<int64_t>(capacity_of(size_bytes_)));
  give_block(data_, capacity_of(size_bytes_));
}

std::shared_ptr<Buffer> Buffer::allocate(size_t size_bytes) { return std::shared_ptr<Buffer>(new Buffer(size_bytes)); }

std::shared_ptr<Buffer> Buffer::zeroed(size_t size_bytes) {
  std::shared_ptr<Buffer> buffer = allocate(size_bytes);
  std::memset(buffer->data_, 0, size_bytes);
  return buffer;
}

}  // namespace raudal::column
