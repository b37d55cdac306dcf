#include "expr/temporal_text.h"

#include <algorithm>

#include "base/str.h"
#include "column/calendar.h"

namespace raudal::expr {
namespace {

using column::kUsPerDay;
using column::kUsPerSecond;

// Takes an unsigned number of 1 … digits_max digits from the front.
std::optional<int64_t> take_number(std::string_view* text, size_t digits_max) {
  size_t length = 0;
  int64_t value = 0;
  while (length < text->size() && length < digits_max && (*text)[length] >= '0' && (*text)[length] <= '9') {
    value = value * 10 + ((*text)[length] - '0');
    ++length;
  }
  if (length == 0) return std::nullopt;
  text->remove_prefix(length);
  return value;
}

bool take(std::string_view* text, char c) {
  if (text->empty() || (*text)[0] != c) return false;
  text->remove_prefix(1);
  return true;
}

// A time of day in µs; what cannot be a time gives nullopt. Minutes and seconds may be absent unless it must be whole.
std::optional<int64_t> take_time_us(std::string_view text, bool whole) {
  const auto hour = take_number(&text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  int64_t parts[2] = {0, 0};
  int num_parts = 0;
  while (num_parts < 2 && take(&text, ':')) {
    const auto value = take_number(&text, 2);
    if (!value || *value > 59) return std::nullopt;
    parts[num_parts++] = *value;
  }
  if (whole && num_parts < 2) return std::nullopt;
  int64_t micros = 0;
  if (num_parts == 2 && take(&text, '.')) {
    int64_t unit = kUsPerSecond / 10;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      micros += (text[0] - '0') * unit;
      unit /= 10;
      text.remove_prefix(1);
    }
  }
  if (!text.empty()) return std::nullopt;
  return ((*hour * 60 + parts[0]) * 60 + parts[1]) * kUsPerSecond + micros;
}

// Days of a date; month and day may be absent unless it must be whole, and then a day up to 31 is cut to its month.
std::optional<int32_t> take_date(std::string_view text, bool whole) {
  const bool negative = take(&text, '-');
  const auto year = take_number(&text, 6);
  if (!year) return std::nullopt;
  int64_t parts[2] = {1, 1};
  int num_parts = 0;
  while (num_parts < 2 && take(&text, '-')) {
    const auto value = take_number(&text, 2);
    if (!value) return std::nullopt;
    parts[num_parts++] = *value;
  }
  if (!text.empty() || (whole && num_parts < 2)) return std::nullopt;
  const int month = static_cast<int>(parts[0]);
  if (month < 1 || month > 12 || parts[1] < 1 || parts[1] > 31) return std::nullopt;
  const int64_t signed_year = negative ? -*year : *year;
  const int last = column::days_in_month(signed_year, month);
  if (parts[1] > last && !whole) return std::nullopt;
  return static_cast<int32_t>(column::days_from_civil(signed_year, month, std::min(static_cast<int>(parts[1]), last)));
}

}  // namespace

std::optional<int32_t> parse_date(std::string_view text) { return take_date(text.substr(0, text.find(' ')), false); }

std::optional<int32_t> parse_time(std::string_view text) {
  const std::optional<int64_t> micros = take_time_us(trim(text), false);
  if (!micros) return std::nullopt;
  return static_cast<int32_t>(*micros / 1000);
}

std::optional<int64_t> parse_timestamp(std::string_view text) {
  const size_t blank = text.find(' ');
  const std::optional<int32_t> days = take_date(text.substr(0, blank), true);
  if (!days) return std::nullopt;
  if (blank == std::string_view::npos) return *days * kUsPerDay;
  const std::optional<int64_t> of_day = take_time_us(text.substr(blank + 1), true);
  if (!of_day) return std::nullopt;
  return *days * kUsPerDay + *of_day;
}

}  // namespace raudal::expr
