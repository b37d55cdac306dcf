#include "connectors/datagen/generator.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/check.h"
#include "base/rng.h"
#include "column/hash.h"

namespace raudal::connectors::datagen {
namespace {

using column::Buffer;
using column::BufferPtr;
using column::Column;
using column::Storage;
using column::StringRef;
using column::TypeKind;

constexpr int64_t kUsPerDay = 86'400'000'000;
// Each purpose draws from a stream of its own.
constexpr uint64_t kNullStream = 0x6E756C6C;
constexpr uint64_t kLengthStream = 0x6C656E;
constexpr uint64_t kLowStream = 0x6C6F77;

template <class T>
BufferPtr narrowed(const BufferPtr& wide, size_t count) {
  BufferPtr values = Buffer::allocate(count * sizeof(T));
  const int64_t* from = wide->as<int64_t>();
  T* to = values->as<T>();
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<T>(from[i]);
  return values;
}

// int64 values as the type's storage has them.
BufferPtr stored(const column::Type& type, BufferPtr wide, size_t count) {
  switch (type.storage()) {
    case Storage::kInt8: return narrowed<int8_t>(wide, count);
    case Storage::kInt16: return narrowed<int16_t>(wide, count);
    case Storage::kInt32: return narrowed<int32_t>(wide, count);
    case Storage::kInt128: return narrowed<__int128>(wide, count);
    case Storage::kFloat: return narrowed<float>(wide, count);
    case Storage::kDouble: return narrowed<double>(wide, count);
    default: return wide;
  }
}

BufferPtr random_integers(const FieldSpec& spec, const RowNumbers& rows, int64_t min, int64_t max) {
  BufferPtr wide = Buffer::allocate(rows.count * sizeof(int64_t));
  fill_uniform(spec.seed, rows, min, max, wide->as<int64_t>());
  return stored(spec.type, std::move(wide), rows.count);
}

BufferPtr random_doubles(const FieldSpec& spec, const RowNumbers& rows) {
  BufferPtr wide = Buffer::allocate(rows.count * sizeof(double));
  double* values = wide->as<double>();
  fill_uniform(spec.seed, rows, spec.min_double, spec.max_double, values);
  if (spec.type.kind() == TypeKind::kDouble) return wide;
  BufferPtr narrow = Buffer::allocate(rows.count * sizeof(float));
  std::transform(values, values + rows.count, narrow->as<float>(), [](double v) { return static_cast<float>(v); });
  return narrow;
}

BufferPtr random_booleans(const FieldSpec& spec, const RowNumbers& rows) {
  BufferPtr values = Buffer::allocate(rows.count);
  uint8_t* to = values->as<uint8_t>();
  for (size_t i = 0; i < rows.count; ++i) to[i] = random_at(spec.seed, rows.at(i)) >> 63;
  return values;
}

BufferPtr random_decimals(const FieldSpec& spec, const RowNumbers& rows) {
  if (spec.type.storage() == Storage::kInt64) {
    return random_integers(spec, rows, static_cast<int64_t>(spec.min_unscaled),
                           static_cast<int64_t>(spec.max_unscaled));
  }
  using Wide = unsigned __int128;
  const Wide range = static_cast<Wide>(spec.max_unscaled) - static_cast<Wide>(spec.min_unscaled) + 1;
  BufferPtr values = Buffer::allocate(rows.count * sizeof(__int128));
  __int128* to = values->as<__int128>();
  for (size_t i = 0; i < rows.count; ++i) {
    const Wide high = random_at(spec.seed, rows.at(i));
    const Wide bits = high << 64 | random_at(spec.seed ^ kLowStream, rows.at(i));
    to[i] = static_cast<__int128>(static_cast<Wide>(spec.min_unscaled) + bits % range);
  }
  return values;
}

int64_t length_of(const FieldSpec& spec, uint64_t row) {
  if (!spec.variable_length || spec.length == 0) return spec.length;
  return 1 + static_cast<int64_t>((random_at(spec.seed ^ kLengthStream, row) >> 32) * spec.length >> 32);
}

// Lower-case hex digits, as Flink makes them; plain bytes for binary types.
void write_string(const FieldSpec& spec, uint64_t row, char* out, int64_t length) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const bool hex = spec.type.is_string();
  const int64_t per_word = hex ? 16 : 8;
  const uint64_t words = (spec.length + per_word - 1) / per_word;
  for (int64_t at = 0; at < length; at += per_word) {
    uint64_t bits = random_at(spec.seed, row * words + at / per_word);
    const int64_t end = std::min(length, at + per_word);
    for (int64_t i = at; i < end; ++i) {
      out[i] = hex ? kDigits[bits & 15] : static_cast<char>(bits);
      bits >>= hex ? 4 : 8;
    }
  }
}

void set_strings(const FieldSpec& spec, const RowNumbers& rows, Column& column) {
  column.values = Buffer::allocate(rows.count * sizeof(StringRef));
  BufferPtr heap = Buffer::allocate(std::max<size_t>(rows.count * spec.length, 1));
  StringRef* refs = column.values->as<StringRef>();
  char* to = heap->as<char>();
  for (size_t i = 0; i < rows.count; ++i) {
    const int64_t length = length_of(spec, rows.at(i));
    write_string(spec, rows.at(i), to, length);
    refs[i] = StringRef(std::string_view(to, length));
    to += length;
  }
  column.heaps.push_back(std::move(heap));
}

void set_sequence_strings(const FieldSpec& spec, const RowNumbers& rows, Column& column) {
  constexpr size_t kDigitsMax = 20;
  column.values = Buffer::allocate(rows.count * sizeof(StringRef));
  BufferPtr heap = Buffer::allocate(std::max<size_t>(rows.count * kDigitsMax, 1));
  char* to = heap->as<char>();
  for (size_t i = 0; i < rows.count; ++i) {
    const auto end = fmt::format_to(to, "{}", static_cast<int64_t>(spec.start + rows.at(i)));
    column.values->as<StringRef>()[i] = StringRef(std::string_view(to, end - to));
    to = end;
  }
  column.heaps.push_back(std::move(heap));
}

// start, start + 1, …; in the unit of the type (a DECIMAL's whole numbers).
void set_sequence(const FieldSpec& spec, const RowNumbers& rows, Column& column) {
  if (spec.type.is_string()) return set_sequence_strings(spec, rows, column);
  __int128 unit = 1;
  if (spec.type.kind() == TypeKind::kDecimal) {
    for (int i = 0; i < spec.type.scale(); ++i) unit *= 10;
  }
  if (spec.type.storage() == Storage::kInt128) {
    column.values = Buffer::allocate(rows.count * sizeof(__int128));
    for (size_t i = 0; i < rows.count; ++i) {
      column.values->as<__int128>()[i] = static_cast<int64_t>(spec.start + rows.at(i)) * unit;
    }
    return;
  }
  BufferPtr wide = Buffer::allocate(rows.count * sizeof(int64_t));
  for (size_t i = 0; i < rows.count; ++i) {
    wide->as<int64_t>()[i] = static_cast<int64_t>((spec.start + rows.at(i)) * static_cast<uint64_t>(unit));
  }
  column.values = stored(spec.type, std::move(wide), rows.count);
}

BufferPtr times(const FieldSpec& spec, const RowNumbers& rows, int64_t now_us) {
  const int64_t now_ms = now_us / 1000;
  BufferPtr wide = Buffer::allocate(rows.count * sizeof(int64_t));
  int64_t* to = wide->as<int64_t>();
  switch (spec.type.kind()) {
    case TypeKind::kDate: std::fill_n(to, rows.count, now_us / kUsPerDay); break;
    case TypeKind::kTime: std::fill_n(to, rows.count, now_us % kUsPerDay / 1000); break;
    default:
      fill_uniform(spec.seed, rows, -spec.max_past_ms, 0, to);
      const int64_t unit_ms = spec.type.precision() >= 3 ? 1 : spec.type.precision() == 2 ? 10
                              : spec.type.precision() == 1 ? 100 : 1000;
      for (size_t i = 0; i < rows.count; ++i) to[i] = (now_ms + to[i]) / unit_ms * unit_ms * 1000;
  }
  return stored(spec.type, std::move(wide), rows.count);
}

// Numbers of the elements of the given rows: those of row r begin at r · length.
std::vector<uint64_t> element_numbers(const FieldSpec& spec, const RowNumbers& rows) {
  std::vector<uint64_t> numbers;
  numbers.reserve(rows.count * spec.length);
  for (size_t i = 0; i < rows.count; ++i) {
    for (int64_t k = 0; k < spec.length; ++k) numbers.push_back(rows.at(i) * spec.length + k);
  }
  return numbers;
}

// Of equal keys within one row the first stays: a map has each key once.
std::vector<uint64_t> distinct_keys(const FieldSpec& spec, std::vector<uint64_t> numbers, int64_t now_us,
                                    std::vector<int32_t>& ends) {
  const Column keys = generate(spec.children[0], {.count = numbers.size(), .index = numbers.data()}, now_us);
  std::vector<uint64_t> hashes(numbers.size());
  column::hash_rows(std::span(&keys, 1), numbers.size(), hashes.data());
  size_t kept = 0;
  for (size_t row = 0; row * spec.length < numbers.size(); ++row) {
    const size_t begin = kept;
    for (int64_t k = 0; k < spec.length; ++k) {
      const size_t at = row * spec.length + k;
      if (std::find(hashes.begin() + begin, hashes.begin() + kept, hashes[at]) != hashes.begin() + kept) continue;
      hashes[kept] = hashes[at];
      numbers[kept++] = numbers[at];
    }
    ends.push_back(static_cast<int32_t>(kept));
  }
  numbers.resize(kept);
  return numbers;
}

void set_collection(const FieldSpec& spec, const RowNumbers& rows, int64_t now_us, Column& column) {
  std::vector<uint64_t> numbers = element_numbers(spec, rows);
  std::vector<int32_t> ends;
  if (spec.type.kind() == TypeKind::kMap && spec.length > 0) {
    numbers = distinct_keys(spec, std::move(numbers), now_us, ends);
  } else {
    for (size_t i = 1; i <= rows.count; ++i) ends.push_back(static_cast<int32_t>(i * spec.length));
  }
  column.offsets = Buffer::allocate((rows.count + 1) * sizeof(int32_t));
  column.offsets->as<int32_t>()[0] = 0;
  std::copy(ends.begin(), ends.end(), column.offsets->as<int32_t>() + 1);
  for (const FieldSpec& child : spec.children) {
    column.children.push_back(generate(child, {.count = numbers.size(), .index = numbers.data()}, now_us));
  }
}

void set_nulls(const FieldSpec& spec, const RowNumbers& rows, Column& column) {
  if (spec.null_rate <= 0) return;
  column.validity = Buffer::allocate(rows.count);
  for (size_t i = 0; i < rows.count; ++i) {
    const double drawn = static_cast<double>(random_at(spec.seed ^ kNullStream, rows.at(i)) >> 11) * 0x1p-53;
    column.validity->as<uint8_t>()[i] = drawn >= spec.null_rate;
  }
}

void set_random(const FieldSpec& spec, const RowNumbers& rows, int64_t now_us, Column& column) {
  switch (spec.type.kind()) {
    case TypeKind::kBoolean: column.values = random_booleans(spec, rows); return;
    case TypeKind::kTinyInt: case TypeKind::kSmallInt: case TypeKind::kInt: case TypeKind::kBigInt:
    case TypeKind::kIntervalMonths: case TypeKind::kIntervalMillis:
      column.values = random_integers(spec, rows, spec.min, spec.max);
      return;
    case TypeKind::kFloat: case TypeKind::kDouble: column.values = random_doubles(spec, rows); return;
    case TypeKind::kDecimal: column.values = random_decimals(spec, rows); return;
    case TypeKind::kChar: case TypeKind::kVarchar: case TypeKind::kBinary: case TypeKind::kVarbinary:
      return set_strings(spec, rows, column);
    case TypeKind::kDate: case TypeKind::kTime: case TypeKind::kTimestamp: case TypeKind::kTimestampLtz:
      column.values = times(spec, rows, now_us);
      return;
    case TypeKind::kArray: case TypeKind::kMap: return set_collection(spec, rows, now_us, column);
    case TypeKind::kRow:
      for (const FieldSpec& child : spec.children) column.children.push_back(generate(child, rows, now_us));
      return;
    case TypeKind::kNull: break;
  }
  CHECK(!"field_specs() refuses such a type");
}

}  // namespace

Column generate(const FieldSpec& spec, const RowNumbers& rows, int64_t now_us) {
  Column column{.type = spec.type, .size = rows.count};
  if (spec.sequence) {
    set_sequence(spec, rows, column);
  } else {
    set_random(spec, rows, now_us, column);
  }
  set_nulls(spec, rows, column);
  return column;
}

}  // namespace raudal::connectors::datagen
