// Columns and batches: what flows between operators. A batch holds at most kBatchRowsMax rows and about 1 MiB.
// Buffers are shared and immutable once in a batch: whoever wants to change one makes a new one.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "column/buffer.h"
#include "column/type.h"

namespace raudal::column {

inline constexpr size_t kBatchRowsMax = 4096;

// A string of 16 bytes: up to 12 bytes lie within, longer ones begin with a copy of their first four and point into a
// heap buffer that the column keeps alive. Unused bytes of a short string are zero, so that equality is two words.
struct StringRef {
  uint32_t size = 0;
  char prefix[4] = {};
  union {
    char rest[8] = {};
    const char* pointer;
  };

  static constexpr uint32_t kInlineMax = 12;
  StringRef() = default;
  // Refers to the bytes; they must outlive the StringRef where they are more than kInlineMax.
  explicit StringRef(std::string_view bytes) : size(static_cast<uint32_t>(bytes.size())) {
    if (size <= kInlineMax) {
      std::memcpy(prefix, bytes.data(), size);
    } else {
      std::memcpy(prefix, bytes.data(), 4);
      pointer = bytes.data();
    }
  }
  std::string_view view() const { return {size <= kInlineMax ? prefix : pointer, size}; }
  bool inlined() const { return size <= kInlineMax; }
};
static_assert(sizeof(StringRef) == 16);

// What a row does to a table; the values are Flink's RowKind.
enum class ChangeKind : uint8_t { kInsert = 0, kUpdateBefore = 1, kUpdateAfter = 2, kDelete = 3 };

// Values of one type. `values` holds size × type.width() bytes (empty for lists and rows). Where a row is NULL its
// value is unspecified, but a StringRef there is empty and a list has no elements.
struct Column {
  Type type;
  size_t size = 0;
  BufferPtr values;
  BufferPtr validity;               // one byte a row, 1 = present; null: no row is NULL
  BufferPtr offsets;                // ARRAY, MAP: size + 1 int32 positions in the children
  std::vector<Column> children;     // ARRAY {element}; MAP {key, value}; ROW one per field
  std::vector<std::shared_ptr<const void>> heaps;  // keep the bytes alive that StringRefs point to

  template <class T> const T* data() const { return values->as<T>(); }
  bool is_valid(size_t row) const { return !validity || validity->as<uint8_t>()[row] != 0; }
  std::string_view string(size_t row) const { return data<StringRef>()[row].view(); }
};

// Positions of the rows that count, ascending.
struct Selection {
  BufferPtr rows;                   // uint16 positions; null: all rows
  size_t size = 0;
};

// Rows as columns. Every array below has num_rows entries; the selection says which of them count.
struct Batch {
  size_t num_rows = 0;
  std::vector<Column> columns;
  Selection selection;              // applies where selection.rows is set
  BufferPtr change_kinds;           // ChangeKind a row; null: all kInsert
  BufferPtr hashes;                 // uint64 a row, of the key columns of the exchange it went through; may be null
  BufferPtr row_watermarks;         // int64 ms: the watermark in effect when the row arrived; null: the task's own.
                                    // Lets a window decide lateness row by row, as Flink does, without small batches

  size_t num_selected() const { return selection.rows ? selection.size : num_rows; }
  ChangeKind change_kind(size_t row) const {
    return change_kinds ? static_cast<ChangeKind>(change_kinds->as<uint8_t>()[row]) : ChangeKind::kInsert;
  }
};

// A column of the given rows, in their order. Strings are shared unless under a quarter of them is kept; then copied.
Column gather(const Column& column, const uint16_t* rows, size_t num_rows);
// The batch without its selection: all arrays gathered.
Batch flatten(const Batch& batch);
// Rows [begin, begin + count) of a batch without selection.
Batch slice(const Batch& batch, size_t begin, size_t count);
// The rows of both, one after the other; same types. For tests and for joining small batches.
Batch concatenate(const Batch& first, const Batch& second);
// Bytes of all buffers, shared ones counted once per holder.
size_t memory_bytes(const Batch& batch);

}  // namespace raudal::column
