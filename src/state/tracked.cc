#include "state/tracked.h"

#include <sys/mman.h>

#include <cstdlib>

#include "base/check.h"

namespace raudal::state {
namespace {

constexpr size_t kHugePageBytes = size_t{2} << 20;
constexpr size_t kAlignment = 64;

size_t rounded(size_t size_bytes, size_t unit) { return (size_bytes + unit - 1) / unit * unit; }

}  // namespace

BlockAllocator::~BlockAllocator() { CHECK(used_bytes_ == 0); }

std::byte* BlockAllocator::allocate(size_t size_bytes) {
  const bool huge = size_bytes >= kHugePageBytes;
  const size_t unit = huge ? kHugePageBytes : kAlignment;
  void* block = std::aligned_alloc(unit, rounded(size_bytes, unit));
  CHECK(block != nullptr);
  if (huge) ::madvise(block, rounded(size_bytes, unit), MADV_HUGEPAGE);   // a wish: it works without
  charge(static_cast<int64_t>(size_bytes));
  return static_cast<std::byte*>(block);
}

void BlockAllocator::release(std::byte* block, size_t size_bytes) {
  std::free(block);
  charge(-static_cast<int64_t>(size_bytes));
}

void BlockAllocator::charge(int64_t bytes) {
  used_bytes_ += bytes;
  if (tracker_ != nullptr) tracker_->charge(bytes);
}

}  // namespace raudal::state
