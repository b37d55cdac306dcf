#include "sql/literal.h"

#include <charconv>

#include <fmt/core.h>

#include "base/str.h"
#include "column/builder.h"
#include "column/calendar.h"
#include "sql/interval.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::ColumnBuilder;
using column::Type;
using column::TypeKind;
using expr::Expr;

namespace {

template <class T>
Expr constant(const Type& type, T value) {
  ColumnBuilder builder(type.with_nullable(false), 1);
  builder.append(value);
  return Expr::constant(builder.finish());
}

size_t code_points(std::string_view text) {
  size_t n = 0;
  for (const char c : text) n += (c & 0xC0) != 0x80;
  return n;
}

Expr exact_number(const ExprAst& literal, int sign) {
  std::string digits = literal.text;
  int scale = 0;
  if (const size_t point = digits.find('.'); point != std::string::npos) {
    scale = static_cast<int>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, first);
  if (digits.size() > 38) {
    fail_validation(fmt::format("Numeric literal '{}' out of range", literal.text), literal.span);
  }
  __int128 value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  value *= sign;
  if (literal.kind == ExprAstKind::kInteger) {
    const __int128 magnitude = value < 0 ? -value : value;
    if (magnitude <= INT32_MAX) return constant(Type(TypeKind::kInt), static_cast<int32_t>(value));
    if (magnitude <= INT64_MAX) return constant(Type(TypeKind::kBigInt), static_cast<int64_t>(value));
    fail_validation(fmt::format("Numeric literal '{}' out of range", literal.text), literal.span);
  }
  const int precision = std::max({static_cast<int>(digits.size()), scale, 1});
  const Type type = Type::decimal(precision, scale);
  if (type.storage() == column::Storage::kInt64) return constant(type, static_cast<int64_t>(value));
  return constant(type, value);
}

// Reads digits up to a separator (or the end) into *value.
bool take_number(std::string_view* text, int min_digits, int max_digits, int* value) {
  size_t n = 0;
  *value = 0;
  while (n < text->size() && n < static_cast<size_t>(max_digits) && (*text)[n] >= '0' && (*text)[n] <= '9') {
    *value = *value * 10 + ((*text)[n++] - '0');
  }
  text->remove_prefix(n);
  return n >= static_cast<size_t>(min_digits);
}

bool take_character(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

bool take_date(std::string_view* text, int64_t* days) {
  int year, month, day;
  if (!take_number(text, 4, 4, &year) || !take_character(text, '-') || !take_number(text, 1, 2, &month) ||
      !take_character(text, '-') || !take_number(text, 1, 2, &day)) {
    return false;
  }
  if (month < 1 || month > 12 || day < 1 || day > column::days_in_month(year, month)) return false;
  *days = column::days_from_civil(year, month, day);
  return true;
}

// hh:mm:ss[.fraction]; *digits is the length of the fraction.
bool take_time(std::string_view* text, int64_t* us, int* digits) {
  int hour, minute, second;
  if (!take_number(text, 1, 2, &hour) || !take_character(text, ':') || !take_number(text, 1, 2, &minute) ||
      !take_character(text, ':') || !take_number(text, 1, 2, &second)) {
    return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  *us = (hour * 3600LL + minute * 60LL + second) * column::kUsPerSecond;
  *digits = 0;
  if (!take_character(text, '.')) return true;
  int64_t unit = column::kUsPerSecond / 10;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9' && *digits < 9) {
    *us += (text->front() - '0') * unit;
    unit /= 10;
    ++*digits;
    text->remove_prefix(1);
  }
  return true;
}

Expr date_literal(const ExprAst& literal) {
  std::string_view text = literal.text;
  int64_t days;
  if (!take_date(&text, &days) || !text.empty()) {
    fail_validation(fmt::format("Illegal DATE literal '{}': not in format 'yyyy-MM-dd'", literal.text), literal.span);
  }
  return constant(Type(TypeKind::kDate), static_cast<int32_t>(days));
}

Expr time_literal(const ExprAst& literal) {
  std::string_view text = literal.text;
  int64_t us;
  int digits;
  if (!take_time(&text, &us, &digits) || !text.empty()) {
    fail_validation(fmt::format("Illegal TIME literal '{}': not in format 'HH:mm:ss'", literal.text), literal.span);
  }
  return constant(Type::time(std::min(digits, 3)), static_cast<int32_t>(us / 1000));
}

Expr timestamp_literal(const ExprAst& literal) {
  std::string_view text = literal.text;
  int64_t days;
  int64_t us;
  int digits;
  if (!take_date(&text, &days) || !take_character(&text, ' ') || !take_time(&text, &us, &digits) || !text.empty()) {
    fail_validation(fmt::format("Illegal TIMESTAMP literal '{}': not in format 'yyyy-MM-dd HH:mm:ss'", literal.text),
                    literal.span);
  }
  return constant(Type::timestamp(std::min(digits, 6)), days * column::kUsPerDay + us);
}

Expr interval_literal(const ExprAst& literal, int sign) {
  const auto value = parse_interval(literal.text, literal.interval);
  if (!value) {
    const std::string to = literal.interval.to.empty() ? "" : " TO " + literal.interval.to;
    fail_validation(
        fmt::format("Illegal interval literal format '{}' for INTERVAL {}{}", literal.text, literal.interval.from, to),
        literal.span);
  }
  const TypeKind kind = value->months ? TypeKind::kIntervalMonths : TypeKind::kIntervalMillis;
  return constant(Type(kind), value->value * sign);
}

}  // namespace

Expr boolean_literal(bool value) { return constant(Type(TypeKind::kBoolean), static_cast<uint8_t>(value)); }

Expr int_literal(int32_t value) { return constant(Type(TypeKind::kInt), value); }

Expr string_literal(std::string_view text) {
  ColumnBuilder builder(Type::character(static_cast<int>(code_points(text))).with_nullable(false), 1);
  builder.append_string(text);
  return Expr::constant(builder.finish());
}

Expr bind_literal(const ExprAst& literal, int sign) {
  switch (literal.kind) {
    case ExprAstKind::kNull: return Expr::null_of(Type(TypeKind::kNull));
    case ExprAstKind::kBoolean:
      if (literal.text == "UNKNOWN") return Expr::null_of(Type(TypeKind::kBoolean));
      return boolean_literal(literal.text == "TRUE");
    case ExprAstKind::kInteger:
    case ExprAstKind::kDecimal: return exact_number(literal, sign);
    case ExprAstKind::kDouble: return constant(Type(TypeKind::kDouble), parse_double(literal.text).value_or(0) * sign);
    case ExprAstKind::kString:
    case ExprAstKind::kSymbol: return string_literal(literal.text);
    case ExprAstKind::kBinary: {
      ColumnBuilder builder(Type::binary(static_cast<int>(literal.text.size())).with_nullable(false), 1);
      builder.append_string(literal.text);
      return Expr::constant(builder.finish());
    }
    case ExprAstKind::kDate: return date_literal(literal);
    case ExprAstKind::kTime: return time_literal(literal);
    case ExprAstKind::kTimestamp: return timestamp_literal(literal);
    case ExprAstKind::kInterval: return interval_literal(literal, sign);
    default: break;
  }
  CHECK(false);
}

bool is_null_literal(const Expr& expr) {
  return expr.kind == expr::ExprKind::kLiteral && expr.literal.size == 1 && !expr.literal.is_valid(0);
}

bool interval_ms(const Expr& expr, int64_t* ms) {
  if (expr.kind != expr::ExprKind::kLiteral || expr.type.kind() != TypeKind::kIntervalMillis || is_null_literal(expr)) {
    return false;
  }
  *ms = expr.literal.data<int64_t>()[0];
  return true;
}

}  // namespace raudal::sql
