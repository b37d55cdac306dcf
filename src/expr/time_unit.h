// Units of time as EXTRACT, FLOOR, TIMESTAMPADD and TIMESTAMPDIFF name them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "expr/expr.h"

namespace raudal::expr {

enum class TimeUnit : uint8_t {
  kNanosecond,
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kDayOfYear,
  kDayOfWeek,
  kIsoDayOfWeek,
  kIsoYear,
  kEpoch,
};

std::optional<TimeUnit> find_unit(std::string_view name);
// The unit that a bound argument names; kSqlValidation if it is no literal or no unit.
Result<TimeUnit> unit_argument(const Expr& expr);
// µs of a unit of fixed length (up to WEEK); 0 for others.
int64_t unit_us(TimeUnit unit);
// Months of a unit (MONTH to MILLENNIUM); 0 for others.
int64_t unit_months(TimeUnit unit);

// The part of a local time (µs since 1970): the year, the ISO week, the day of the week (Sunday is 1) …
int64_t extract_unit(TimeUnit unit, int64_t local_us);
// The start of the unit that the time is in; weeks begin on Sunday, as Flink has it.
int64_t floor_to_unit(TimeUnit unit, int64_t local_us);
// The start after that.
int64_t next_unit(TimeUnit unit, int64_t start_us);
// How many whole months lie between two local times.
int64_t months_between(int64_t from_us, int64_t to_us);

}  // namespace raudal::expr
