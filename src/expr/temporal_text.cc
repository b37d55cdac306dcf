#include "expr/temporal_text.h"

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

// A time of day in µs; what cannot be a time gives nullopt.
std::optional<int64_t> take_time_us(std::string_view text) {
  const auto hour = take_number(&text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t micros = 0;
  if (take(&text, ':')) {
    const auto value = take_number(&text, 2);
    if (!value || *value > 59) return std::nullopt;
    minute = *value;
    if (take(&text, ':')) {
      const auto seconds = take_number(&text, 2);
      if (!seconds || *seconds > 59) return std::nullopt;
      second = *seconds;
      if (take(&text, '.')) {
        int64_t unit = kUsPerSecond / 10;
        while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
          micros += (text[0] - '0') * unit;
          unit /= 10;
          text.remove_prefix(1);
        }
      }
    }
  }
  if (!text.empty()) return std::nullopt;
  return ((*hour * 60 + minute) * 60 + second) * kUsPerSecond + micros;
}

std::optional<int32_t> take_date(std::string_view text) {
  const bool negative = take(&text, '-');
  const auto year = take_number(&text, 6);
  if (!year) return std::nullopt;
  int64_t month = 1;
  int64_t day = 1;
  if (take(&text, '-')) {
    const auto value = take_number(&text, 2);
    if (!value) return std::nullopt;
    month = *value;
    if (take(&text, '-')) {
      const auto days = take_number(&text, 2);
      if (!days) return std::nullopt;
      day = *days;
    }
  }
  if (!text.empty() || month < 1 || month > 12) return std::nullopt;
  const int64_t signed_year = negative ? -*year : *year;
  if (day < 1 || day > column::days_in_month(signed_year, static_cast<int>(month))) return std::nullopt;
  return static_cast<int32_t>(column::days_from_civil(signed_year, static_cast<int>(month), static_cast<int>(day)));
}

}  // namespace

std::optional<int32_t> parse_date(std::string_view text) {
  text = trim(text);
  return take_date(text.substr(0, text.find(' ')));
}

std::optional<int32_t> parse_time(std::string_view text) {
  const std::optional<int64_t> micros = take_time_us(trim(text));
  if (!micros) return std::nullopt;
  return static_cast<int32_t>(*micros / 1000);
}

std::optional<int64_t> parse_timestamp(std::string_view text) {
  text = trim(text);
  const size_t blank = text.find(' ');
  const std::optional<int32_t> days = take_date(text.substr(0, blank));
  if (!days) return std::nullopt;
  int64_t of_day = 0;
  if (blank != std::string_view::npos) {
    const std::optional<int64_t> micros = take_time_us(trim(text.substr(blank)));
    if (!micros) return std::nullopt;
    of_day = *micros;
  }
  return *days * kUsPerDay + of_day;
}

}  // namespace raudal::expr
