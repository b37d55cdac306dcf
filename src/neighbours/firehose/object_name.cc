#include "neighbours/firehose/object_name.h"

#include <ctime>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"

namespace raudal::neighbours::firehose {
namespace {

constexpr std::string_view kOpening = "!{";
constexpr size_t kRandomLetters = 11;

Error bad_prefix(std::string why) { return Error(ErrorCode::kInvalidArgument, "The prefix " + std::move(why)); }

// One run of a letter in a pattern of Java's DateTimeFormatter: "yyyy".
Result<std::string> time_field(char letter, size_t count, const tm& time) {
  const int width = static_cast<int>(count);
  switch (letter) {
    case 'y':
    case 'u':
      if (count == 2) return fmt::format("{:02}", (time.tm_year + 1900) % 100);
      return fmt::format("{:0{}}", time.tm_year + 1900, width);
    case 'M':
      if (count <= 2) return fmt::format("{:0{}}", time.tm_mon + 1, width);
      break;
    case 'd': return fmt::format("{:0{}}", time.tm_mday, width);
    case 'D': return fmt::format("{:0{}}", time.tm_yday + 1, width);
    case 'H': return fmt::format("{:0{}}", time.tm_hour, width);
    case 'm': return fmt::format("{:0{}}", time.tm_min, width);
    case 's': return fmt::format("{:0{}}", time.tm_sec, width);
    default: break;
  }
  return bad_prefix(fmt::format("has a field of time that is not known here: {}", std::string(count, letter)));
}

Result<std::string> formatted_time(std::string_view pattern, const tm& time) {
  std::string out;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      const size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos) return bad_prefix("has a quote that is not closed");
      out += end == i + 1 ? "'" : pattern.substr(i + 1, end - i - 1);
      i = end + 1;
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      const size_t end = std::min(pattern.find_first_not_of(c, i), pattern.size());
      out += TRY(time_field(c, end - i, time));
      i = end;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

Result<std::string> evaluated(std::string_view expression, const tm& time) {
  const size_t colon = expression.find(':');
  const std::string_view space = expression.substr(0, colon);
  const std::string_view value = colon == std::string_view::npos ? "" : expression.substr(colon + 1);
  if (space == "timestamp" && !value.empty()) return formatted_time(value, time);
  if (space == "firehose" && value == "random-string") return secure_random_hex(6).substr(0, kRandomLetters);
  return bad_prefix(fmt::format("has an expression that is not known here: !{{{}}}", expression));
}

Result<std::string> evaluated_prefix(std::string_view prefix, const tm& time) {
  // Without an expression the hour follows the prefix.
  if (prefix.find(kOpening) == std::string_view::npos) {
    return std::string(prefix) + TRY(formatted_time("yyyy/MM/dd/HH/", time));
  }
  std::string out;
  while (true) {
    const size_t begin = prefix.find(kOpening);
    out += prefix.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const size_t end = prefix.find('}', begin);
    if (end == std::string_view::npos) return bad_prefix("has an expression that is not closed");
    out += TRY(evaluated(prefix.substr(begin + kOpening.size(), end - begin - kOpening.size()), time));
    prefix.remove_prefix(end + 1);
  }
}

tm utc(int64_t ms) {
  const time_t seconds = ms / 1000;
  tm time;
  ::gmtime_r(&seconds, &time);
  return time;
}

}  // namespace

Status check_prefix(std::string_view prefix) {
  TRY(evaluated_prefix(prefix, utc(0)));
  return {};
}

std::string object_name(const ObjectNameParts& parts) {
  const tm time = utc(parts.arrived_ms);
  const std::string hex = secure_random_hex(16);
  return fmt::format("{}{}-{}-{}-{}-{}-{}-{}-{}{}", evaluated_prefix(parts.prefix, time).value(), parts.stream,
                     parts.version, formatted_time("yyyy-MM-dd-HH-mm-ss", time).value(), hex.substr(0, 8),
                     hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20), parts.extension);
}

}  // namespace raudal::neighbours::firehose
