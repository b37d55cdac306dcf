// SQL types, straight to column types.
#include <fmt/core.h>

#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;

Type Parser::type(bool default_nullable) {
  const Nesting nesting(this);
  Type type = simple_type();
  bool nullable = default_nullable;
  const auto nullability = [&] {
    if (at_words({"NOT", "NULL"})) {
      take();
      take();
      nullable = false;
    } else if (accept("NULL")) {
      nullable = true;
    }
  };
  nullability();
  type = type.with_nullable(nullable);
  while (peek().is("ARRAY") || peek().is("MULTISET")) {
    if (peek().is("MULTISET")) fail_unsupported("The type MULTISET", peek().span);
    take();
    type = Type::array(std::move(type));
    nullable = default_nullable;
    nullability();
    type = type.with_nullable(nullable);
  }
  return type;
}

int Parser::precision(int default_value, int min, int max, std::string_view what) {
  if (!accept_symbol("(")) return default_value;
  const Span span = peek().span;
  const int value = integer("a number");
  expect_symbol(")");
  if (value < min || value > max) {
    fail_validation(fmt::format("The {} must be between {} and {}, but was {}", what, min, max, value), span);
  }
  return value;
}

Type Parser::simple_type() {
  const Token token = peek();
  if (token.kind != TokenKind::kWord) unexpected("a type");
  struct Plain {
    std::string_view name;
    TypeKind kind;
  };
  static constexpr Plain kPlain[] = {
      {"BOOLEAN", TypeKind::kBoolean}, {"TINYINT", TypeKind::kTinyInt}, {"SMALLINT", TypeKind::kSmallInt},
      {"INT", TypeKind::kInt},         {"INTEGER", TypeKind::kInt},     {"BIGINT", TypeKind::kBigInt},
      {"FLOAT", TypeKind::kFloat},     {"REAL", TypeKind::kFloat},      {"DATE", TypeKind::kDate},
  };
  for (const Plain& plain : kPlain) {
    if (accept(plain.name)) return Type(plain.kind);
  }
  if (accept("DOUBLE")) {
    accept("PRECISION");
    return Type(TypeKind::kDouble);
  }
  if (accept("STRING")) return Type::string();
  if (accept("BYTES")) return Type::varbinary(2147483647);
  if (token.is("DECIMAL") || token.is("DEC") || token.is("NUMERIC")) return decimal_type();
  if (token.is("CHAR") || token.is("CHARACTER") || token.is("VARCHAR") || token.is("BINARY") || token.is("VARBINARY")) {
    return character_type();
  }
  if (accept("TIME")) { return Type::time(precision(0, 0, 9, "precision of TIME")); }
  if (accept("TIMESTAMP")) return timestamp_type(false);
  if (accept("TIMESTAMP_LTZ")) return timestamp_type(true);
  if (token.is("ARRAY") || token.is("MAP")) return collection_type();
  if (accept("ROW")) return row_type();
  if (accept("INTERVAL")) return interval_type();
  if (token.is("RAW") || token.is("MULTISET") || token.is("SYMBOL")) {
    fail_unsupported("The type " + token.upper, token.span);
  }
  if (!at_identifier()) unexpected("a type");
  fail_validation(fmt::format("Unknown identifier '{}'", token.text), token.span);
}

Type Parser::decimal_type() {
  take();
  if (!accept_symbol("(")) return Type::decimal(10, 0);
  const Span span = peek().span;
  const int digits = integer("a precision");
  const int scale = accept_symbol(",") ? integer("a scale") : 0;
  expect_symbol(")");
  if (digits < 1 || digits > 38) {
    fail_validation(fmt::format("DECIMAL precision must be between 1 and 38, but was {}", digits), span);
  }
  if (scale > digits) fail_validation("The scale of DECIMAL must not exceed its precision", span);
  return Type::decimal(digits, scale);
}

Type Parser::collection_type() {
  const bool map = take().is("MAP");
  expect_symbol("<");
  Type first = type();
  if (!map) {
    expect_symbol(">");
    return Type::array(std::move(first));
  }
  expect_symbol(",");
  Type value = type();
  expect_symbol(">");
  return Type::map(std::move(first), std::move(value));
}

Type Parser::character_type() {
  const Token token = take();
  bool varying = token.is("VARCHAR") || token.is("VARBINARY");
  const bool binary = token.is("BINARY") || token.is("VARBINARY");
  if (accept("VARYING")) varying = true;
  const int length = precision(varying ? 2147483647 : 1, 1, 2147483647, "length of " + token.upper);
  if (binary) return varying ? Type::varbinary(length) : Type::binary(length);
  return varying ? Type::varchar(length) : Type::character(length);
}

Type Parser::timestamp_type(bool local) {
  const Span span = last_span();
  const int digits = precision(6, 0, 9, "precision of TIMESTAMP");
  if (!local && at_words({"WITH", "LOCAL", "TIME", "ZONE"})) {
    at_ += 4;
    local = true;
  } else if (!local && at_words({"WITH", "TIME", "ZONE"})) {
    fail_unsupported("The type TIMESTAMP WITH TIME ZONE", span);
  } else if (!local && at_words({"WITHOUT", "TIME", "ZONE"})) {
    at_ += 3;
  }
  if (digits > 6) {
    fail_unsupported(
        fmt::format("The type {}({}) (6 is the highest precision)", local ? "TIMESTAMP_LTZ" : "TIMESTAMP", digits),
        cover(span, last_span()));
  }
  return local ? Type::timestamp_ltz(digits) : Type::timestamp(digits);
}

Type Parser::row_type() {
  const bool round = peek().symbol("(");
  // An empty row is written ROW<>, which is one token.
  if (accept_symbol("<>")) return Type::row({});
  expect_symbol(round ? "(" : "<");
  const std::string_view close = round ? ")" : ">";
  std::vector<column::Field> fields;
  while (!peek().symbol(close)) {
    column::Field field;
    field.name = identifier("a field name");
    field.type = type();
    if (peek().kind == TokenKind::kString) take();  // the field's comment
    fields.push_back(std::move(field));
    if (!accept_symbol(",")) break;
  }
  expect_symbol(close);
  return Type::row(std::move(fields));
}

Type Parser::interval_type() {
  const auto unit = [&] {
    if (!peek().is("YEAR") && !peek().is("MONTH") && !peek().is("DAY") && !peek().is("HOUR") && !peek().is("MINUTE") &&
        !peek().is("SECOND")) {
      unexpected("a time unit");
    }
    std::string name = take().upper;
    precision(0, 0, 9, "precision of INTERVAL");
    return name;
  };
  const std::string from = unit();
  if (accept("TO")) unit();
  return Type(from == "YEAR" || from == "MONTH" ? TypeKind::kIntervalMonths : TypeKind::kIntervalMillis);
}

}  // namespace raudal::sql
