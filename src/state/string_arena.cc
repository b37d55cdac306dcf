#include "state/string_arena.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace raudal::state {
namespace {

constexpr size_t kFirstBlockBytes = 1024;
constexpr size_t kBlockBytes = 64 << 10;
constexpr size_t kClassBytesMax = 16 << 10;   // longer strings have a block of their own

// Four classes to each power of two, from 16 bytes: 16 20 24 28 32 40 48 56 64 …, rounded to multiples of 8.
constexpr size_t class_bytes(int size_class) {
  const size_t base = size_t{16} << (size_class / 4);
  return (base + base / 4 * static_cast<size_t>(size_class % 4) + 7) & ~size_t{7};
}

int class_of(size_t size_bytes) {
  const size_t at_least = std::max<size_t>(size_bytes, 16);
  int size_class = (std::bit_width(at_least - 1) - 5) * 4;   // the power of two below
  size_class = std::max(size_class, 0);
  while (class_bytes(size_class) < size_bytes) ++size_class;
  return size_class;
}

}  // namespace

StringArena::~StringArena() {
  for (const Block& block : blocks_) allocator_->release(block.data, block.size_bytes);
  for (const auto& [data, size_bytes] : large_) allocator_->release(data, size_bytes);
}

std::byte* StringArena::take(int size_class) {
  if (std::byte* reused = free_[static_cast<size_t>(size_class)]) {
    std::memcpy(&free_[static_cast<size_t>(size_class)], reused, sizeof(std::byte*));
    return reused;
  }
  const size_t size_bytes = class_bytes(size_class);
  if (left_bytes_ < size_bytes) {
    const size_t wanted = blocks_.empty() ? kFirstBlockBytes : std::min(blocks_.back().size_bytes * 2, kBlockBytes);
    left_bytes_ = std::max(wanted, std::bit_ceil(size_bytes));
    next_ = allocator_->allocate(left_bytes_);
    blocks_.push_back({next_, left_bytes_});
  }
  std::byte* taken = next_;
  next_ += size_bytes;
  left_bytes_ -= size_bytes;
  return taken;
}

column::StringRef StringArena::store(std::string_view bytes) {
  column::StringRef ref(bytes);
  if (ref.inlined()) return ref;
  const bool large = bytes.size() > kClassBytesMax;
  std::byte* copy = large ? allocator_->allocate(bytes.size()) : take(class_of(bytes.size()));
  if (large) large_.emplace(copy, bytes.size());
  std::memcpy(copy, bytes.data(), bytes.size());
  ref.pointer = reinterpret_cast<const char*>(copy);
  return ref;
}

void StringArena::release(column::StringRef ref) {
  if (ref.inlined()) return;
  auto* bytes = reinterpret_cast<std::byte*>(const_cast<char*>(ref.pointer));
  if (ref.size > kClassBytesMax) {
    large_.erase(bytes);
    allocator_->release(bytes, ref.size);
    return;
  }
  std::byte*& head = free_[static_cast<size_t>(class_of(ref.size))];
  std::memcpy(bytes, &head, sizeof(std::byte*));
  head = bytes;
}

}  // namespace raudal::state
