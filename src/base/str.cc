#include "base/str.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <fmt/core.h>

namespace raudal {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

struct Unit {
  std::string_view name;
  int64_t factor;
};

// A number, blanks, and a unit's name; the first unit of the table is the default.
std::optional<int64_t> parse_quantity(std::string_view text, const Unit* begin, const Unit* end) {
  text = trim(text);
  int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string unit = to_lower(trim(text.substr(rest - text.data())));
  if (unit.empty()) return number * begin->factor;
  for (const Unit* u = begin; u != end; ++u) {
    int64_t product;
    if (u->name == unit) {
      return __builtin_mul_overflow(number, u->factor, &product) ? std::nullopt : std::optional(product);
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t end; (end = text.find(separator, start)) != std::string_view::npos; start = end + 1) {
    parts.emplace_back(text.substr(start, end - start));
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), upper);
  return result;
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<int64_t> parse_int(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string format_utc_ms(int64_t wall_us) {
  const int64_t ms = wall_us >= 0 ? wall_us / 1000 : -((-wall_us + 999) / 1000);
  const std::time_t seconds = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                     t.tm_min, t.tm_sec, ms - int64_t{seconds} * 1000);
}

std::optional<int64_t> parse_duration_ms(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"ms", 1}, {"milli", 1}, {"millis", 1}, {"millisecond", 1}, {"milliseconds", 1},
      {"s", 1000}, {"sec", 1000}, {"secs", 1000}, {"second", 1000}, {"seconds", 1000},
      {"m", 60'000}, {"min", 60'000}, {"minute", 60'000}, {"minutes", 60'000},
      {"h", 3'600'000}, {"hour", 3'600'000}, {"hours", 3'600'000},
      {"d", 86'400'000}, {"day", 86'400'000}, {"days", 86'400'000}};
  return parse_quantity(text, std::begin(kUnits), std::end(kUnits));
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"b", 1}, {"bytes", 1}, {"k", 1 << 10}, {"kb", 1 << 10}, {"kibibytes", 1 << 10},
      {"m", 1 << 20}, {"mb", 1 << 20}, {"mebibytes", 1 << 20}, {"g", 1 << 30}, {"gb", 1 << 30},
      {"gibibytes", 1 << 30}, {"t", int64_t{1} << 40}, {"tb", int64_t{1} << 40}, {"tebibytes", int64_t{1} << 40}};
  return parse_quantity(text, std::begin(kUnits), std::end(kUnits));
}

}  // namespace raudal
