#include "expr/time_unit.h"

#include <utility>

#include "base/str.h"
#include "column/calendar.h"
#include "expr/kernel.h"

namespace raudal::expr {
namespace {

using column::civil_from_days;
using column::CivilDate;
using column::days_from_civil;
using column::floor_div;
using column::floor_mod;
using column::kUsPerDay;
using column::kUsPerSecond;

constexpr std::pair<std::string_view, TimeUnit> kUnits[] = {
    {"NANOSECOND", TimeUnit::kNanosecond},
    {"MICROSECOND", TimeUnit::kMicrosecond},
    {"MILLISECOND", TimeUnit::kMillisecond},
    {"SECOND", TimeUnit::kSecond},
    {"MINUTE", TimeUnit::kMinute},
    {"HOUR", TimeUnit::kHour},
    {"DAY", TimeUnit::kDay},
    {"WEEK", TimeUnit::kWeek},
    {"MONTH", TimeUnit::kMonth},
    {"QUARTER", TimeUnit::kQuarter},
    {"YEAR", TimeUnit::kYear},
    {"DECADE", TimeUnit::kDecade},
    {"CENTURY", TimeUnit::kCentury},
    {"MILLENNIUM", TimeUnit::kMillennium},
    {"DOY", TimeUnit::kDayOfYear},
    {"DOW", TimeUnit::kDayOfWeek},
    {"ISODOW", TimeUnit::kIsoDayOfWeek},
    {"ISOYEAR", TimeUnit::kIsoYear},
    {"EPOCH", TimeUnit::kEpoch},
    {"SQL_TSI_SECOND", TimeUnit::kSecond},
    {"SQL_TSI_MINUTE", TimeUnit::kMinute},
    {"SQL_TSI_HOUR", TimeUnit::kHour},
    {"SQL_TSI_DAY", TimeUnit::kDay},
    {"SQL_TSI_WEEK", TimeUnit::kWeek},
    {"SQL_TSI_MONTH", TimeUnit::kMonth},
    {"SQL_TSI_QUARTER", TimeUnit::kQuarter},
    {"SQL_TSI_YEAR", TimeUnit::kYear},
};

int64_t iso_day_of_week(int64_t days) { return floor_mod(days + 3, 7) + 1; }  // 1970-01-01 was a Thursday

// The Thursday of an ISO week decides its year.
int64_t iso_thursday(int64_t days) { return days - iso_day_of_week(days) + 4; }

int64_t iso_week(int64_t days) {
  const int64_t thursday = iso_thursday(days);
  return (thursday - days_from_civil(civil_from_days(thursday).year, 1, 1)) / 7 + 1;
}

int64_t extract_date(TimeUnit unit, int64_t days) {
  const CivilDate date = civil_from_days(days);
  const auto rounded_up = [&](int64_t size) {
    return date.year > 0 ? (date.year + size - 1) / size : (date.year - size + 1) / size;
  };
  switch (unit) {
    case TimeUnit::kDay: return date.day;
    case TimeUnit::kWeek: return iso_week(days);
    case TimeUnit::kMonth: return date.month;
    case TimeUnit::kQuarter: return (date.month - 1) / 3 + 1;
    case TimeUnit::kYear: return date.year;
    case TimeUnit::kDecade: return floor_div(date.year, 10);
    case TimeUnit::kCentury: return rounded_up(100);
    case TimeUnit::kMillennium: return rounded_up(1000);
    case TimeUnit::kDayOfYear: return days - days_from_civil(date.year, 1, 1) + 1;
    case TimeUnit::kDayOfWeek: return floor_mod(days + 4, 7) + 1;
    case TimeUnit::kIsoDayOfWeek: return iso_day_of_week(days);
    default: return civil_from_days(iso_thursday(days)).year;
  }
}

}  // namespace

std::optional<TimeUnit> find_unit(std::string_view name) {
  for (const auto& [known, unit] : kUnits) {
    if (equals_ignore_case(known, name)) return unit;
  }
  return std::nullopt;
}

Result<TimeUnit> unit_argument(const Expr& expr) {
  const std::optional<std::string> name = constant_text(expr);
  const std::optional<TimeUnit> unit = name ? find_unit(*name) : std::nullopt;
  if (!unit) return Error(ErrorCode::kSqlValidation, "A unit of time was expected: " + name.value_or("not a literal"));
  return *unit;
}

int64_t unit_us(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMicrosecond: return 1;
    case TimeUnit::kMillisecond: return 1000;
    case TimeUnit::kSecond: return kUsPerSecond;
    case TimeUnit::kMinute: return 60 * kUsPerSecond;
    case TimeUnit::kHour: return 3600 * kUsPerSecond;
    case TimeUnit::kDay: return kUsPerDay;
    case TimeUnit::kWeek: return 7 * kUsPerDay;
    default: return 0;
  }
}

int64_t unit_months(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMonth: return 1;
    case TimeUnit::kQuarter: return 3;
    case TimeUnit::kYear: return 12;
    case TimeUnit::kDecade: return 120;
    case TimeUnit::kCentury: return 1200;
    case TimeUnit::kMillennium: return 12000;
    default: return 0;
  }
}

int64_t extract_unit(TimeUnit unit, int64_t local_us) {
  const int64_t days = floor_div(local_us, kUsPerDay);
  const int64_t of_day = local_us - days * kUsPerDay;
  switch (unit) {
    case TimeUnit::kEpoch: return floor_div(local_us, kUsPerSecond);
    case TimeUnit::kHour: return of_day / (3600 * kUsPerSecond);
    case TimeUnit::kMinute: return of_day / (60 * kUsPerSecond) % 60;
    case TimeUnit::kSecond: return of_day / kUsPerSecond % 60;
    case TimeUnit::kMillisecond: return of_day % kUsPerSecond / 1000;
    case TimeUnit::kMicrosecond: return of_day % kUsPerSecond;
    case TimeUnit::kNanosecond: return of_day % kUsPerSecond * 1000;
    default: return extract_date(unit, days);
  }
}

int64_t floor_to_unit(TimeUnit unit, int64_t local_us) {
  const int64_t months = unit_months(unit);
  if (months == 0) {
    const int64_t length = unit_us(unit);
    if (length == 0) return local_us;
    // 1970-01-04 was a Sunday.
    const int64_t origin = unit == TimeUnit::kWeek ? 3 * kUsPerDay : 0;
    return floor_div(local_us - origin, length) * length + origin;
  }
  const CivilDate date = civil_from_days(floor_div(local_us, kUsPerDay));
  // Centuries and millennia begin with a year 1; decades with a year 0.
  const int64_t origin = months >= 1200 ? 12 : 0;
  const int64_t month = floor_div(date.year * 12 + date.month - 1 - origin, months) * months + origin;
  return days_from_civil(floor_div(month, 12), static_cast<int>(floor_mod(month, 12)) + 1, 1) * kUsPerDay;
}

int64_t next_unit(TimeUnit unit, int64_t start_us) {
  const int64_t months = unit_months(unit);
  if (months == 0) return start_us + unit_us(unit);
  return column::add_months(floor_div(start_us, kUsPerDay), months) * kUsPerDay;
}

int64_t months_between(int64_t from_us, int64_t to_us) {
  if (to_us < from_us) return -months_between(to_us, from_us);
  const int64_t from_day = floor_div(from_us, kUsPerDay);
  const int64_t to_day = floor_div(to_us, kUsPerDay);
  int64_t months = (to_day - from_day) / 31;  // never too many
  while (true) {
    if (column::add_months(from_day, months) >= to_day) break;
    if (column::add_months(from_day, months + 1) > to_day) break;
    ++months;
  }
  const bool same_day = column::add_months(from_day, months) == to_day;
  if (same_day && to_us - to_day * kUsPerDay < from_us - from_day * kUsPerDay) --months;
  return months;
}

}  // namespace raudal::expr
