// Keyed state of one operator instance: tables of compact rows behind a batch-first interface, snapshots by epoch.
//
// One KeyedState has one schema and any number of namespaces (a window's slice; 0 for unbounded aggregates), each
// with a table of its own that is dropped whole. A barrier calls begin_snapshot(), O(1); the slot then calls drain()
// between batches until it is done. A row that is written again before it was drained is saved aside by touch().
// Single-threaded.
//
// Entry = key columns and value. A value is value_width bytes plus `num_byte_strings` strings of any length.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "column/batch.h"
#include "column/builder.h"
#include "column/hash.h"

namespace raudal::state {

// An entry of a table; valid until it is erased. 32 bits: 4 G entries a table.
using EntryId = uint32_t;
inline constexpr EntryId kNoEntry = ~0u;

struct StateSchema {
  std::vector<column::Type> keys;    // may be empty: one global entry
  int value_width = 0;               // bytes, zeroed at insertion, 8-byte aligned
  int num_byte_strings = 0;
  std::string description;           // compared on restore: kStateIncompatible where it differs
  int num_partition_keys = -1;       // how many of the keys choose the key group; -1: all. See partitioned_hash()
};

// The hash of an entry whose key group is chosen by some of its keys only: a distinct value lives where its group
// lives.
inline uint64_t partitioned_hash(uint64_t hash_of_partition_keys, uint64_t hash_of_all_keys) {
  return (hash_of_partition_keys & 0xFFFFFFFF00000000ull) | (hash_of_all_keys & 0xFFFFFFFFull);
}

// The entries of one namespace, by key.
// Where the values of a table lie, for loops over many entries. Valid until the next insertion or erasure.
struct EntryValues {
  std::byte* const* blocks = nullptr;
  uint32_t shift = 0;
  uint32_t mask = 0;
  size_t stride = 0;
  size_t offset = 0;
  std::byte* operator[](EntryId entry) const {
    return blocks[entry >> shift] + static_cast<size_t>(entry & mask) * stride + offset;
  }
};

// The entries of one namespace.
class KeyedTable {
 public:
  // For each of num_rows rows: the entry with its keys, inserted (value zeroed) where it is new. Prefetches.
  // inserted (may be null) gets 1 where the entry is new. Same keys twice in a batch give the same entry.
  void find_or_insert(std::span<const column::Column> keys, const uint64_t* hashes, size_t num_rows, EntryId* entries,
                      uint8_t* inserted);
  // The same for some rows of the columns: result i is of row rows[i].
  void find_or_insert(std::span<const column::Column> keys, const uint64_t* hashes, std::span<const uint16_t> rows,
                      EntryId* entries, uint8_t* inserted);
  // The same for the keys of another table's entries; both tables are of equal schemas.
  void find_or_insert(KeyedTable& from, std::span<const EntryId> from_entries, EntryId* entries, uint8_t* inserted);
  // kNoEntry where there is none.
  void find(std::span<const column::Column> keys, const uint64_t* hashes, size_t num_rows, EntryId* entries);

  // Makes the index large enough for so many more entries.
  void reserve(size_t num_entries);

  // Must precede each write to an entry's value or strings: keeps the old version where a snapshot still needs it.
  void touch(EntryId entry);
  void touch_many(std::span<const EntryId> entries);
  void erase(EntryId entry);

  std::byte* value(EntryId entry);
  EntryValues values() const;
  std::string_view bytes(EntryId entry, int slot) const;
  void set_bytes(EntryId entry, int slot, std::string_view text);
  uint64_t hash(EntryId entry) const;

  size_t size() const;
  // Live entries in table order, from a cursor that starts at 0; returns fewer than entries.size() only at the end.
  size_t scan(uint32_t* cursor, std::span<EntryId> entries) const;
  // Appends the key columns of entries to builders (one per key).
  void read_keys(std::span<const EntryId> entries, std::span<column::ColumnBuilder> builders) const;
  // Tells the CPU to fetch an entry's value soon.
  void prefetch(EntryId entry) const;

  struct Impl;   // state/table_impl.h
  explicit KeyedTable(std::unique_ptr<Impl> impl);
  ~KeyedTable();
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Receives the chunks of a snapshot; implemented by the checkpoint writer of the slot.
class ChunkWriter {
 public:
  virtual ~ChunkWriter() = default;
  // `bytes` is a self-contained chunk of KeyedState's format; order matters on restore.
  virtual Status write_chunk(std::string_view bytes) = 0;
};

enum class SnapshotKind {
  kIncremental,   // rows touched since the last snapshot, and one of 16 ranges in full: a chain is at most 16 long
  kFull,          // everything: savepoints, and a run's first checkpoint
};

// All keyed state of one operator instance, with its snapshots.
// All namespaces of one state of one operator instance.
class KeyedState {
 public:
  // Incremental files that make a whole chain: older ones may be left out of a manifest.
  static constexpr int kChainLengthMax = 16;
  static constexpr int kKeysMax = 30;

  KeyedState(StateSchema schema, column::KeyGroupRange key_groups, int max_parallelism);
  ~KeyedState();

  const StateSchema& schema() const;
  // The table of a namespace, made when absent.
  KeyedTable& table(int64_t name_space);
  KeyedTable* find_table(int64_t name_space);
  void drop(int64_t name_space);
  std::vector<int64_t> namespaces() const;   // ascending

  // At a barrier. The previous snapshot must be drained or abandoned.
  void begin_snapshot(SnapshotKind kind);
  // Writes up to about bytes_max bytes; true when the snapshot is complete.
  Result<bool> drain(ChunkWriter& writer, size_t bytes_max);
  void abandon_snapshot();
  // After a checkpoint failed: what it held counts as touched again, so the next one has it. Before the next begin.
  void snapshot_failed();

  // Applies a chunk (in the order written, oldest checkpoint first), keeping only entries of this key group range.
  // kCorrupt, kStateIncompatible.
  Status restore_chunk(std::string_view bytes);

  size_t memory_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace raudal::state
