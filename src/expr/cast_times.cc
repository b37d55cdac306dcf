// Casts among DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ.
#include "column/calendar.h"
#include "expr/casts.h"

namespace raudal::expr {
namespace {

using column::floor_div;
using column::floor_mod;
using column::kUsPerDay;

int64_t unit_of(int precision) {
  int64_t unit = 1;
  for (int p = precision; p < 6; ++p) unit *= 10;
  return unit;
}

// Row i in the session's zone, as µs since 1970.
int64_t local_us(const Column& from, size_t i, const CastOptions& options) {
  switch (from.type.kind()) {
    case TypeKind::kDate: return from.data<int32_t>()[i] * kUsPerDay;
    case TypeKind::kTime: return from.data<int32_t>()[i] * int64_t{1000};
    case TypeKind::kTimestampLtz: return options.zone.to_local_us(from.data<int64_t>()[i]);
    default: return from.data<int64_t>()[i];
  }
}

}  // namespace

Column cast_times(const Column& from, const Type& to, const CastOptions& options) {
  // Same kind, at least as many digits: the values stay.
  const bool stays =
      from.type.kind() == to.kind() && (to.kind() == TypeKind::kDate || from.type.precision() <= to.precision());
  if (stays) {
    Column same = from;
    same.type = to;
    return same;
  }
  Column result = new_column(to, from.size);
  result.validity = from.validity;
  const int64_t unit = unit_of(to.precision());
  for (size_t i = 0; i < from.size; ++i) {
    if (!from.is_valid(i)) {
      std::memset(result.values->as<char>() + i * static_cast<size_t>(to.width()), 0, static_cast<size_t>(to.width()));
      continue;
    }
    const int64_t us = local_us(from, i, options);
    switch (to.kind()) {
      case TypeKind::kDate: result.values->as<int32_t>()[i] = static_cast<int32_t>(floor_div(us, kUsPerDay)); break;
      case TypeKind::kTime:
        result.values->as<int32_t>()[i] = static_cast<int32_t>(floor_mod(us, kUsPerDay) / unit * unit / 1000);
        break;
      case TypeKind::kTimestampLtz:
        result.values->as<int64_t>()[i] = floor_div(options.zone.to_utc_us(us), unit) * unit;
        break;
      default: result.values->as<int64_t>()[i] = floor_div(us, unit) * unit;
    }
  }
  return result;
}

}  // namespace raudal::expr
