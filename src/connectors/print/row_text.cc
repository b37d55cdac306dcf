#include "connectors/print/row_text.h"

#include <fmt/core.h>

#include "column/print.h"

namespace raudal::connectors::print {
namespace {

using column::Column;
using column::Storage;
using column::TypeKind;

void append_value(const Column& column, size_t row, std::string* out);

int64_t integer_at(const Column& column, size_t row) {
  switch (column.type.storage()) {
    case Storage::kInt8: return column.data<int8_t>()[row];
    case Storage::kInt16: return column.data<int16_t>()[row];
    case Storage::kInt32: return column.data<int32_t>()[row];
    default: return column.data<int64_t>()[row];
  }
}

// Seconds only if there are any, or a fraction; the fraction in groups of three digits.
void append_clock(int64_t us_of_day, std::string* out) {
  const int64_t seconds = us_of_day / 1'000'000;
  const int64_t us = us_of_day % 1'000'000;
  fmt::format_to(std::back_inserter(*out), "{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
  if (seconds % 60 == 0 && us == 0) return;
  fmt::format_to(std::back_inserter(*out), ":{:02}", seconds % 60);
  if (us == 0) return;
  if (us % 1000 == 0) {
    fmt::format_to(std::back_inserter(*out), ".{:03}", us / 1000);
  } else {
    fmt::format_to(std::back_inserter(*out), ".{:06}", us);
  }
}

void append_instant(int64_t us, bool always_seconds, std::string* out) {
  constexpr int64_t kUsPerDay = 86'400'000'000;
  int64_t days = us / kUsPerDay;
  if (us % kUsPerDay < 0) --days;
  const int64_t us_of_day = us - days * kUsPerDay;
  column::append_date(days, out);
  *out += 'T';
  append_clock(us_of_day, out);
  if (always_seconds && us_of_day % 60'000'000 == 0) *out += ":00";
}

void append_bytes(std::string_view bytes, std::string* out) {
  *out += '[';
  for (size_t i = 0; i < bytes.size(); ++i) {
    fmt::format_to(std::back_inserter(*out), "{}{}", i == 0 ? "" : ", ", static_cast<signed char>(bytes[i]));
  }
  *out += ']';
}

void append_collection(const Column& column, size_t row, std::string* out) {
  const bool is_map = column.type.kind() == TypeKind::kMap;
  const int32_t* offsets = column.offsets->as<int32_t>();
  *out += is_map ? '{' : '[';
  for (int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
    if (at != offsets[row]) *out += ", ";
    append_value(column.children[0], at, out);
    if (!is_map) continue;
    *out += '=';
    append_value(column.children[1], at, out);
  }
  *out += is_map ? '}' : ']';
}

void append_fields(const std::vector<Column>& columns, size_t row, std::string* out) {
  *out += '[';
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i != 0) *out += ", ";
    append_value(columns[i], row, out);
  }
  *out += ']';
}

void append_value(const Column& column, size_t row, std::string* out) {
  if (!column.is_valid(row)) {
    *out += "null";
    return;
  }
  switch (column.type.kind()) {
    case TypeKind::kTime: return append_clock(int64_t{column.data<int32_t>()[row]} * 1000, out);
    case TypeKind::kTimestamp: return append_instant(column.data<int64_t>()[row], false, out);
    case TypeKind::kTimestampLtz:
      append_instant(column.data<int64_t>()[row], true, out);
      *out += 'Z';
      return;
    case TypeKind::kBoolean: *out += column.data<uint8_t>()[row] ? "true" : "false"; return;
    case TypeKind::kChar: case TypeKind::kVarchar: *out += column.string(row); return;
    case TypeKind::kBinary: case TypeKind::kVarbinary: return append_bytes(column.string(row), out);
    case TypeKind::kArray: case TypeKind::kMap: return append_collection(column, row, out);
    case TypeKind::kRow:
      *out += "+I";
      return append_fields(column.children, row, out);
    case TypeKind::kTinyInt: case TypeKind::kSmallInt: case TypeKind::kInt: case TypeKind::kBigInt:
      fmt::format_to(std::back_inserter(*out), "{}", integer_at(column, row));
      return;
    case TypeKind::kDouble: return column::append_double(column.data<double>()[row], out);
    case TypeKind::kFloat: return column::append_float(column.data<float>()[row], out);
    default: *out += column::print_value(column, row);
  }
}

}  // namespace

void append_row(const column::Batch& batch, size_t row, std::string* out) {
  *out += column::print_change_kind(batch.change_kind(row));
  append_fields(batch.columns, row, out);
}

}  // namespace raudal::connectors::print
