// The few string operations that the standard library lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raudal {

std::vector<std::string> split(std::string_view text, char separator);  // "a,,b" has three parts; "" has one
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);        // blanks, tabs, line ends
std::string to_lower(std::string_view text);         // ASCII
std::string to_upper(std::string_view text);         // ASCII
bool equals_ignore_case(std::string_view a, std::string_view b);
std::optional<int64_t> parse_int(std::string_view text);      // the whole text, decimal, optional sign
std::optional<double> parse_double(std::string_view text);    // the whole text
// "2026-01-02T03:04:05.678Z": milliseconds, UTC.
std::string format_utc_ms(int64_t wall_us);
// A duration as Flink's options spell it: "10 s", "500ms", "1 min", "2 h", "3 d"; a bare number is milliseconds.
std::optional<int64_t> parse_duration_ms(std::string_view text);
// A size as Flink's options spell it: "128MB", "64 kb", "1g"; a bare number is bytes.
std::optional<int64_t> parse_bytes(std::string_view text);

}  // namespace raudal
