// The one 64-bit hash of a row: computed once, carried through the exchange, used by state tables. kHashId stands in
// every snapshot; a snapshot with another id is re-hashed on restore.
//   key group = ((hash >> 32) · max parallelism) >> 32
//   key groups of subtask i of p: [ceil(i·max/p), ceil((i+1)·max/p)), as Flink assigns them
#pragma once

#include <cstdint>
#include <span>

#include "base/ids.h"
#include "column/batch.h"

namespace raudal::column {

inline constexpr uint32_t kHashId = 1;

// Half-open range of key groups.
struct KeyGroupRange {
  int32_t begin = 0;
  int32_t end = 0;
  bool contains(KeyGroup group) const { return group.value() >= begin && group.value() < end; }
};

inline KeyGroup key_group_of(uint64_t hash, int max_parallelism) {
  return KeyGroup(static_cast<int32_t>(((hash >> 32) * static_cast<uint64_t>(max_parallelism)) >> 32));
}
KeyGroupRange key_groups_of_subtask(int subtask, int parallelism, int max_parallelism);
int subtask_of_key_group(KeyGroup group, int parallelism, int max_parallelism);

// Hashes of the key columns, one per row (no selection). NULL hashes as a value of its own; 0.0 and -0.0 are equal,
// all NaN are equal; CHAR and VARCHAR of the same bytes are equal. `hashes` has num_rows entries.
void hash_rows(std::span<const Column> keys, size_t num_rows, uint64_t* hashes);

}  // namespace raudal::column
