// Reading dates and times from text, as Flink's casts do. Used by casts and temporal functions. nullopt: no such time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace raudal::expr {

// "2026-01-02", "2026-1-2", "2026-1", "2026"; a time of day after a blank is ignored. Days since 1970.
std::optional<int32_t> parse_date(std::string_view text);
// "12:34:56.789", "12:34", "12": milliseconds of the day.
std::optional<int32_t> parse_time(std::string_view text);
// A whole date, and after one blank a whole time: µs since 1970 in no zone. No blanks around, no T. A day that its
// month does not have (up to 31) becomes the month's last.
std::optional<int64_t> parse_timestamp(std::string_view text);

}  // namespace raudal::expr
