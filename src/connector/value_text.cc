#include "connector/value_text.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "column/calendar.h"

namespace raudal::connector {
namespace {

constexpr int kDecimalDigitsMax = 38;
constexpr int64_t kPowersOfTen[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000};

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Reads exactly `count` digits at the front; -1 if there are other characters.
int take_digits(std::string_view& text, size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> take_date(std::string_view& text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 1 || month > 12 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 1 || day > 31) return std::nullopt;
  int last = 28;
  if (day > last) last = column::days_in_month(year, month);
  return column::days_from_civil(year, month, day < last ? day : last);
}

// Microseconds of the day.
std::optional<int64_t> take_time(std::string_view& text, bool seconds_optional) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int64_t us = (int64_t{hour} * 60 + minute) * 60'000'000;
  if (!take(text, ':')) return seconds_optional ? std::optional(us) : std::nullopt;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  us += int64_t{second} * 1'000'000;
  if (!take(text, '.')) return us;
  int64_t unit = 100'000;
  for (int digits = 0; digits < 9 && !text.empty() && is_digit(text.front()); ++digits) {
    us += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return us;
}

// The digits of a number without its point, and where the point stands.
struct Digits {
  bool negative = false;
  __int128 value = 0;      // the first kDecimalDigitsMax of them
  int dropped = 0;         // further digits before the point
  int scale = 0;           // digits after the point, less the exponent
  int first_dropped = -1;  // the digit that decides how to round, if digits were dropped
};

std::optional<Digits> read_digits(std::string_view text) {
  Digits digits;
  if (take(text, '-')) digits.negative = true;
  else take(text, '+');
  int significant = 0;
  bool any = false;
  bool after_point = false;
  for (; !text.empty() && (is_digit(text.front()) || text.front() == '.'); text.remove_prefix(1)) {
    if (text.front() == '.') {
      if (after_point) return std::nullopt;
      after_point = true;
      continue;
    }
    any = true;
    const int digit = text.front() - '0';
    if (significant == kDecimalDigitsMax) {
      if (digits.first_dropped < 0) digits.first_dropped = digit;
      if (!after_point) ++digits.dropped;
      continue;
    }
    digits.value = digits.value * 10 + digit;
    if (digits.value != 0) ++significant;
    if (after_point) ++digits.scale;
  }
  if (!any) return std::nullopt;
  if (!text.empty()) {
    if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
    text.remove_prefix(1);
    const auto exponent = parse_java_int(text);
    if (!exponent || *exponent > 100'000 || *exponent < -100'000) return std::nullopt;
    digits.scale -= static_cast<int>(*exponent);
  }
  digits.scale -= digits.dropped;
  return digits;
}

}  // namespace

std::string_view trim_as_java(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

DecimalText parse_decimal(std::string_view text, int precision, int scale) {
  const std::optional<Digits> digits = read_digits(text);
  if (!digits) return {};
  __int128 limit = 1;
  for (int i = 0; i < precision; ++i) limit *= 10;
  __int128 value = digits->value;
  int shift = scale - digits->scale;
  if (value != 0 && shift > kDecimalDigitsMax) return {.outcome = DecimalText::Outcome::kOverflow};
  for (; shift > 0 && value != 0; --shift) {
    if (value >= limit / 10) return {.outcome = DecimalText::Outcome::kOverflow};
    value *= 10;
  }
  int last = shift == 0 && digits->first_dropped >= 0 ? digits->first_dropped : 0;
  for (; shift < 0 && (value != 0 || last != 0); ++shift) {
    last = static_cast<int>(value % 10);
    value /= 10;
  }
  if (last >= 5) ++value;
  if (value >= limit) return {.outcome = DecimalText::Outcome::kOverflow};
  return {.outcome = DecimalText::Outcome::kValue, .unscaled = digits->negative ? -value : value};
}

std::optional<int64_t> parse_java_int(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  if (text.size() <= (negative ? 1u : 0u) || !is_digit(text[negative ? 1 : 0])) return std::nullopt;
  int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_java_double(std::string_view text) {
  bool negative = false;
  if (take(text, '-')) negative = true;
  else take(text, '+');
  const auto signed_value = [&](double value) { return negative ? -value : value; };
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return signed_value(std::numeric_limits<double>::infinity());
  if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) return std::nullopt;
  const std::string_view suffixes = "dDfF";
  if (suffixes.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (rest != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too small or too large: the exponent's sign tells.
    const size_t exponent = text.find_first_of("eE");
    const bool tiny = exponent != std::string_view::npos ? text.find('-', exponent) != std::string_view::npos
                                                         : text.front() == '.' || text.starts_with("0");
    value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  return signed_value(value);
}

std::optional<int32_t> parse_date(std::string_view text) {
  const std::optional<int64_t> days = take_date(text);
  if (!days || !text.empty()) return std::nullopt;
  return static_cast<int32_t>(*days);
}

std::optional<int32_t> parse_time(std::string_view text, bool seconds_optional) {
  const std::optional<int64_t> us = take_time(text, seconds_optional);
  if (!us || !text.empty()) return std::nullopt;
  return static_cast<int32_t>(*us / 1000);
}

std::optional<int64_t> parse_timestamp(std::string_view text, TimestampStandard standard, bool zoned, int precision) {
  const std::optional<int64_t> days = take_date(text);
  if (!days || !take(text, standard == TimestampStandard::kSql ? ' ' : 'T')) return std::nullopt;
  const std::optional<int64_t> us = take_time(text, standard == TimestampStandard::kIso8601);
  if (!us || (zoned && !take(text, 'Z')) || !text.empty()) return std::nullopt;
  const int64_t unit = precision >= 6 ? 1 : kPowersOfTen[6 - precision];
  return *days * column::kUsPerDay + *us / unit * unit;
}

}  // namespace raudal::connector
