// The inside of a KeyedTable: index, entries, and what a snapshot still needs of them. Used by keyed_table.cc
// (look-ups), table_snapshot.cc (touch, erase, drain) and keyed_state.cc only.
//
// Index: open addressing with linear probing over 8-byte slots {low 32 bits of the hash, entry}; it grows without
// looking at an entry. Entries: blocks of equal size, addressed by id; an entry never moves, but the first block is
// small at first.
//
// Snapshot of a table, per entry: written if it is on the list of the closed epoch, or in the range that is written
// in full. An entry whose epoch is the current one has been written again since the barrier: touch() has saved it,
// or it is new.
#pragma once

#include <string>
#include <vector>

#include "state/key_layout.h"
#include "state/keyed_state.h"
#include "state/snapshot_chunk.h"
#include "state/string_arena.h"
#include "state/tracked.h"

namespace raudal::state {

// What all tables of a state share: where the snapshots stand.
struct SnapshotEpochs {
  uint32_t current = 1;
  uint32_t closed = 0;       // the epoch that the last barrier ended
  bool tracking = false;     // false until the first snapshot, which is a full one: touched entries need no list
  bool active = false;
  bool full = false;
  uint8_t range = 0;         // of an incremental one

  static constexpr uint32_t kNumRanges = 16;
  bool in_range(uint64_t hash) const { return full || ((hash >> 28) & (kNumRanges - 1)) == range; }
};

// A place of the index; empty where the entry is kNoEntry.
struct Slot {
  uint32_t tag;
  EntryId entry;
};

// How much a step of a drain may still do: bytes to write, and entries to look at, which costs as well.
struct DrainBudget {
  int64_t bytes;
  static constexpr int64_t kBytesPerVisit = 16;
};

struct KeyedTable::Impl {
  Impl(const EntryLayout& layout, const SnapshotEpochs& epochs, BlockAllocator* allocator);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::byte* at(EntryId entry) const {
    return blocks[entry >> shift] + static_cast<size_t>(entry & entry_mask) * layout.stride;
  }
  EntryHeader& header(EntryId entry) const { return *reinterpret_cast<EntryHeader*>(at(entry)); }
  bool live(EntryId entry) const { return (header(entry).flags & kLiveFlag) != 0; }

  // Index.
  template <class Keys, bool kPrefetch>
  void probe(const Keys& keys, const uint64_t* hashes, const uint16_t* rows, size_t num_rows, EntryId* entries,
             uint8_t* inserted);
  template <class Keys>
  void find_only(const Keys& keys, const uint64_t* hashes, const uint16_t* rows, size_t num_rows,
                 EntryId* entries) const;
  template <class Keys>
  void run(const Keys& keys, const uint64_t* hashes, const uint16_t* rows, size_t num_rows, EntryId* entries,
           uint8_t* inserted, bool insert);
  template <class Keys>
  EntryId find_or_insert_one(const Keys& keys, size_t key_row, uint64_t hash, uint8_t* inserted);
  template <class Keys>
  EntryId insert(const Keys& keys, size_t row, uint64_t hash, size_t slot);
  void look_up(std::span<const column::Column> keys, const uint64_t* hashes, const uint16_t* rows, size_t num_rows,
               EntryId* entries, uint8_t* inserted, bool insert);
  EntryId find_or_insert_decoded(const DecodedEntry& decoded, uint64_t hash, bool insert);
  void grow_index();
  void unlink(EntryId entry);
  void prefetch_entry(EntryId entry) const {
    const std::byte* begin = at(entry);
    __builtin_prefetch(begin, 1);
    __builtin_prefetch(begin + layout.stride - 1, 1);   // half of the entries lie on two lines
  }

  // Entries.
  EntryId new_entry(uint64_t hash, uint32_t null_flags);
  void add_block();
  void free_entry(EntryId entry);
  void own_key_strings(std::byte* entry);

  // Snapshots.
  void touch(EntryId entry) {
    if (header(entry).epoch != epochs.current) touch_slowly(entry);
  }
  void touch_slowly(EntryId entry);
  void add_touched(EntryId entry);
  void save_where_needed(EntryId entry);
  void erase(EntryId entry);
  void begin_snapshot();
  bool drain(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget);
  bool drain_erased(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget);
  bool drain_touched(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget);
  bool drain_ranges(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget);
  bool drain_saved(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget);
  void discard_saved();
  bool carry_over_step(DrainBudget* budget);
  void carry_over();
  void apply(const DecodedEntry& decoded, uint64_t hash);
  void forget(EntryId entry);

  const EntryLayout& layout;
  const SnapshotEpochs& epochs;
  BlockAllocator* allocator;

  Slot* slots = nullptr;
  size_t slot_mask = 0;
  size_t num_live = 0;

  std::vector<std::byte*> blocks;
  std::vector<std::byte*> slabs;
  uint32_t shift = 0;
  uint32_t entry_mask = 0;
  size_t block_bytes = 0;
  size_t first_block_entries = 0;      // how many fit into block 0 while it is the only one
  std::byte* slab_next = nullptr;
  size_t slab_left = 0;
  EntryId next_id = 0;
  TrackedVector<EntryId> free_ids;
  StringArena arena;

  // Of the current epoch, and of the closed one that a snapshot is about.
  TrackedVector<EntryId> touched;
  TrackedVector<EntryId> erased;
  TrackedVector<EntryId> closed_touched;
  TrackedVector<EntryId> closed_erased;
  TrackedVector<EntryId> releasing;    // erased entries whose end is in a snapshot that stands: to be freed bit by bit
  uint32_t born_epoch;

  enum class Phase : uint8_t { kNone, kErased, kTouched, kRanges, kSaved, kCarryOver, kDone };
  Phase phase = Phase::kNone;
  size_t cursor = 0;                   // in the list of the phase
  EntryId scan_cursor = 0;             // entries before it are written, in ranges
  EntryId scan_end = 0;                // entries from here on are younger than the barrier
  // Entries that were written again before they were drained, as they were at the barrier.
  struct Saved {
    std::string encoded;
    uint32_t count = 0;
  };
  std::vector<Saved> saved;
};

}  // namespace raudal::state
