// Functions of dates and times: parts, arithmetic by unit, the current moment.
#include "column/calendar.h"
#include "column/time_zone.h"
#include "expr/rounding.h"
#include "expr/signature.h"
#include "expr/time_unit.h"

namespace raudal::expr {
namespace {

using column::floor_div;
using column::floor_mod;
using column::kUsPerDay;
using column::TimeZone;

// Times of any type as µs since 1970 in the session's zone, and back.
class LocalTimes {
 public:
  static Result<LocalTimes> of(const Type& type, const EvalContext& context) {
    LocalTimes times(type.kind());
    if (type.kind() == TypeKind::kTimestampLtz) times.zone_ = TRY(TimeZone::find(context.time_zone));
    return times;
  }
  // Instants as they are.
  static LocalTimes in_utc(const Type& type) { return LocalTimes(type.kind()); }
  int64_t read(const KernelArgs& args, size_t arg, size_t row) const {
    switch (kind_) {
      case TypeKind::kDate: return int_at(args, arg, row) * kUsPerDay;
      case TypeKind::kTime: return int_at(args, arg, row) * int64_t{1000};
      case TypeKind::kTimestampLtz: return zone_.to_local_us(bigint_at(args, arg, row));
      default: return bigint_at(args, arg, row);
    }
  }
  // A column of this type of the local times that op gives.
  template <class Op>
  Column write(const KernelArgs& args, const Type& type, Op op) const {
    if (kind_ == TypeKind::kDate) {
      return map_rows<int32_t>(args, type,
                               [&](size_t row) { return static_cast<int32_t>(floor_div(op(row), kUsPerDay)); });
    }
    if (kind_ == TypeKind::kTime) {
      return map_rows<int32_t>(args, type,
                               [&](size_t row) { return static_cast<int32_t>(floor_mod(op(row), kUsPerDay) / 1000); });
    }
    const bool zoned = kind_ == TypeKind::kTimestampLtz;
    return map_rows<int64_t>(args, type, [&](size_t row) { return zoned ? zone_.to_utc_us(op(row)) : op(row); });
  }

 private:
  explicit LocalTimes(TypeKind kind) : kind_(kind) {}
  TypeKind kind_;
  TimeZone zone_;
};

Result<TimeUnit> unit_at(const KernelArgs& args, size_t arg) {
  const std::optional<TimeUnit> unit = find_unit(text_at(args, arg, 0));
  if (!unit) return expression_error("Unknown unit of time: " + std::string(text_at(args, arg, 0)));
  return *unit;
}

Result<Column> extract(const KernelArgs& args, const Type& type, TimeUnit unit, size_t time) {
  const Type& time_type = args.columns[time].type;
  if (time_type.kind() == TypeKind::kIntervalMonths || time_type.kind() == TypeKind::kIntervalMillis) {
    const bool months = time_type.kind() == TypeKind::kIntervalMonths;
    return map_rows<int64_t>(args, type, [&](size_t row) -> int64_t {
      const int64_t value = bigint_at(args, time, row);
      if (months) return unit == TimeUnit::kYear ? value / 12 : (unit == TimeUnit::kMonth ? value % 12 : 0);
      if (unit == TimeUnit::kDay) return value / column::kMsPerDay;
      const int64_t sign = value < 0 ? -1 : 1;
      return sign * extract_unit(unit, sign * value * 1000);
    });
  }
  const LocalTimes times = TRY(LocalTimes::of(time_type, *args.context));
  return map_rows<int64_t>(args, type, [&](size_t row) { return extract_unit(unit, times.read(args, time, row)); });
}

Result<Column> extract_call(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  return extract(args, type, TRY(unit_at(args, 0)), 1);
}

Result<Signature> resolve_extract(std::span<const Type> args, std::span<const Expr> exprs) {
  if (args.size() != 2) return cannot_apply("EXTRACT", args);
  TRY(unit_argument(exprs[0]));
  const bool interval = args[1].kind() == TypeKind::kIntervalMonths || args[1].kind() == TypeKind::kIntervalMillis;
  return takes("EXTRACT", interval ? "sa" : "st", Type(TypeKind::kBigInt))(args, exprs);
}

// A DATE moved by hours and the like becomes a TIMESTAMP(6); digits are added where the unit needs them.
Result<Signature> resolve_add(std::span<const Type> args, std::span<const Expr> exprs) {
  if (args.size() != 3) return cannot_apply("TIMESTAMPADD", args);
  const TimeUnit unit = TRY(unit_argument(exprs[0]));
  Signature signature = TRY(takes("TIMESTAMPADD", "slt", Type())(args, exprs));
  const bool below_day = unit_us(unit) != 0 && unit_us(unit) < kUsPerDay;
  const int digits = unit == TimeUnit::kMillisecond ? 3 : (unit == TimeUnit::kMicrosecond ? 6 : 0);
  Type& time = signature.args[2];
  if (time.kind() == TypeKind::kDate && below_day)
    time = Type::timestamp(6);
  else if (time.kind() == TypeKind::kTimestamp)
    time = Type::timestamp(std::max(digits, time.precision()));
  else if (time.kind() == TypeKind::kTimestampLtz)
    time = Type::timestamp_ltz(std::max(digits, time.precision()));
  signature.result = time.with_nullable(true).with_rowtime(false);
  return signature;
}

// Instants are moved in UTC, months too, as Flink does.
Result<Column> timestamp_add(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const TimeUnit unit = TRY(unit_at(args, 0));
  const int64_t months = unit_months(unit);
  const LocalTimes times = LocalTimes::in_utc(type);
  return times.write(args, type, [&](size_t row) {
    const int64_t time = times.read(args, 2, row);
    const int64_t amount = bigint_at(args, 1, row);
    if (months == 0) return time + amount * unit_us(unit);
    const int64_t day = floor_div(time, kUsPerDay);
    return column::add_months(day, amount * months) * kUsPerDay + (time - day * kUsPerDay);
  });
}

Result<Signature> resolve_difference(std::span<const Type> args, std::span<const Expr> exprs) {
  if (args.size() != 3) return cannot_apply("TIMESTAMPDIFF", args);
  const TimeUnit unit = TRY(unit_argument(exprs[0]));
  if (unit_us(unit) == 0 && unit_months(unit) == 0) return cannot_apply("TIMESTAMPDIFF", args);
  Signature signature = TRY(takes("TIMESTAMPDIFF", "stt", Type(TypeKind::kInt))(args, exprs));
  // An instant and a local time are compared in the session's zone.
  const Type pair[] = {signature.args[1], signature.args[2]};
  if (pair[0].is_timestamp() && pair[1].is_timestamp() && pair[0].kind() != pair[1].kind()) {
    signature.args[1] = signature.args[2] = TRY(common_type(pair));
  }
  return signature;
}

Result<Column> timestamp_difference(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const TimeUnit unit = TRY(unit_at(args, 0));
  const LocalTimes from = LocalTimes::in_utc(args.columns[1].type);
  const LocalTimes to = LocalTimes::in_utc(args.columns[2].type);
  return map_rows<int32_t>(args, type, [&](size_t row) -> int32_t {
    const int64_t a = from.read(args, 1, row);
    const int64_t b = to.read(args, 2, row);
    if (unit_months(unit) != 0) return static_cast<int32_t>(months_between(a, b) / unit_months(unit));
    return static_cast<int32_t>((b - a) / unit_us(unit));
  });
}

// The current moment, once a batch.
Kernel moment_kernel(bool local) {
  return [local](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    const int64_t now_us = floor_div(args.context->now_us, 1000) * 1000;
    int64_t value = now_us;
    if (local) value = TRY(TimeZone::find(args.context->time_zone)).to_local_us(now_us);
    Column result = new_column(type, 1);
    if (type.kind() == TypeKind::kDate)
      result.values->as<int32_t>()[0] = static_cast<int32_t>(floor_div(value, kUsPerDay));
    else if (type.kind() == TypeKind::kTime)
      result.values->as<int32_t>()[0] = static_cast<int32_t>(floor_mod(value, kUsPerDay) / 1'000'000 * 1000);
    else
      result.values->as<int64_t>()[0] = value;
    return result;
  };
}

// The watermark in effect when each row arrived; NULL before the first.
Result<Column> current_watermark(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const int64_t* watermarks = args.batch->row_watermarks ? args.batch->row_watermarks->as<int64_t>() : nullptr;
  ColumnBuilder builder(type, args.num_rows);
  for (size_t i = 0; i < args.num_rows; ++i) {
    const size_t row = args.rows != nullptr ? args.rows[i] : i;
    const int64_t ms = watermarks != nullptr ? watermarks[row] : args.context->watermark_ms;
    if (ms == INT64_MIN)
      builder.append_null();
    else if (ms > INT64_MAX / 1000)
      builder.append(INT64_MAX / 1000 * 1000);
    else
      builder.append(ms * 1000);
  }
  return builder.finish();
}

void register_parts(FunctionRegistry& registry) {
  const auto add = [&](std::string name, TimeUnit unit, std::string doc) {
    const std::string example = name + "(TIMESTAMP '2026-08-09 10:11:12')";
    Kernel kernel = [unit](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
      return extract(args, type, unit, 0);
    };
    add_entry(registry, "temporal",
              {name, std::move(doc), example, takes(name, "t", Type(TypeKind::kBigInt)), std::move(kernel), true});
  };
  add("YEAR", TimeUnit::kYear, "The year");
  add("QUARTER", TimeUnit::kQuarter, "The quarter of the year, 1 to 4");
  add("MONTH", TimeUnit::kMonth, "The month, 1 to 12");
  add("WEEK", TimeUnit::kWeek, "The ISO week, 1 to 53");
  add("DAYOFYEAR", TimeUnit::kDayOfYear, "The day of the year, 1 to 366");
  add("DAYOFMONTH", TimeUnit::kDay, "The day of the month, 1 to 31");
  add("DAYOFWEEK", TimeUnit::kDayOfWeek, "The day of the week, Sunday being 1");
  add("HOUR", TimeUnit::kHour, "The hour, 0 to 23");
  add("MINUTE", TimeUnit::kMinute, "The minute, 0 to 59");
  add("SECOND", TimeUnit::kSecond, "The second, 0 to 59");
}

void register_moments(FunctionRegistry& registry) {
  const auto add = [&](std::string name, Type type, bool local, std::string doc) {
    add_entry(registry, "temporal",
              {name, std::move(doc), "", takes(name, "", std::move(type)), moment_kernel(local), true, false,
               Nullability::kNever});
  };
  add("CURRENT_TIMESTAMP", Type::timestamp_ltz(3), false, "The current instant");
  add("NOW", Type::timestamp_ltz(3), false, "The current instant");
  add("CURRENT_ROW_TIMESTAMP", Type::timestamp_ltz(3), false, "The current instant");
  add("PROCTIME", Type::timestamp_ltz(3), false, "The instant at which a row is processed");
  add("LOCALTIMESTAMP", Type::timestamp(3), true, "The current time in the session's zone");
  add("LOCALTIME", Type::time(0), true, "The current time of day in the session's zone");
  add("CURRENT_TIME", Type::time(0), true, "The current time of day in the session's zone");
  add("CURRENT_DATE", Type(TypeKind::kDate), true, "Today in the session's zone");
}

}  // namespace

Result<Column> floor_time(const KernelArgs& args, const Type& type, bool up) {
  const TimeUnit unit = TRY(unit_at(args, 1));
  const LocalTimes times = TRY(LocalTimes::of(type, *args.context));
  return times.write(args, type, [&](size_t row) {
    const int64_t time = times.read(args, 0, row);
    const int64_t start = floor_to_unit(unit, time);
    return up && start != time ? next_unit(unit, start) : start;
  });
}

void register_temporal(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "temporal", std::move(entry)); };
  add({"EXTRACT", "A part of a time or an interval", "EXTRACT(WEEK FROM DATE '2026-01-01')", resolve_extract,
       extract_call, true});
  add({"TIMESTAMPADD", "A time moved by so many units", "TIMESTAMPADD(WEEK, 1, DATE '2003-01-02')", resolve_add,
       timestamp_add, true});
  add({"TIMESTAMPDIFF", "How many whole units lie between two times",
       "TIMESTAMPDIFF(MONTH, DATE '2024-01-31', DATE '2024-02-29')", resolve_difference, timestamp_difference, true});
  const ResultType watermark_type = [](std::span<const Type> args) {
    return args[0].kind() == TypeKind::kTimestampLtz ? Type::timestamp_ltz(3) : Type::timestamp(3);
  };
  add({"CURRENT_WATERMARK", "The watermark in effect for a row, NULL before the first", "",
       takes("CURRENT_WATERMARK", "T", watermark_type), current_watermark, true, false, Nullability::kAlways});
  register_parts(registry);
  register_moments(registry);
}

}  // namespace raudal::expr
