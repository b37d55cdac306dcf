#include "sql/not_null.h"

#include <cstring>

#include <fmt/core.h>

#include "base/str.h"
#include "expr/function.h"
#include "sql/literal.h"

namespace raudal::sql {

using column::Column;
using column::Type;
using column::TypeKind;
using expr::Expr;
using expr::ExprKind;

namespace {

// NOT_NULL(value, column's name): the value, or a failure.
Result<Column> check_values(const expr::KernelArgs& args, const Type& result, std::shared_ptr<void>*) {
  Column value = args.columns[0];
  const bool null = value.validity && std::memchr(value.validity->as<uint8_t>(), 0, value.size) != nullptr;
  if (null || value.type.kind() == TypeKind::kNull) {
    return Error(ErrorCode::kExpression,
                 fmt::format("Column '{}' is NOT NULL, however, a null value is being written into it. You can set job "
                             "configuration 'table.exec.sink.not-null-enforcer'='DROP' to suppress this exception and "
                             "drop such records silently.",
                             args.columns[1].string(0)));
  }
  value.type = result;
  return value;
}

const expr::Function& not_null_function() {
  static const expr::Function kFunction = [] {
    expr::Function function;
    function.name = "NOT_NULL";
    function.kernel = check_values;
    function.deterministic = false;  // it may fail, so it is neither folded nor moved
    return function;
  }();
  return kFunction;
}

// Whether a value may be NULL although its type says no: a DECIMAL that overflows.
bool may_overflow(const Expr& expr) {
  if (expr.type.kind() != TypeKind::kDecimal) return false;
  return expr.kind == ExprKind::kCall || expr.kind == ExprKind::kCast || is_null_literal(expr);
}

Expr checked(Expr value, const std::string& column) {
  Expr call;
  call.kind = ExprKind::kCall;
  call.function = &not_null_function();
  call.type = value.type.with_nullable(false);
  call.args.push_back(std::move(value));
  call.args.push_back(string_literal(column));
  return call;
}

}  // namespace

PlanPtr enforce_not_null(PlanPtr plan, const column::Schema& sink, const std::map<std::string, std::string>& settings) {
  const auto* calc = std::get_if<graph::CalcSpec>(&plan->spec);
  std::vector<Expr> projections = calc ? calc->projections : identity_projection(plan->output);
  std::vector<size_t> suspects;
  for (size_t i = 0; i < sink.size(); ++i) {
    if (!sink[i].type.nullable() && (projections[i].type.nullable() || may_overflow(projections[i]))) {
      suspects.push_back(i);
    }
  }
  if (suspects.empty()) return plan;
  const auto enforcer = settings.find("table.exec.sink.not-null-enforcer");
  if (enforcer != settings.end() && equals_ignore_case(enforcer->second, "DROP")) {
    Expr condition;
    condition.kind = ExprKind::kAnd;
    condition.type = Type(TypeKind::kBoolean).with_nullable(false);
    for (const size_t i : suspects) {
      Expr test;
      test.kind = ExprKind::kIsNotNull;
      test.type = Type(TypeKind::kBoolean).with_nullable(false);
      test.args.push_back(Expr::input(static_cast<int>(i), plan->output[i].type));
      condition.args.push_back(std::move(test));
    }
    return make_filter(std::move(plan), std::move(condition));
  }
  for (const size_t i : suspects) projections[i] = checked(std::move(projections[i]), sink[i].name);
  if (calc) {
    std::get<graph::CalcSpec>(plan->spec).projections = std::move(projections);
    return plan;
  }
  std::vector<std::string> names;
  for (const column::Field& field : plan->output) names.push_back(field.name);
  return make_projection(std::move(plan), std::move(projections), std::move(names));
}

}  // namespace raudal::sql
