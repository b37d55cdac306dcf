#include "column/print.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "column/calendar.h"

namespace raudal::column {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// Decimal digits (without trailing zeros) and the exponent of the first.
struct Digits {
  std::string text;
  int exponent = 0;
};

// The digits that Java up to 18 writes for a whole number of more bits than the mantissa has: those of the exact
// number, less as many as a power of two of the missing bits has. They can be more than the shortest.
Digits whole_digits(uint64_t value, int missing_bits) {
  const int drop = missing_bits > 1 ? missing_bits * 30103 / 100000 : 0;
  uint64_t unit = 1;
  for (int i = 0; i < drop; ++i) unit *= 10;
  const uint64_t kept = value / unit + (drop > 0 && value % unit >= unit / 2 ? 1 : 0);
  Digits digits{fmt::format("{}", kept), 0};
  digits.exponent = static_cast<int>(digits.text.size()) - 1 + drop;
  digits.text.erase(digits.text.find_last_not_of('0') + 1);
  return digits;
}

// The shortest digits that read back the same.
template <class T>
Digits shortest_digits(T size) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, size, std::chars_format::scientific).ptr;
  const std::string_view all(text, static_cast<size_t>(end - text));
  const size_t e = all.find('e');
  Digits digits{std::string(1, all[0]), 0};
  std::from_chars(all.data() + e + (all[e + 1] == '+' ? 2 : 1), all.data() + all.size(), digits.exponent);
  if (e > 2) digits.text.append(all.substr(2, e - 2));
  return digits;
}

template <class T>
Digits digits_of(T size) {
  constexpr int kMantissaBits = std::numeric_limits<T>::digits;
  const int binary_exponent = size > 0 ? std::ilogb(size) : 0;
  if (binary_exponent < kMantissaBits || binary_exponent > 62) return shortest_digits(size);
  return whole_digits(static_cast<uint64_t>(size), binary_exponent - kMantissaBits - 1);
}

// Java writes d.ddd between 10^-3 and 10^7, else d.dddE±x.
template <class T>
void append_floating(T value, std::string* out) {
  if (std::isnan(value)) {
    out->append("NaN");
    return;
  }
  if (std::isinf(value)) {
    out->append(value < 0 ? "-Infinity" : "Infinity");
    return;
  }
  if (std::signbit(value)) out->push_back('-');
  auto [digits, exponent] = digits_of(std::abs(value));
  const bool plain = value == 0 || (exponent >= -3 && exponent < 7);
  if (!plain) {
    out->append(digits, 0, 1).append(".").append(digits.size() > 1 ? digits.substr(1) : "0");
    fmt::format_to(std::back_inserter(*out), "E{}", exponent);
    return;
  }
  if (exponent < 0) {
    out->append("0.").append(static_cast<size_t>(-exponent - 1), '0').append(digits);
    return;
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  out->append(digits, 0, whole).append(".").append(digits.size() > whole ? digits.substr(whole) : "0");
}

void append_two(int64_t value, std::string* out) {
  out->push_back(static_cast<char>('0' + value / 10));
  out->push_back(static_cast<char>('0' + value % 10));
}

void append_clock(int64_t second_of_day, std::string* out) {
  append_two(second_of_day / 3600, out);
  out->push_back(':');
  append_two(second_of_day / 60 % 60, out);
  out->push_back(':');
  append_two(second_of_day % 60, out);
}

void append_fraction(int64_t micros, int precision, std::string* out) {
  if (precision <= 0) return;
  char digits[10] = {'.', '0', '0', '0', '0', '0', '0', '0', '0', '0'};
  for (int at = 6; at > 0; --at) {
    digits[at] = static_cast<char>('0' + micros % 10);
    micros /= 10;
  }
  out->append(digits, static_cast<size_t>(precision) + 1);
}

void append_integer(int64_t value, std::string* out) {
  char text[24];
  out->append(text, static_cast<size_t>(std::to_chars(text, text + sizeof text, value).ptr - text));
}

void append_bytes(std::string_view value, BytesAs bytes, std::string* out) {
  if (bytes == BytesAs::kText) {
    out->append(value);
    return;
  }
  out->append("x'");
  for (char c : value) {
    out->push_back(kHexDigits[static_cast<uint8_t>(c) >> 4]);
    out->push_back(kHexDigits[static_cast<uint8_t>(c) & 15]);
  }
  out->append("'");
}

void append_months(int64_t months, std::string* out) {
  const int64_t size = months < 0 ? -months : months;
  fmt::format_to(std::back_inserter(*out), "{}{}-{:02}", months < 0 ? '-' : '+', size / 12, size % 12);
}

void append_millis(int64_t millis, std::string* out) {
  const int64_t size = millis < 0 ? -millis : millis;
  fmt::format_to(std::back_inserter(*out), "{}{} ", millis < 0 ? '-' : '+', size / kMsPerDay);
  append_clock(size % kMsPerDay / 1000, out);
  append_fraction(size % 1000 * 1000, 3, out);
}

void append_nested(const Column& column, size_t row, const TimeZone& zone, BytesAs bytes, std::string* out) {
  if (column.type.kind() == TypeKind::kRow) {
    out->push_back('(');
    for (size_t i = 0; i < column.children.size(); ++i) {
      if (i > 0) out->append(", ");
      append_text(column.children[i], row, zone, bytes, out);
    }
    out->push_back(')');
    return;
  }
  const bool map = column.type.kind() == TypeKind::kMap;
  const int32_t* offsets = column.offsets->as<int32_t>();
  out->push_back(map ? '{' : '[');
  for (int32_t e = offsets[row]; e < offsets[row + 1]; ++e) {
    if (e > offsets[row]) out->append(", ");
    append_text(column.children[0], static_cast<size_t>(e), zone, bytes, out);
    if (!map) continue;
    out->push_back('=');
    append_text(column.children[1], static_cast<size_t>(e), zone, bytes, out);
  }
  out->push_back(map ? '}' : ']');
}

__int128 decimal_at(const Column& column, size_t row) {
  return column.type.storage() == Storage::kInt64 ? column.data<int64_t>()[row] : column.data<__int128>()[row];
}

}  // namespace

void append_double(double value, std::string* out) { append_floating(value, out); }
void append_float(float value, std::string* out) { append_floating(value, out); }

void append_decimal(__int128 unscaled, int scale, std::string* out) {
  using Unsigned = unsigned __int128;
  Unsigned rest = unscaled < 0 ? -static_cast<Unsigned>(unscaled) : static_cast<Unsigned>(unscaled);
  char text[48];
  char* at = text + sizeof text;
  int num_digits = 0;
  while (rest != 0 || num_digits <= scale) {
    if (num_digits == scale && scale > 0) *--at = '.';
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    ++num_digits;
  }
  if (unscaled < 0) *--at = '-';
  out->append(at, static_cast<size_t>(text + sizeof text - at));
}

void append_date(int64_t days, std::string* out) {
  const CivilDate date = civil_from_days(days);
  if (date.year >= 0 && date.year <= 9999) {
    append_two(date.year / 100, out);
    append_two(date.year % 100, out);
  } else {
    const int64_t size = date.year < 0 ? -date.year : date.year;
    fmt::format_to(std::back_inserter(*out), "{}{:04}", date.year < 0 ? '-' : '+', size);
  }
  out->push_back('-');
  append_two(date.month, out);
  out->push_back('-');
  append_two(date.day, out);
}

void append_time(int64_t ms_of_day, int precision, std::string* out) {
  append_clock(ms_of_day / 1000, out);
  append_fraction(ms_of_day % 1000 * 1000, precision, out);
}

void append_timestamp(int64_t local_us, int precision, std::string* out) {
  const int64_t days = floor_div(local_us, kUsPerDay);
  const int64_t of_day = local_us - days * kUsPerDay;
  append_date(days, out);
  out->push_back(' ');
  append_clock(of_day / kUsPerSecond, out);
  append_fraction(of_day % kUsPerSecond, precision, out);
}

void append_text(const Column& column, size_t row, const TimeZone& zone, BytesAs bytes, std::string* out) {
  if (!column.is_valid(row)) {
    out->append("NULL");
    return;
  }
  const Type& type = column.type;
  const auto integer = [&](int64_t value) { append_integer(value, out); };
  switch (type.kind()) {
    case TypeKind::kNull: out->append("NULL"); break;
    case TypeKind::kBoolean: out->append(column.data<uint8_t>()[row] != 0 ? "TRUE" : "FALSE"); break;
    case TypeKind::kTinyInt: integer(column.data<int8_t>()[row]); break;
    case TypeKind::kSmallInt: integer(column.data<int16_t>()[row]); break;
    case TypeKind::kInt: integer(column.data<int32_t>()[row]); break;
    case TypeKind::kBigInt: integer(column.data<int64_t>()[row]); break;
    case TypeKind::kFloat: append_float(column.data<float>()[row], out); break;
    case TypeKind::kDouble: append_double(column.data<double>()[row], out); break;
    case TypeKind::kDecimal: append_decimal(decimal_at(column, row), type.scale(), out); break;
    case TypeKind::kChar:
    case TypeKind::kVarchar: out->append(column.string(row)); break;
    case TypeKind::kBinary:
    case TypeKind::kVarbinary: append_bytes(column.string(row), bytes, out); break;
    case TypeKind::kDate: append_date(column.data<int32_t>()[row], out); break;
    case TypeKind::kTime: append_time(column.data<int32_t>()[row], type.precision(), out); break;
    case TypeKind::kTimestamp: append_timestamp(column.data<int64_t>()[row], type.precision(), out); break;
    case TypeKind::kTimestampLtz:
      append_timestamp(zone.to_local_us(column.data<int64_t>()[row]), type.precision(), out);
      break;
    case TypeKind::kIntervalMonths: append_months(column.data<int64_t>()[row], out); break;
    case TypeKind::kIntervalMillis: append_millis(column.data<int64_t>()[row], out); break;
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow: append_nested(column, row, zone, bytes, out); break;
  }
}

std::string print_value(const Column& column, size_t row, const TimeZone& zone) {
  if (!column.is_valid(row) || column.type.kind() == TypeKind::kNull) return "<NULL>";
  std::string text;
  append_text(column, row, zone, BytesAs::kHex, &text);
  return text;
}

std::string_view print_change_kind(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kInsert: return "+I";
    case ChangeKind::kUpdateBefore: return "-U";
    case ChangeKind::kUpdateAfter: return "+U";
    case ChangeKind::kDelete: return "-D";
  }
  return "?";
}

}  // namespace raudal::column
