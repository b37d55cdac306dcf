#include "sql/interval.h"

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::sql {
namespace {

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

struct Unit {
  std::string_view name;
  bool months;
  int64_t value;
  char separator;  // before the next smaller field of a compound literal
};

constexpr Unit kUnits[] = {
    {"YEAR", true, 12, '-'},         {"QUARTER", true, 3, 0},         {"MONTH", true, 1, 0},
    {"WEEK", false, 7 * kDay, 0},    {"DAY", false, kDay, ' '},       {"HOUR", false, kHour, ':'},
    {"MINUTE", false, kMinute, ':'}, {"SECOND", false, kSecond, '.'},
};

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// The unit that follows in a compound literal: YEAR → MONTH, DAY → HOUR → MINUTE → SECOND.
const Unit* next_unit(const Unit* unit) {
  if (unit->name == "YEAR") return find_unit("MONTH");
  if (unit->name == "DAY") return find_unit("HOUR");
  if (unit->name == "HOUR") return find_unit("MINUTE");
  if (unit->name == "MINUTE") return find_unit("SECOND");
  return nullptr;
}

std::optional<int64_t> take_digits(std::string_view* text) {
  size_t n = 0;
  while (n < text->size() && n < 18 && (*text)[n] >= '0' && (*text)[n] <= '9') ++n;
  const auto value = parse_int(text->substr(0, n));
  text->remove_prefix(n);
  return value;
}

// Up to nine digits behind the point, of which ms remain.
std::optional<int64_t> take_fraction_ms(std::string_view* text) {
  int64_t ms = 0;
  int64_t unit = 100;
  size_t n = 0;
  for (; n < text->size() && (*text)[n] >= '0' && (*text)[n] <= '9'; ++n) {
    ms += ((*text)[n] - '0') * unit;
    unit /= 10;
  }
  if (n == 0 || n > 9) return std::nullopt;
  text->remove_prefix(n);
  return ms;
}

}  // namespace

std::optional<IntervalValue> parse_interval(std::string_view text, const IntervalAst& units) {
  text = trim(text);
  int sign = units.sign;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    if (text[0] == '-') sign = -sign;
    text.remove_prefix(1);
  }
  const Unit* unit = find_unit(units.from);
  const Unit* last = units.to.empty() ? unit : find_unit(units.to);
  if (!unit || !last || unit->months != last->months) return std::nullopt;
  IntervalValue result{unit->months, 0};
  for (;;) {
    const auto value = take_digits(&text);
    if (!value) return std::nullopt;
    int64_t part;
    if (__builtin_mul_overflow(*value, unit->value, &part) ||
        __builtin_add_overflow(result.value, part, &result.value)) {
      return std::nullopt;
    }
    if (unit == last) break;
    const Unit* next = next_unit(unit);
    if (!next || text.empty() || text[0] != unit->separator) return std::nullopt;
    text.remove_prefix(1);
    unit = next;
  }
  if (unit->name == "SECOND" && !text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    const auto ms = take_fraction_ms(&text);
    if (!ms) return std::nullopt;
    result.value += *ms;
  }
  if (!text.empty()) return std::nullopt;
  result.value *= sign;
  return result;
}

std::string print_interval(int64_t ms) {
  if (ms % kDay == 0 && ms != 0) return fmt::format("{} d", ms / kDay);
  if (ms % kHour == 0 && ms != 0) return fmt::format("{} h", ms / kHour);
  if (ms % kMinute == 0 && ms != 0) return fmt::format("{} min", ms / kMinute);
  if (ms % kSecond == 0) return fmt::format("{} s", ms / kSecond);
  return fmt::format("{} ms", ms);
}

}  // namespace raudal::sql
