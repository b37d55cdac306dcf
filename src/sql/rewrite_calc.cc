#include "expr/function.h"
#include "sql/literal.h"
#include "sql/rewrite.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using expr::Expr;
using expr::ExprKind;
using graph::CalcSpec;

namespace {

bool deterministic(const Expr& expr) {
  if (expr.kind == ExprKind::kCall && !expr.function->deterministic) return false;
  for (const Expr& arg : expr.args) {
    if (!deterministic(arg)) return false;
  }
  return true;
}

// A constant division of DOUBLEs by zero is an error in Flink, though one of columns gives Infinity.
void check_division(const Expr& expr) {
  const bool division = expr.kind == ExprKind::kCall && expr.function->name == "/" && expr.args.size() == 2;
  if (!division || expr.args[1].type.kind() != column::TypeKind::kDouble || is_null_literal(expr.args[1])) return;
  if (expr.args[1].literal.data<double>()[0] == 0) {
    throw SqlError{ErrorCode::kSqlValidation, "Division by zero", std::nullopt};
  }
}

// Folds constant parts, innermost first. What fails stays, and fails where the query runs.
void fold_constants(Expr* expr, const expr::EvalContext& context) {
  if (expr->kind == ExprKind::kLiteral || expr->kind == ExprKind::kColumn) return;
  for (Expr& arg : expr->args) fold_constants(&arg, context);
  for (const Expr& arg : expr->args) {
    if (arg.kind != ExprKind::kLiteral) return;
  }
  if (!expr::is_constant(*expr)) return;
  check_division(*expr);
  auto value = expr::fold(*expr, context);
  if (!value.ok()) return;
  const column::Type type = expr->type;
  *expr = Expr::constant(std::move(value).value());
  expr->type = type;
  expr->literal.type = type;
}

bool is_true(const Expr& expr) {
  return expr.kind == ExprKind::kLiteral && expr.type.kind() == column::TypeKind::kBoolean && !is_null_literal(expr) &&
         expr.literal.data<uint8_t>()[0] != 0;
}

bool is_identity(const CalcSpec& calc, const column::Schema& input) {
  if (calc.condition || calc.projections.size() != input.size()) return false;
  for (size_t i = 0; i < input.size(); ++i) {
    const Expr& projection = calc.projections[i];
    if (projection.kind != ExprKind::kColumn || projection.column != static_cast<int>(i)) return false;
  }
  return true;
}

// upper ∘ lower, where that evaluates nothing twice that may differ the second time.
bool merge_into(CalcSpec* upper, const CalcSpec& lower) {
  for (const Expr& projection : lower.projections) {
    if (!deterministic(projection)) return false;
  }
  for (Expr& projection : upper->projections) {
    const column::Type type = projection.type;
    projection = expr::substitute(projection, lower.projections);
    projection.type = type;
  }
  std::vector<Expr> conditions;
  const auto add = [&](Expr condition) {
    if (condition.kind == ExprKind::kAnd) {
      for (Expr& part : condition.args) conditions.push_back(std::move(part));
    } else {
      conditions.push_back(std::move(condition));
    }
  };
  if (lower.condition) add(*lower.condition);
  if (upper->condition) add(expr::substitute(*upper->condition, lower.projections));
  if (conditions.size() > 1) {
    Expr both;
    both.kind = ExprKind::kAnd;
    both.type = column::Type(column::TypeKind::kBoolean);
    both.args = std::move(conditions);
    upper->condition = std::move(both);
  } else if (conditions.size() == 1) {
    upper->condition = std::move(conditions[0]);
  }
  return true;
}

}  // namespace

PlanPtr merge_calcs(PlanPtr plan, const std::string& time_zone) {
  for (PlanPtr& input : plan->inputs) input = merge_calcs(input, time_zone);
  auto* calc = std::get_if<CalcSpec>(&plan->spec);
  if (!calc) return plan;
  expr::EvalContext context;
  context.time_zone = time_zone;
  if (calc->condition) {
    fold_constants(&*calc->condition, context);
    if (is_true(*calc->condition)) calc->condition.reset();
  }
  for (Expr& projection : calc->projections) fold_constants(&projection, context);
  const auto* lower = std::get_if<CalcSpec>(&plan->inputs[0]->spec);
  if (lower && merge_into(calc, *lower)) plan->inputs = plan->inputs[0]->inputs;
  if (!is_identity(*calc, plan->inputs[0]->output)) return plan;
  PlanPtr input = plan->inputs[0];
  for (size_t i = 0; i < input->output.size(); ++i) input->output[i].name = plan->output[i].name;
  return input;
}

PlanPtr rewrite(PlanPtr plan, const std::string& time_zone) {
  plan = merge_calcs(std::move(plan), time_zone);
  plan = prune_columns(std::move(plan));
  return merge_calcs(std::move(plan), time_zone);
}

}  // namespace raudal::sql
