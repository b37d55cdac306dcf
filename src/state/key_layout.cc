#include "state/key_layout.h"

#include <cstring>
#include <limits>

#include "base/check.h"

namespace raudal::state {
namespace {

using column::Storage;
using column::StringRef;

uint32_t round_up(uint32_t value, uint32_t unit) { return (value + unit - 1) / unit * unit; }

// Copies a column's values into its cells. T is the storage type; `canonical` maps values that are equal as keys to
// one.
template <class T, class Canonical>
void pack_column(const column::Column& column, const uint16_t* rows, size_t num_rows, std::byte* cells, size_t stride,
                 Canonical canonical) {
  const T* values = column.data<T>();
  for (size_t i = 0; i < num_rows; ++i) {
    const T value = canonical(values[rows ? rows[i] : i]);
    std::memcpy(cells + i * stride, &value, sizeof(T));
  }
}

// As the row hash sees them: -0.0 is 0.0, and all NaN are one.
constexpr auto kCanonicalFloating = [](auto value) {
  if (value != value) return std::numeric_limits<decltype(value)>::quiet_NaN();
  return value == 0 ? decltype(value){0} : value;
};
constexpr auto kSame = [](auto value) { return value; };

void pack_cells(const column::Column& column, const uint16_t* rows, size_t num_rows, std::byte* cells, size_t stride) {
  switch (column.type.storage()) {
    case Storage::kInt8: return pack_column<int8_t>(column, rows, num_rows, cells, stride, kSame);
    case Storage::kInt16: return pack_column<int16_t>(column, rows, num_rows, cells, stride, kSame);
    case Storage::kInt32: return pack_column<int32_t>(column, rows, num_rows, cells, stride, kSame);
    case Storage::kInt64: return pack_column<int64_t>(column, rows, num_rows, cells, stride, kSame);
    case Storage::kInt128: return pack_column<__int128>(column, rows, num_rows, cells, stride, kSame);
    case Storage::kFloat: return pack_column<float>(column, rows, num_rows, cells, stride, kCanonicalFloating);
    case Storage::kDouble: return pack_column<double>(column, rows, num_rows, cells, stride, kCanonicalFloating);
    case Storage::kString: return pack_column<StringRef>(column, rows, num_rows, cells, stride, kSame);
    case Storage::kNone: return;
    case Storage::kList:
    case Storage::kRow: CHECK(false);
  }
}

void clear_nulls(const column::Column& column, const uint16_t* rows, size_t num_rows, size_t key, size_t width,
                 std::byte* cells, size_t stride, uint32_t* nulls) {
  const uint8_t* validity = column.validity->as<uint8_t>();
  for (size_t i = 0; i < num_rows; ++i) {
    if (validity[rows ? rows[i] : i] != 0) continue;
    nulls[i] |= 1u << key;
    std::memset(cells + i * stride, 0, width);
  }
}

bool same_strings(const std::byte* a, const std::byte* b) {
  if (std::memcmp(a, b, 8) != 0) return false;
  StringRef left;
  StringRef right;
  std::memcpy(&left, a, sizeof(left));
  std::memcpy(&right, b, sizeof(right));
  if (left.inlined()) return std::memcmp(left.rest, right.rest, 8) == 0;
  return std::memcmp(left.pointer, right.pointer, left.size) == 0;
}

template <class T>
void append_cells(const EntryLayout& layout, std::span<const std::byte* const> entries, size_t key,
                  column::ColumnBuilder* builder) {
  const uint32_t offset = layout.cells[key].offset;
  for (const std::byte* entry : entries) {
    if ((reinterpret_cast<const EntryHeader*>(entry)->flags >> key & 1) != 0) {
      builder->append_null();
      continue;
    }
    T value;
    std::memcpy(&value, entry + offset, sizeof(T));
    if constexpr (std::is_same_v<T, StringRef>) builder->append_string(value.view());
    else builder->append<T>(value);
  }
}

}  // namespace

EntryLayout::EntryLayout(const StateSchema& schema) : key_types(schema.keys) {
  CHECK(schema.keys.size() <= KeyedState::kKeysMax);
  CHECK(schema.value_width >= 0 && schema.num_byte_strings >= 0);
  uint32_t offset = kKeysOffset;
  for (const column::Type& type : key_types) {
    const auto width = static_cast<uint32_t>(type.width());
    if (width > 0) offset = round_up(offset, width > 8 ? 8 : width);
    cells.push_back({.storage = type.storage(), .offset = offset, .width = width});
    has_string_keys = has_string_keys || type.storage() == Storage::kString;
    offset += width;
  }
  value_offset = round_up(offset, 8);
  keys_bytes = value_offset - kKeysOffset;
  value_bytes = round_up(static_cast<uint32_t>(schema.value_width), 8);
  strings_offset = value_offset + value_bytes;
  num_strings = static_cast<uint32_t>(schema.num_byte_strings);
  stride = strings_offset + num_strings * sizeof(StringRef);
}

void pack_keys(const EntryLayout& layout, std::span<const column::Column> keys, const uint16_t* rows, size_t num_rows,
               PackedKeys* packed) {
  CHECK(keys.size() == layout.cells.size());
  packed->cells.assign(num_rows * layout.keys_bytes, std::byte{0});
  packed->nulls.assign(num_rows, 0);
  for (size_t k = 0; k < keys.size(); ++k) {
    const KeyCell& cell = layout.cells[k];
    std::byte* cells = packed->cells.data() + (cell.offset - kKeysOffset);
    if (cell.storage == Storage::kNone) {
      for (uint32_t& nulls : packed->nulls) nulls |= 1u << k;
      continue;
    }
    CHECK(keys[k].type.storage() == cell.storage);
    pack_cells(keys[k], rows, num_rows, cells, layout.keys_bytes);
    if (!keys[k].validity) continue;
    clear_nulls(keys[k], rows, num_rows, k, cell.width, cells, layout.keys_bytes, packed->nulls.data());
  }
}

bool same_keys(const EntryLayout& layout, const std::byte* a, const std::byte* b) {
  if (!layout.has_string_keys) return layout.keys_bytes == 0 || std::memcmp(a, b, layout.keys_bytes) == 0;
  for (const KeyCell& cell : layout.cells) {
    const size_t at = cell.offset - kKeysOffset;
    const bool same = cell.storage == Storage::kString ? same_strings(a + at, b + at)
                                                       : std::memcmp(a + at, b + at, cell.width) == 0;
    if (!same) return false;
  }
  return true;
}

void append_keys(const EntryLayout& layout, std::span<const std::byte* const> entries,
                 std::span<column::ColumnBuilder> builders) {
  CHECK(builders.size() == layout.cells.size());
  for (size_t k = 0; k < layout.cells.size(); ++k) {
    switch (layout.cells[k].storage) {
      case Storage::kInt8: append_cells<int8_t>(layout, entries, k, &builders[k]); break;
      case Storage::kInt16: append_cells<int16_t>(layout, entries, k, &builders[k]); break;
      case Storage::kInt32: append_cells<int32_t>(layout, entries, k, &builders[k]); break;
      case Storage::kInt64: append_cells<int64_t>(layout, entries, k, &builders[k]); break;
      case Storage::kInt128: append_cells<__int128>(layout, entries, k, &builders[k]); break;
      case Storage::kFloat: append_cells<float>(layout, entries, k, &builders[k]); break;
      case Storage::kDouble: append_cells<double>(layout, entries, k, &builders[k]); break;
      case Storage::kString: append_cells<StringRef>(layout, entries, k, &builders[k]); break;
      case Storage::kNone:
        for (size_t i = 0; i < entries.size(); ++i) builders[k].append_null();
        break;
      case Storage::kList:
      case Storage::kRow: CHECK(false);
    }
  }
}

}  // namespace raudal::state
