// The strings of a table that do not fit into their 16-byte cell: copied into blocks, by size class, so that what a
// string leaves is taken by the next of its class. Addresses stay valid until release() or the arena's end.
#pragma once

#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "column/batch.h"
#include "state/tracked.h"

namespace raudal::state {

class StringArena {
 public:
  explicit StringArena(BlockAllocator* allocator) : allocator_(allocator) {}
  ~StringArena();
  StringArena(const StringArena&) = delete;
  StringArena& operator=(const StringArena&) = delete;

  // A cell that holds the bytes: within itself, or in the arena.
  column::StringRef store(std::string_view bytes);
  // Gives back what store() took.
  void release(column::StringRef ref);

 private:
  struct Block {
    std::byte* data;
    size_t size_bytes;
  };
  static constexpr int kNumClasses = 48;

  std::byte* take(int size_class);

  BlockAllocator* allocator_;
  std::vector<Block> blocks_;
  std::byte* next_ = nullptr;
  size_t left_bytes_ = 0;
  std::array<std::byte*, kNumClasses> free_{};
  std::unordered_map<std::byte*, size_t> large_;   // strings with a block of their own
};

}  // namespace raudal::state
