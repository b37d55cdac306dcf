#include "connector/value_print.h"

#include <charconv>
#include <cstdlib>

#include <fmt/core.h>

#include "column/calendar.h"
#include "column/print.h"

namespace raudal::connector {
namespace {

using column::Column;
using column::Storage;
using column::TypeKind;

void append_clock(int64_t us_of_day, std::string* out) {
  const int64_t seconds = us_of_day / column::kUsPerSecond;
  int64_t fraction = us_of_day % column::kUsPerSecond;
  fmt::format_to(std::back_inserter(*out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction == 0) return;
  int digits = 6;
  for (; fraction % 10 == 0; --digits) fraction /= 10;
  fmt::format_to(std::back_inserter(*out), ".{:0{}}", fraction, digits);
}

std::string digits_of(__int128 value) {
  std::string digits;
  for (; value != 0 || digits.empty(); value /= 10) digits.insert(digits.begin(), static_cast<char>('0' + value % 10));
  return digits;
}

// digits · 10^-scale without an exponent.
void append_plain(std::string digits, int scale, std::string* out) {
  if (scale <= 0) {
    *out += digits;
    out->append(-scale, '0');
    return;
  }
  if (static_cast<int>(digits.size()) <= scale) digits.insert(0, scale - digits.size() + 1, '0');
  digits.insert(digits.size() - scale, 1, '.');
  *out += digits;
}

}  // namespace

void append_integer(const Column& column, size_t row, std::string* out) {
  int64_t value = 0;
  switch (column.type.storage()) {
    case Storage::kInt8: value = column.data<int8_t>()[row]; break;
    case Storage::kInt16: value = column.data<int16_t>()[row]; break;
    case Storage::kInt32: value = column.data<int32_t>()[row]; break;
    default: value = column.data<int64_t>()[row];
  }
  char text[24];
  out->append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

void append_temporal(const Column& column, size_t row, TimestampStandard standard, std::string* out) {
  switch (column.type.kind()) {
    case TypeKind::kDate: return column::append_date(column.data<int32_t>()[row], out);
    case TypeKind::kTime: return append_clock(int64_t{column.data<int32_t>()[row]} * 1000, out);
    default: break;
  }
  const int64_t us = column.data<int64_t>()[row];
  const int64_t days = column::floor_div(us, column::kUsPerDay);
  column::append_date(days, out);
  *out += standard == TimestampStandard::kSql ? ' ' : 'T';
  append_clock(us - days * column::kUsPerDay, out);
  if (column.type.kind() == TypeKind::kTimestampLtz) *out += 'Z';
}

void append_stripped_decimal(const Column& column, size_t row, bool plain, std::string* out) {
  __int128 value = column.type.storage() == Storage::kInt128 ? column.data<__int128>()[row]
                                                             : column.data<int64_t>()[row];
  if (value == 0) {
    *out += '0';
    return;
  }
  int scale = column.type.scale();
  for (; value % 10 == 0; value /= 10) --scale;
  if (value < 0) *out += '-';
  std::string digits = digits_of(value < 0 ? -value : value);
  // BigDecimal.toString(): an exponent if the scale is negative or the number is below 10^-6.
  const int exponent = static_cast<int>(digits.size()) - 1 - scale;
  if (plain || (scale >= 0 && exponent >= -6)) return append_plain(std::move(digits), scale, out);
  if (digits.size() > 1) digits.insert(1, 1, '.');
  fmt::format_to(std::back_inserter(*out), "{}E{}{}", digits, exponent < 0 ? "-" : "+", std::abs(exponent));
}

}  // namespace raudal::connector
