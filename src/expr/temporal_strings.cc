// Functions between times and text or numbers: DATE_FORMAT, TO_TIMESTAMP, FROM_UNIXTIME …
#include "base/str.h"
#include "column/calendar.h"
#include "column/print.h"
#include "column/time_zone.h"
#include "expr/date_pattern.h"
#include "expr/signature.h"
#include "expr/temporal_text.h"

namespace raudal::expr {
namespace {

using column::floor_div;
using column::kUsPerDay;
using column::kUsPerSecond;
using column::TimeZone;

constexpr std::string_view kDefaultPattern = "yyyy-MM-dd HH:mm:ss";

// The pattern of a call site, compiled again only where it changes from row to row.
class Patterns {
 public:
  Result<const DatePattern*> of(std::string_view source) {
    if (!pattern_ || source != source_) {
      pattern_ = TRY(DatePattern::compile(source));
      source_ = std::string(source);
    }
    return &*pattern_;
  }

 private:
  std::string source_;
  std::optional<DatePattern> pattern_;
};

// Appends one value a row: op(row, builder) for rows without NULL.
template <class Op>
Result<Column> try_rows(const KernelArgs& args, const Type& type, Op op) {
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (all_valid(args, row))
      TRY(op(row, builder));
    else
      builder.append_null();
  }
  return builder.finish();
}

Result<TimeZone> session_zone(const KernelArgs& args) { return TimeZone::find(args.context->time_zone); }

Result<Column> date_format(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const Type& time = args.columns[0].type;
  const TimeZone zone = time.kind() == TypeKind::kTimestampLtz ? TRY(session_zone(args)) : TimeZone();
  Patterns patterns;
  Patterns whole_patterns;
  const DatePattern* whole = TRY(whole_patterns.of(kDefaultPattern));
  const bool constant = args.is_constant(1);
  const DatePattern* last_pattern = nullptr;
  int64_t last_span = 0;
  std::string text;
  return try_rows(args, type, [&](size_t row, ColumnBuilder& builder) -> Status {
    const DatePattern* pattern = TRY(patterns.of(text_at(args, 1, row)));
    int64_t us = 0;
    if (time.is_string()) {
      const std::optional<int64_t> parsed = whole->parse(text_at(args, 0, row), DatePattern::Mode::kLenient);
      if (!parsed) {
        builder.append_null();
        return {};
      }
      us = *parsed;
    } else if (time.kind() == TypeKind::kDate) {
      us = int_at(args, 0, row) * kUsPerDay;
    } else {
      us = zone.to_local_us(bigint_at(args, 0, row));
    }
    // Times follow each other closely, so that most are written as the one before.
    const int64_t span = floor_div(us, pattern->span_us());
    if (pattern != last_pattern || span != last_span || !constant) {
      text.clear();
      pattern->format(us, &text);
      last_pattern = pattern;
      last_span = span;
    }
    builder.append_string(text);
    return {};
  });
}

Result<Signature> resolve_date_format(std::span<const Type> args, std::span<const Expr> exprs) {
  const bool text = args.size() == 2 && args[0].is_string();
  return takes("DATE_FORMAT", text ? "ss" : "ts", Type::string())(args, exprs);
}

Result<Column> to_date(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  Patterns patterns;
  return try_rows(args, type, [&](size_t row, ColumnBuilder& builder) -> Status {
    std::optional<int64_t> days;
    if (args.columns.size() == 1) {
      days = parse_date(text_at(args, 0, row));
    } else {
      const DatePattern* pattern = TRY(patterns.of(text_at(args, 1, row)));
      days = pattern->parse(text_at(args, 0, row), DatePattern::Mode::kLenient);
      if (days) days = floor_div(*days, kUsPerDay);
    }
    if (days)
      builder.append(static_cast<int32_t>(*days));
    else
      builder.append_null();
    return {};
  });
}

// Text by a pattern, else (or where it does not fit) as a cast reads it; with a pattern, blanks around do not matter.
Result<std::optional<int64_t>> read_local(const KernelArgs& args, size_t row, Patterns& patterns) {
  const std::string_view text = text_at(args, 0, row);
  if (args.columns.size() == 1) return parse_timestamp(text);
  const DatePattern* pattern = TRY(patterns.of(text_at(args, 1, row)));
  const std::optional<int64_t> us = pattern->parse(text, DatePattern::Mode::kExact);
  return us ? us : parse_timestamp(trim(text));
}

Result<Column> to_timestamp(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  Patterns patterns;
  return try_rows(args, type, [&](size_t row, ColumnBuilder& builder) -> Status {
    const std::optional<int64_t> us = TRY(read_local(args, row, patterns));
    if (us)
      builder.append(floor_div(*us, 1000) * 1000);
    else
      builder.append_null();
    return {};
  });
}

// TO_TIMESTAMP_LTZ(number, precision): seconds (0) or milliseconds (3) since 1970.
Result<Column> to_timestamp_ltz(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const bool floating = args.columns[0].type.kind() == TypeKind::kDouble;
  return try_rows(args, type, [&](size_t row, ColumnBuilder& builder) -> Status {
    const int32_t precision = args.columns.size() > 1 ? int_at(args, 1, row) : 3;
    if (precision != 0 && precision != 3) {
      return expression_error(
          "The precision value '" + std::to_string(precision) +
          "' for function "
          "TO_TIMESTAMP_LTZ(numeric, precision) is unsupported, the supported value is '0' for second or "
          "'3' for millisecond.");
    }
    const int64_t unit = precision == 0 ? kUsPerSecond : 1000;
    int64_t us = 0;
    bool overflow = false;
    if (floating) {
      const double value = double_at(args, 0, row) * static_cast<double>(unit);
      overflow = !(value > -9.2e18 && value < 9.2e18);
      us = overflow ? 0 : floor_div(static_cast<int64_t>(value), 1000) * 1000;
    } else {
      overflow = __builtin_mul_overflow(bigint_at(args, 0, row), unit, &us);
    }
    if (overflow)
      builder.append_null();
    else
      builder.append(us);
    return {};
  });
}

Result<Signature> resolve_to_ltz(std::span<const Type> args, std::span<const Expr> exprs) {
  const bool floating = !args.empty() && (args[0].kind() == TypeKind::kDouble || args[0].kind() == TypeKind::kFloat);
  return takes("TO_TIMESTAMP_LTZ", floating ? "d?i" : "l?i", Type::timestamp_ltz(3))(args, exprs);
}

Result<Column> from_unixtime(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const TimeZone zone = TRY(session_zone(args));
  Patterns patterns;
  std::string text;
  return try_rows(args, type, [&](size_t row, ColumnBuilder& builder) -> Status {
    const DatePattern* pattern = TRY(patterns.of(args.columns.size() > 1 ? text_at(args, 1, row) : kDefaultPattern));
    int64_t us = 0;
    if (__builtin_mul_overflow(bigint_at(args, 0, row), kUsPerSecond, &us)) {
      builder.append_null();
      return {};
    }
    text.clear();
    pattern->format(zone.to_local_us(us), &text);
    builder.append_string(text);
    return {};
  });
}

// Text that cannot be read gives the least BIGINT, as in Flink.
Result<Column> unix_timestamp(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  if (args.columns.empty()) {
    Column now = new_column(type, 1);
    now.values->as<int64_t>()[0] = floor_div(args.context->now_us, kUsPerSecond);
    return now;
  }
  const TimeZone zone = TRY(session_zone(args));
  Patterns patterns;
  return try_rows(args, type, [&](size_t row, ColumnBuilder& builder) -> Status {
    const DatePattern* pattern = TRY(patterns.of(args.columns.size() > 1 ? text_at(args, 1, row) : kDefaultPattern));
    const std::optional<int64_t> us = pattern->parse(text_at(args, 0, row), DatePattern::Mode::kLenient);
    builder.append(us ? floor_div(zone.to_utc_us(*us), kUsPerSecond) : INT64_MIN);
    return {};
  });
}

Result<Column> convert_tz(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const DatePattern pattern = TRY(DatePattern::compile(kDefaultPattern));
  std::string text;
  return try_rows(args, type, [&](size_t row, ColumnBuilder& builder) -> Status {
    const std::optional<int64_t> us = pattern.parse(text_at(args, 0, row), DatePattern::Mode::kLenient);
    if (!us) {
      builder.append_null();
      return {};
    }
    const TimeZone from = TRY(TimeZone::find(text_at(args, 1, row)));
    const TimeZone to = TRY(TimeZone::find(text_at(args, 2, row)));
    text.clear();
    pattern.format(to.to_local_us(from.to_utc_us(*us)), &text);
    builder.append_string(text);
    return {};
  });
}

}  // namespace

void register_temporal_text(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "temporal", std::move(entry)); };
  const auto always = Nullability::kAlways;
  add({"DATE_FORMAT", "A time as text by a pattern of Java's",
       "DATE_FORMAT(TIMESTAMP '2026-01-01 12:34:56', 'yyyy/MM/dd HH')", resolve_date_format, date_format, false, true,
       always});
  add({"TO_DATE", "The date that a text names", "TO_DATE('2026/03/04', 'yyyy/MM/dd')",
       takes("TO_DATE", "s?s", Type(TypeKind::kDate)), to_date, false, true, always});
  add({"TO_TIMESTAMP", "The time that a text names, in no zone", "TO_TIMESTAMP('2001/01/01 00:47', 'yyyy/MM/dd HH:mm')",
       takes("TO_TIMESTAMP", "s?s", Type::timestamp(3)), to_timestamp, false, true, always});
  add({"TO_TIMESTAMP_LTZ", "The instant so many seconds (0) or milliseconds (3) after 1970",
       "TO_TIMESTAMP_LTZ(1767225600123, 3)", resolve_to_ltz, to_timestamp_ltz, false, true, always});
  add({"FROM_UNIXTIME", "Seconds since 1970 as text in the session's zone", "FROM_UNIXTIME(44)",
       takes("FROM_UNIXTIME", "l?s", Type::string()), from_unixtime, false, true, always});
  add({"UNIX_TIMESTAMP", "Seconds since 1970, now or of a text in the session's zone",
       "UNIX_TIMESTAMP('1970-01-01 00:01:00')", takes("UNIX_TIMESTAMP", "?ss", Type(TypeKind::kBigInt)), unix_timestamp,
       false, false});
  add({"CONVERT_TZ", "A text time of one zone in another",
       "CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", takes("CONVERT_TZ", "sss", Type::string()),
       convert_tz, false, true, always});
}

}  // namespace raudal::expr
