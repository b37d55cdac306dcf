#include "expr/date_pattern.h"

#include <fmt/format.h>

#include "base/str.h"
#include "column/calendar.h"
#include "expr/time_unit.h"

namespace raudal::expr {
namespace {

using column::floor_div;
using column::kUsPerDay;
using column::kUsPerSecond;

constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::string_view kLetters = "yuMLdDHkhKmsSaEQewn";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_number(char letter, size_t count) {
  if (letter == 0 || letter == 'a' || letter == 'E') return false;
  return !((letter == 'M' || letter == 'L') && count > 2);
}

// How long what a letter writes stays the same.
int64_t span_of(char letter) {
  switch (letter) {
    case 'S':
    case 'n': return 1;
    case 's': return kUsPerSecond;
    case 'm': return 60 * kUsPerSecond;
    case 'H':
    case 'h':
    case 'k':
    case 'K':
    case 'a': return 3600 * kUsPerSecond;
    default: return kUsPerDay;
  }
}

// Digits with zeros before them.
void append_number(int64_t value, size_t width, std::string* out) {
  char text[32];
  char* at = text + sizeof text;
  uint64_t rest = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  do {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  const auto length = static_cast<size_t>(text + sizeof text - at);
  if (value < 0) out->push_back('-');
  if (length < width) out->append(width - length, '0');
  out->append(at, length);
}

// The first `count` digits of a fraction of a second.
void append_fraction(int64_t micros, size_t count, std::string* out) {
  const size_t begin = out->size();
  append_number(micros, 6, out);
  out->resize(begin + std::min<size_t>(count, 6));
  if (count > 6) out->append(count - 6, '0');
}

int64_t fraction_us(std::string_view digits) {
  int64_t us = 0;
  int64_t unit = kUsPerSecond / 10;
  for (char c : digits) {
    us += (c - '0') * unit;
    unit /= 10;
  }
  return us;
}

}  // namespace

// What was read so far.
struct DatePattern::Fields {
  int64_t year = 1970;
  int64_t month = 1;
  int64_t day = 1;
  std::optional<int64_t> day_of_year;
  int64_t hour = 0;
  bool half_day = false;  // the hour is of a half day
  bool afternoon = false;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t micros = 0;
};

Result<DatePattern> DatePattern::compile(std::string_view pattern) {
  DatePattern result;
  const auto literal = [&](std::string_view text) {
    if (result.parts_.empty() || result.parts_.back().letter != 0) result.parts_.push_back({0, 0, ""});
    result.parts_.back().literal += text;
  };
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      if (i + 1 < pattern.size() && pattern[i + 1] == '\'') {
        literal("'");
        i += 2;
        continue;
      }
      const size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos)
        return Error(ErrorCode::kExpression, fmt::format("Unterminated quote in the pattern: {}", pattern));
      literal(pattern.substr(i + 1, end - i - 1));
      i = end + 1;
    } else if (is_letter(c)) {
      size_t end = i;
      while (end < pattern.size() && pattern[end] == c) ++end;
      if (kLetters.find(c) == std::string_view::npos) {
        return Error(ErrorCode::kExpression, fmt::format("Unknown letter '{}' in the date pattern: {}", c, pattern));
      }
      result.parts_.push_back({c, end - i, ""});
      i = end;
    } else {
      literal(pattern.substr(i, 1));
      ++i;
    }
  }
  result.span_us_ = kUsPerDay;
  for (const Part& part : result.parts_) result.span_us_ = std::min(result.span_us_, span_of(part.letter));
  return result;
}

void DatePattern::format(int64_t local_us, std::string* out) const {
  const int64_t days = floor_div(local_us, kUsPerDay);
  const int64_t of_day = local_us - days * kUsPerDay;
  const column::CivilDate date = column::civil_from_days(days);
  const int64_t hour = of_day / (3600 * kUsPerSecond);
  for (const Part& part : parts_) {
    const auto number = [&](int64_t value) { append_number(value, part.count, out); };
    switch (part.letter) {
      case 0: out->append(part.literal); break;
      case 'y':
      case 'u': part.count == 2 ? number(column::floor_mod(date.year, 100)) : number(date.year); break;
      case 'M':
      case 'L':
        if (part.count <= 2)
          number(date.month);
        else
          out->append(kMonths[date.month - 1].substr(0, part.count == 3 ? 3 : std::string_view::npos));
        break;
      case 'd': number(date.day); break;
      case 'D': number(extract_unit(TimeUnit::kDayOfYear, local_us)); break;
      case 'H': number(hour); break;
      case 'k': number(hour == 0 ? 24 : hour); break;
      case 'K': number(hour % 12); break;
      case 'h': number(hour % 12 == 0 ? 12 : hour % 12); break;
      case 'm': number(of_day / (60 * kUsPerSecond) % 60); break;
      case 's': number(of_day / kUsPerSecond % 60); break;
      case 'S': append_fraction(of_day % kUsPerSecond, part.count, out); break;
      case 'n': number(of_day % kUsPerSecond * 1000); break;
      case 'a': out->append(hour < 12 ? "AM" : "PM"); break;
      case 'Q': number(extract_unit(TimeUnit::kQuarter, local_us)); break;
      case 'w': number(extract_unit(TimeUnit::kWeek, local_us)); break;
      case 'e': number(extract_unit(TimeUnit::kDayOfWeek, local_us)); break;
      case 'E': {
        const std::string_view name = kDays[extract_unit(TimeUnit::kIsoDayOfWeek, local_us) - 1];
        out->append(name.substr(0, part.count <= 3 ? 3 : std::string_view::npos));
        break;
      }
      default: break;
    }
  }
}

namespace {

// Takes a name (or its first three letters) from the front; its index, or nullopt.
template <size_t N>
std::optional<int64_t> take_name(const std::string_view (&names)[N], std::string_view* text) {
  for (const bool whole : {true, false}) {
    for (size_t i = 0; i < N; ++i) {
      const std::string_view name = whole ? names[i] : names[i].substr(0, 3);
      if (text->size() >= name.size() && equals_ignore_case(text->substr(0, name.size()), name)) {
        text->remove_prefix(name.size());
        return static_cast<int64_t>(i);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

bool DatePattern::parse_part(const Part& part, bool next_is_digits, Mode mode, std::string_view* text, Fields* fields) {
  // SimpleDateFormat reads a number behind blanks.
  const bool number = is_number(part.letter, part.count);
  while (number && mode == Mode::kLenient && text->starts_with(' ')) text->remove_prefix(1);
  if (part.letter == 0) {
    if (!text->starts_with(part.literal)) return false;
    text->remove_prefix(part.literal.size());
    return true;
  }
  if (part.letter == 'a') {
    const std::string half = to_upper(text->substr(0, 2));
    if (half != "AM" && half != "PM") return false;
    fields->half_day = true;
    fields->afternoon = half == "PM";
    text->remove_prefix(2);
    return true;
  }
  if (part.letter == 'E') return take_name(kDays, text).has_value();
  if (!number) {
    const std::optional<int64_t> month = take_name(kMonths, text);
    if (month) fields->month = *month + 1;
    return month.has_value();
  }
  // One letter reads any number of digits, several read as many, but for years and where the mode is lenient.
  const bool exact = next_is_digits ||
                     (mode == Mode::kExact && part.count > 1 && part.letter != 'y' && part.letter != 'u') ||
                     part.letter == 'S';
  const size_t least = exact ? part.count : (mode == Mode::kExact ? part.count : 1);
  const size_t most = exact && !(mode == Mode::kLenient && part.letter == 'S') ? part.count : 10;
  size_t length = 0;
  while (length < text->size() && length < most && (*text)[length] >= '0' && (*text)[length] <= '9') ++length;
  if (length == 0 || (length < least && !(mode == Mode::kLenient && part.letter == 'S'))) return false;
  const std::string_view digits = text->substr(0, length);
  const int64_t value = *parse_int(digits);
  text->remove_prefix(length);
  switch (part.letter) {
    case 'y':
    case 'u': fields->year = part.count == 2 && length <= 2 ? 2000 + value : value; break;
    case 'M':
    case 'L': fields->month = value; break;
    case 'd': fields->day = value; break;
    case 'D': fields->day_of_year = value; break;
    case 'H': fields->hour = value; break;
    case 'k': fields->hour = value % 24; break;
    case 'K':
    case 'h':
      fields->hour = value % 12;
      fields->half_day = true;
      break;
    case 'm': fields->minute = value; break;
    case 's': fields->second = value; break;
    case 'S': fields->micros = mode == Mode::kLenient ? value * 1000 : fraction_us(digits); break;
    default: return false;
  }
  return true;
}

std::optional<int64_t> DatePattern::parse(std::string_view text, Mode mode) const {
  Fields fields;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const bool next_is_digits = i + 1 < parts_.size() && is_number(parts_[i + 1].letter, parts_[i + 1].count);
    if (!parse_part(parts_[i], next_is_digits, mode, &text, &fields)) return std::nullopt;
  }
  if (!text.empty() && mode == Mode::kExact) return std::nullopt;
  if (fields.half_day && fields.afternoon) fields.hour += 12;
  if (mode == Mode::kExact) {
    if (fields.month < 1 || fields.month > 12 || fields.day < 1 || fields.day > 31 || fields.hour > 23 ||
        fields.minute > 59 || fields.second > 59) {
      return std::nullopt;
    }
    fields.day = std::min<int64_t>(fields.day, column::days_in_month(fields.year, static_cast<int>(fields.month)));
  }
  const int64_t months = fields.year * 12 + fields.month - 1;
  int64_t days = column::days_from_civil(floor_div(months, 12), static_cast<int>(column::floor_mod(months, 12)) + 1, 1);
  if (fields.day_of_year)
    days = column::days_from_civil(fields.year, 1, 1) + *fields.day_of_year - 1;
  else
    days += fields.day - 1;
  return days * kUsPerDay + ((fields.hour * 60 + fields.minute) * 60 + fields.second) * kUsPerSecond + fields.micros;
}

}  // namespace raudal::expr
