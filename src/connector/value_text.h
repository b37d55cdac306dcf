// Text to values by the rules of Flink's text formats (JSON, CSV), which are those of Java's parsers. Formats use it;
// nothing here allocates.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace raudal::connector {

// Java's String.trim(): cuts all characters up to the blank.
std::string_view trim_as_java(std::string_view text);

// "12.50", "-1e3": the unscaled value at a scale, rounded half up.
struct DecimalText {
  enum class Outcome { kValue, kOverflow, kMalformed };
  Outcome outcome = Outcome::kMalformed;
  __int128 unscaled = 0;
};
DecimalText parse_decimal(std::string_view text, int precision, int scale);

// As Double.parseDouble: also "NaN", "-Infinity", "1d"; too large a number is infinite.
std::optional<double> parse_java_double(std::string_view text);
// As Long.parseLong: digits with an optional sign.
std::optional<int64_t> parse_java_int(std::string_view text);

// How a format writes times: "2026-01-02 03:04:05.6" or, ISO-8601, with a T and optional seconds.
enum class TimestampStandard { kSql, kIso8601 };

// "2026-01-02": days since 1970. The 29th to 31st of a shorter month is its last day, as in Java.
std::optional<int32_t> parse_date(std::string_view text);
// "03:04:05.678": milliseconds of the day.
std::optional<int32_t> parse_time(std::string_view text, bool seconds_optional = false);
// Microseconds since 1970, cut to `precision` digits of a second; with `zoned` a closing Z is required.
std::optional<int64_t> parse_timestamp(std::string_view text, TimestampStandard standard, bool zoned, int precision);

}  // namespace raudal::connector
