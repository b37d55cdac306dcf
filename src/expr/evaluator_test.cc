#include "expr/evaluator.h"

#include "column/builder.h"
#include "column/print.h"
#include "expr/function.h"

namespace raudal::expr {
namespace {

using column::Batch;
using column::Column;
using column::ColumnBuilder;
using column::Type;
using column::TypeKind;

const Type kBigInt(TypeKind::kBigInt);
const Type kInt(TypeKind::kInt);
const Type kBoolean(TypeKind::kBoolean);

Column bigints(std::vector<std::optional<int64_t>> values) {
  ColumnBuilder builder(kBigInt);
  for (const auto& value : values) value ? builder.append(*value) : builder.append_null();
  return builder.finish();
}

Column booleans(std::string_view values) {  // t f n
  ColumnBuilder builder(kBoolean);
  for (char c : values) c == 'n' ? builder.append_null() : builder.append(static_cast<uint8_t>(c == 't'));
  return builder.finish();
}

template <class T>
Expr literal(Type type, T value) {
  ColumnBuilder builder(type.with_nullable(false), 1);
  builder.append(value);
  return Expr::constant(builder.finish());
}
Expr integer(int32_t value) { return literal(kInt, value); }
Expr bigint(int64_t value) { return literal(kBigInt, value); }
Expr text(std::string_view value) {
  ColumnBuilder builder(Type::character(static_cast<int>(value.size())).with_nullable(false), 1);
  builder.append_string(value);
  return Expr::constant(builder.finish());
}

Expr call(std::string_view name, std::vector<Expr> args) {
  Result<Expr> result = make_call(name, std::move(args));
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message());
  return *result;
}

Expr node(ExprKind kind, Type type, std::vector<Expr> args) {
  Expr expr;
  expr.kind = kind;
  expr.type = std::move(type);
  expr.args = std::move(args);
  return expr;
}

Batch batch_of(std::vector<Column> columns) {
  Batch batch;
  batch.num_rows = columns[0].size;
  batch.columns = std::move(columns);
  return batch;
}

std::string print(const Result<Column>& column) {
  if (!column.ok()) return "ERROR " + column.error().message();
  std::string out;
  for (size_t i = 0; i < column->size; ++i) out += (i > 0 ? " " : "") + column::print_value(*column, i);
  return out;
}

std::string run(const Expr& expr, const Batch& batch) { return print(Evaluator(expr).evaluate(batch, {})); }
std::string value_of(const Expr& expr) { return print(fold(expr, {})); }

Expr in(int index, const Type& type) { return Expr::input(index, type); }

TEST(Evaluator, computes_only_selected_rows) {
  Batch batch = batch_of({bigints({1, 2, 0, 4})});
  const Expr quotient = call("/", {bigint(8), in(0, kBigInt)});
  EXPECT_EQ(run(quotient, batch), "ERROR / by zero");
  const Result<column::Selection> kept = Evaluator(call("<>", {in(0, kBigInt), integer(0)})).filter(batch, {});
  batch.selection = *kept;
  EXPECT_EQ(batch.selection.size, 3u);
  EXPECT_EQ(run(quotient, batch), "8 4 2");
  const auto narrower = Evaluator(call(">", {in(0, kBigInt), integer(1)})).filter(batch, {});
  ASSERT_EQ(narrower->size, 2u);
  EXPECT_EQ(narrower->rows->as<uint16_t>()[1], 3);
}

TEST(Evaluator, columns_are_shared_not_copied) {
  const Batch batch = batch_of({bigints({1, 2})});
  EXPECT_EQ(Evaluator(in(0, kBigInt)).evaluate(batch, {})->values, batch.columns[0].values);
}

TEST(Evaluator, logic_has_three_values) {
  const Batch batch = batch_of({booleans("tttfffnnn"), booleans("tfntfntfn")});
  const std::vector<Expr> args{in(0, kBoolean), in(1, kBoolean)};
  EXPECT_EQ(run(node(ExprKind::kAnd, kBoolean, args), batch),
            "TRUE FALSE <NULL> FALSE FALSE FALSE <NULL> FALSE <NULL>");
  EXPECT_EQ(run(node(ExprKind::kOr, kBoolean, args), batch), "TRUE TRUE TRUE TRUE FALSE <NULL> TRUE <NULL> <NULL>");
  EXPECT_EQ(run(node(ExprKind::kNot, kBoolean, {in(1, kBoolean)}), batch),
            "FALSE TRUE <NULL> FALSE TRUE <NULL> FALSE TRUE <NULL>");
  EXPECT_EQ(run(call("IS NOT TRUE", {in(1, kBoolean)}), batch), "FALSE TRUE TRUE FALSE TRUE TRUE FALSE TRUE TRUE");
}

TEST(Evaluator, and_guards_what_follows_it) {
  const Batch batch = batch_of({bigints({0, 2, std::nullopt, 5, 0, 7, 0, 0, 0})});
  const Expr guard = call("<>", {in(0, kBigInt), integer(0)});
  const Expr fails = call(">", {call("/", {bigint(10), in(0, kBigInt)}), integer(1)});
  EXPECT_EQ(run(node(ExprKind::kAnd, kBoolean, {guard, fails}), batch),
            "FALSE TRUE <NULL> TRUE FALSE FALSE FALSE FALSE FALSE");
  const Expr is_zero = call("=", {in(0, kBigInt), integer(0)});
  EXPECT_EQ(run(node(ExprKind::kOr, kBoolean, {is_zero, fails}), batch),
            "TRUE TRUE <NULL> TRUE TRUE FALSE TRUE TRUE TRUE");
}

TEST(Evaluator, case_evaluates_a_branch_for_its_rows_only) {
  const Batch batch = batch_of({bigints({0, 2, std::nullopt, 5})});
  const Expr is_zero = call("=", {in(0, kBigInt), integer(0)});
  const Expr quotient = call("/", {bigint(10), in(0, kBigInt)});
  EXPECT_EQ(run(node(ExprKind::kCase, kBigInt, {is_zero, bigint(-1), quotient}), batch), "-1 5 <NULL> 2");
  const Expr texts = node(ExprKind::kCase, Type::string(),
                          {is_zero, text("none"), call("=", {in(0, kBigInt), integer(2)}),
                           text("a text longer than twelve"), Expr::null_of(Type::string())});
  EXPECT_EQ(run(texts, batch), "none a text longer than twelve <NULL> <NULL>");
}

TEST(Evaluator, coalesce_takes_the_first_value_present) {
  const Batch batch = batch_of({bigints({1, std::nullopt, std::nullopt}), bigints({7, 8, std::nullopt})});
  EXPECT_EQ(run(node(ExprKind::kCoalesce, kBigInt, {in(0, kBigInt), in(1, kBigInt), bigint(9)}), batch), "1 8 9");
  EXPECT_EQ(run(node(ExprKind::kCoalesce, kBigInt, {in(0, kBigInt), in(1, kBigInt)}), batch), "1 8 <NULL>");
}

TEST(Evaluator, in_is_unknown_where_a_miss_meets_null) {
  const Batch batch = batch_of({bigints({1, 2, std::nullopt})});
  EXPECT_EQ(run(node(ExprKind::kIn, kBoolean, {in(0, kBigInt), bigint(2), bigint(3)}), batch), "FALSE TRUE <NULL>");
  EXPECT_EQ(run(node(ExprKind::kIn, kBoolean, {in(0, kBigInt), bigint(2), Expr::null_of(kBigInt)}), batch),
            "<NULL> TRUE <NULL>");
}

TEST(Evaluator, filter_keeps_true_rows_of_large_batches) {
  std::vector<std::optional<int64_t>> values;
  for (int64_t i = 0; i < 4096; ++i) values.push_back(i % 7 == 0 ? std::nullopt : std::optional(i - 2000));
  const Batch batch = batch_of({bigints(values)});
  const Expr expr = call("=", {call("MOD", {in(0, kBigInt), integer(5)}), integer(3)});
  std::vector<uint16_t> expected;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] && *values[i] % 5 == 3) expected.push_back(static_cast<uint16_t>(i));
  }
  const column::Selection selection = *Evaluator(expr).filter(batch, {});
  const uint16_t* rows = selection.rows->as<uint16_t>();
  EXPECT_EQ(std::vector<uint16_t>(rows, rows + selection.size), expected);
}

TEST(Arithmetic, remainder_by_a_constant_agrees_with_the_machine) {
  std::vector<std::optional<int64_t>> values{INT64_MIN, INT64_MAX, INT64_MIN + 1, 0, -1, 1};
  for (int64_t i = 0; i < 600; ++i) {
    values.push_back(static_cast<int64_t>(0x9E3779B97F4A7C15ull * static_cast<uint64_t>(i + 1)) >> (i % 60));
  }
  const Batch batch = batch_of({bigints(values)});
  for (int64_t divisor : {1L, 2L, -3L, 123L, 1000003L, 2147483647L, 4294967311L, INT64_MAX, -7L}) {
    const Column got = *Evaluator(call("%", {in(0, kBigInt), bigint(divisor)})).evaluate(batch, {});
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(got.data<int64_t>()[i], *values[i] % divisor) << *values[i] << " % " << divisor;
    }
  }
}

TEST(Arithmetic, integers_wrap_and_decimals_round_half_up) {
  EXPECT_EQ(value_of(call("+", {integer(INT32_MAX), integer(1)})), "-2147483648");
  EXPECT_EQ(value_of(call("/", {integer(-7), integer(2)})), "-3");
  const Expr seven = integer(7);
  const Expr two = literal(Type::decimal(2, 1), int64_t{20});
  EXPECT_EQ(value_of(call("/", {seven, two})), "3.500000");
  const Expr a = literal(Type::decimal(6, 2), int64_t{1025});
  const Expr b = literal(Type::decimal(4, 1), int64_t{31});
  EXPECT_EQ(value_of(call("+", {a, b})), "13.35");
  EXPECT_EQ(value_of(call("-", {a, b})), "7.15");
  EXPECT_EQ(value_of(call("*", {a, b})), "31.775");
  EXPECT_EQ(value_of(call("/", {a, b})), "3.3064516");
  EXPECT_EQ(call("/", {a, b}).type.to_string(), "DECIMAL(12, 7) NOT NULL");
}

TEST(Cast, follows_flinks_rules) {
  const auto cast = [](Expr expr, const Type& type, bool try_cast = false) {
    Result<Expr> result = make_cast(std::move(expr), type, try_cast);
    return result.ok() ? value_of(*result) : "ERROR " + result.error().message();
  };
  EXPECT_EQ(cast(bigint(int64_t{1} << 32), kInt), "0");
  EXPECT_EQ(cast(literal(Type(TypeKind::kDouble), 1e30), kInt), "2147483647");
  EXPECT_EQ(cast(literal(Type::decimal(4, 3), int64_t{1005}), Type::decimal(3, 2)), "1.01");
  EXPECT_EQ(cast(text("-0.005"), Type::decimal(3, 2)), "-0.01");
  EXPECT_EQ(cast(literal(Type::decimal(6, 3), int64_t{999995}), Type::decimal(5, 2)), "<NULL>");
  EXPECT_EQ(cast(text("  12 "), kInt), "12");
  EXPECT_EQ(cast(text("12x"), kInt), "ERROR For input string: '12x'. Invalid character found.");
  EXPECT_EQ(cast(text("12x"), kInt, true), "<NULL>");
  EXPECT_EQ(cast(text("2026-02-29"), Type(TypeKind::kDate), true), "<NULL>");
  EXPECT_EQ(cast(text("2026-1-2"), Type(TypeKind::kDate)), "2026-01-02");
  EXPECT_EQ(cast(text("2026-01-02 03:04:05.678"), Type::timestamp(3)), "2026-01-02 03:04:05.678");
  EXPECT_EQ(cast(literal(Type(TypeKind::kDouble), 1e-7), Type::string()), "1.0E-7");
  EXPECT_EQ(cast(text("ab"), Type::character(5)), "ab   ");
  EXPECT_EQ(cast(text("größe"), Type::varchar(3)), "grö");
  EXPECT_EQ(cast(integer(1), Type::timestamp(3)).substr(0, 5), "ERROR");
}

TEST(Comparison, text_is_compared_as_it_is) {
  EXPECT_EQ(value_of(call("=", {text("a "), text("a")})), "FALSE");
  EXPECT_EQ(value_of(call("<", {text("a longer text than twelve"), text("b")})), "TRUE");
  EXPECT_EQ(value_of(call("IS DISTINCT FROM", {integer(1), Expr::null_of(kInt)})), "TRUE");
  EXPECT_EQ(make_call("=", {text("1"), integer(1)}).error().code(), ErrorCode::kSqlValidation);
}

TEST(Expr, prints_for_people) {
  const column::Schema input{{"price", kBigInt}, {"item", Type::string()}};
  EXPECT_EQ(to_string(call(">", {in(0, kBigInt), bigint(1)}), input), "(price > 1)");
  EXPECT_EQ(to_string(node(ExprKind::kIsNull, kBoolean, {in(1, Type::string())}), input), "item IS NULL");
}

}  // namespace
}  // namespace raudal::expr
