// Every expression gives for a batch what it gives for each of its rows alone: with NULLs, with a selection, with
// constants in any place. The row alone is the model.
#include "base/rng.h"
#include "column/builder.h"
#include "column/calendar.h"
#include "column/print.h"
#include "expr/evaluator.h"
#include "expr/function.h"

namespace raudal::expr {
namespace {

using column::Batch;
using column::Column;
using column::ColumnBuilder;
using column::Type;
using column::TypeKind;

constexpr size_t kRows = 300;

const std::vector<Type>& types() {
  static const std::vector<Type> kTypes{Type(TypeKind::kInt),      Type(TypeKind::kBigInt), Type(TypeKind::kDouble),
                                        Type::decimal(10, 2),      Type::decimal(30, 4),    Type::string(),
                                        Type(TypeKind::kBoolean),  Type::timestamp(3),      Type(TypeKind::kDate),
                                        Type(TypeKind::kSmallInt), Type(TypeKind::kFloat)};
  return kTypes;
}

void append_random(ColumnBuilder& builder, Rng& rng) {
  const int64_t number = static_cast<int64_t>(rng.below(2000)) - 1000;
  if (rng.below(6) == 0) return builder.append_null();
  switch (builder.type().kind()) {
    case TypeKind::kBoolean: return builder.append(static_cast<uint8_t>(number & 1));
    case TypeKind::kSmallInt: return builder.append(static_cast<int16_t>(number));
    case TypeKind::kInt:
    case TypeKind::kDate: return builder.append(static_cast<int32_t>(number));
    case TypeKind::kBigInt: return builder.append(number % 7 == 0 ? number * 1'000'000'007 : number);
    case TypeKind::kFloat: return builder.append(static_cast<float>(number) / 4);
    case TypeKind::kDouble: return builder.append(static_cast<double>(number) / 8);
    case TypeKind::kTimestamp: return builder.append(number * 86'399'000'000);
    case TypeKind::kDecimal:
      if (builder.type().precision() <= 18) return builder.append(number * 37);
      return builder.append(static_cast<__int128>(number) * 1'000'000'000'000'000'000);
    default:
      return builder.append_string(number % 3 == 0 ? fmt::format("größe number {}", number)
                                                   : fmt::format("{}", number));
  }
}

Batch random_batch(Rng& rng) {
  Batch batch;
  batch.num_rows = kRows;
  for (const Type& type : types()) {
    ColumnBuilder builder(type, kRows);
    for (size_t row = 0; row < kRows; ++row) append_random(builder, rng);
    batch.columns.push_back(builder.finish());
  }
  return batch;
}

Expr random_leaf(int index, Rng& rng) {
  const Type& type = types()[static_cast<size_t>(index)];
  if (rng.below(4) != 0) return Expr::input(index, type);
  ColumnBuilder builder(type, 1);
  append_random(builder, rng);
  return Expr::constant(builder.finish());
}

int index_of(Rng& rng) { return static_cast<int>(rng.below(types().size())); }

// Calls and forms of two operands; many combinations are refused, which is fine.
Result<Expr> random_expression(Rng& rng) {
  static const char* const kCalls[] = {"+",        "-",     "*",        "/",      "%",
                                       "=",        "<>",    "<",        "<=",     ">",
                                       ">=",       "||",    "LIKE",     "CONCAT", "IS DISTINCT FROM",
                                       "GREATEST", "LEAST", "NULLIF",   "POWER",  "IFNULL",
                                       "LEFT",     "ROUND", "POSITION", "REGEXP", "MOD",
                                       "REPEAT"};
  const int first = index_of(rng);
  Expr a = random_leaf(first, rng);
  Expr b = random_leaf(rng.below(2) == 0 ? first : index_of(rng), rng);
  if (rng.below(5) == 0) return make_cast(std::move(a), types()[rng.below(types().size())], rng.below(2) == 0);
  return make_call(kCalls[rng.below(std::size(kCalls))], {std::move(a), std::move(b)});
}

// AND, OR, CASE over conditions that may fail for some rows.
Result<Expr> random_form(Rng& rng) {
  std::vector<Expr> conditions;
  while (conditions.size() < 3) {
    Result<Expr> condition = random_expression(rng);
    if (condition.ok() && condition->type.kind() == TypeKind::kBoolean) conditions.push_back(*condition);
  }
  Expr form;
  form.type = Type(TypeKind::kBoolean);
  form.kind = rng.below(2) == 0 ? ExprKind::kAnd : ExprKind::kOr;
  form.args = conditions;
  if (rng.below(2) == 0) return form;
  Expr choice;
  choice.kind = ExprKind::kCase;
  choice.type = Type::string();
  const int text = 5;
  choice.args = {form, Expr::input(text, Type::string()), conditions[0], random_leaf(text, rng),
                 Expr::null_of(Type::string())};
  return choice;
}

std::vector<std::string> whole(const Expr& expr, const Batch& batch) {
  std::vector<std::string> answers;
  const Result<Column> column = Evaluator(expr).evaluate(batch, {});
  if (!column.ok()) return {"ERROR"};
  EXPECT_EQ(column->size, batch.num_selected());
  for (size_t i = 0; i < column->size; ++i) answers.push_back(column::print_value(*column, i));
  return answers;
}

std::vector<std::string> row_by_row(const Expr& expr, const Batch& batch) {
  std::vector<std::string> answers;
  Evaluator evaluator(expr);
  const Batch flat = column::flatten(batch);
  for (size_t row = 0; row < flat.num_rows; ++row) {
    const Result<Column> column = evaluator.evaluate(column::slice(flat, row, 1), {});
    if (!column.ok()) return {"ERROR"};
    answers.push_back(column::print_value(*column, 0));
  }
  return answers;
}

TEST(Property, a_batch_answers_as_its_rows_do) {
  int checked = 0;
  for (uint64_t seed = 0; seed < 700; ++seed) {
    Rng rng(seed);
    Batch batch = random_batch(rng);
    const Result<Expr> expr = rng.below(4) == 0 ? random_form(rng) : random_expression(rng);
    if (!expr.ok()) continue;
    if (rng.below(2) == 0) {
      batch.selection.rows = column::Buffer::allocate(kRows * 2);
      for (uint16_t row = 0; row < kRows; ++row) {
        if (rng.below(3) == 0) batch.selection.rows->as<uint16_t>()[batch.selection.size++] = row;
      }
    }
    ++checked;
    ASSERT_EQ(whole(*expr, batch), row_by_row(*expr, batch)) << "seed " << seed << ": " << to_string(*expr, {});
  }
  EXPECT_GT(checked, 200);
}

}  // namespace
}  // namespace raudal::expr
