// How a table's entries lie in memory: header, key cells, value, string cells. Shared by all tables of a state, by
// their snapshots and by the packing of key columns. All offsets are from the entry's start; the whole is a multiple
// of 8.
//
//   0   8  hash
//   8   4  epoch of the last write; 0: clean
//   12  4  bits 0…29: key i is NULL; bit 30: inserted in that epoch; bit 31: the entry is live
//   16  k  key cells, each aligned to its width; gaps and cells of NULL are zero
//   …   v  value
//   …   s  string cells (column::StringRef; long ones point into the table's arena)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "column/batch.h"
#include "column/builder.h"
#include "state/keyed_state.h"

namespace raudal::state {

struct EntryHeader {
  uint64_t hash;
  uint32_t epoch;
  uint32_t flags;
};
static_assert(sizeof(EntryHeader) == 16);

inline constexpr uint32_t kLiveFlag = 1u << 31;
inline constexpr uint32_t kFreshFlag = 1u << 30;
inline constexpr uint32_t kNullBits = kFreshFlag - 1;
inline constexpr size_t kKeysOffset = sizeof(EntryHeader);

// One key column's place in an entry.
struct KeyCell {
  column::Storage storage;
  uint32_t offset;      // in the entry
  uint32_t width;
};

// The layout that a schema gives.
struct EntryLayout {
  explicit EntryLayout(const StateSchema& schema);

  std::vector<column::Type> key_types;
  std::vector<KeyCell> cells;
  bool has_string_keys = false;
  uint32_t keys_bytes = 0;
  uint32_t value_offset = 0;
  uint32_t value_bytes = 0;
  uint32_t strings_offset = 0;
  uint32_t num_strings = 0;
  uint32_t stride = 0;

  const column::StringRef* strings(const std::byte* entry) const {
    return reinterpret_cast<const column::StringRef*>(entry + strings_offset);
  }
  column::StringRef* strings(std::byte* entry) const {
    return reinterpret_cast<column::StringRef*>(entry + strings_offset);
  }
};

// Keys of many rows in the form that entries have: keys_bytes for each row, and the bits that say which are NULL.
// String cells point where the columns point.
struct PackedKeys {
  std::vector<std::byte> cells;
  std::vector<uint32_t> nulls;
};

// Packs the rows given, or the first num_rows where `rows` is null.
void pack_keys(const EntryLayout& layout, std::span<const column::Column> keys, const uint16_t* rows, size_t num_rows,
               PackedKeys* packed);

bool same_keys(const EntryLayout& layout, const std::byte* a, const std::byte* b);   // both point at key cells

// Appends the keys of entries to one builder per key.
void append_keys(const EntryLayout& layout, std::span<const std::byte* const> entries,
                 std::span<column::ColumnBuilder> builders);

}  // namespace raudal::state
