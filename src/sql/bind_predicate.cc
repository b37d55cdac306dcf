// IN, BETWEEN, LIKE, IS …: composed of comparisons and three-valued logic.
#include <fmt/core.h>

#include "expr/function.h"
#include "sql/bind_expr.h"
#include "sql/literal.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;
using expr::Expr;
using expr::ExprKind;

namespace {

std::vector<Expr> list(Expr first, Expr second) {
  std::vector<Expr> args;
  args.push_back(std::move(first));
  args.push_back(std::move(second));
  return args;
}

Expr null_test(Expr operand, bool negated) {
  Expr test;
  test.kind = negated ? ExprKind::kIsNotNull : ExprKind::kIsNull;
  test.type = Type(TypeKind::kBoolean).with_nullable(false);
  test.args.push_back(std::move(operand));
  return test;
}

// A literal of the constant's value in the wanted type; empty where it is not constant or does not fold.
std::optional<Expr> fold_to_literal(const Expr& value, const Type& type) {
  if (value.type.kind() == TypeKind::kNull) return Expr::null_of(type);
  if (!expr::is_constant(value)) return std::nullopt;
  auto cast = expr::make_cast(value, type.with_nullable(value.type.nullable()));
  if (!cast.ok()) return std::nullopt;
  auto folded = expr::fold(*cast, {});
  if (!folded.ok()) return std::nullopt;
  return Expr::constant(std::move(folded).value());
}

}  // namespace

Expr ExprBinder::bind_in(const ExprAst& ast) {
  const bool negated = ast.kind == ExprAstKind::kNotIn;
  std::vector<Expr> args = bind_all(ast.args);
  std::vector<Type> types;
  for (const Expr& arg : args) types.push_back(arg.type);
  const auto common = expr::common_type(types);
  if (!common.ok()) fail_validation("Values passed to IN operator must have compatible types", ast.span);
  bool nullable = false;
  bool literals = true;
  std::vector<Expr> folded;
  for (size_t i = 0; i < args.size(); ++i) {
    nullable = nullable || args[i].type.nullable();
    if (i == 0 || !literals) continue;
    auto literal = fold_to_literal(args[i], *common);
    literals = literal.has_value();
    if (literal) folded.push_back(std::move(*literal));
  }
  Expr result;
  if (literals) {
    result.kind = ExprKind::kIn;
    result.type = Type(TypeKind::kBoolean).with_nullable(nullable);
    result.args.push_back(cast_or_fail(args[0], common->with_nullable(args[0].type.nullable()), ast.args[0].span));
    for (Expr& literal : folded) result.args.push_back(std::move(literal));
  } else {
    std::vector<Expr> tests;
    for (size_t i = 1; i < args.size(); ++i) tests.push_back(call("=", list(args[0], args[i]), ast.span));
    result = tests.size() == 1 ? std::move(tests[0]) : make_logic(ExprKind::kOr, std::move(tests));
  }
  return negated ? make_not(std::move(result)) : result;
}

Expr ExprBinder::bind_between(const ExprAst& ast) {
  std::vector<Expr> args = bind_all(ast.args);
  const auto range = [&](const Expr& low, const Expr& high) {
    return make_logic(ExprKind::kAnd,
                      list(call(">=", list(args[0], low), ast.span), call("<=", list(args[0], high), ast.span)));
  };
  Expr inside = range(args[1], args[2]);
  if (ast.text == "SYMMETRIC") inside = make_logic(ExprKind::kOr, list(std::move(inside), range(args[2], args[1])));
  return ast.negated ? make_not(std::move(inside)) : inside;
}

Expr ExprBinder::bind_like(const ExprAst& ast) {
  if (!expr::builtin_functions().find(ast.text)) fail_unsupported(ast.text, ast.span);
  Expr like = call(ast.text, bind_all(ast.args), ast.span);
  return ast.negated ? make_not(std::move(like)) : like;
}

Expr ExprBinder::bind_is(const ExprAst& ast) {
  std::vector<Expr> args = bind_all(ast.args);
  if (ast.text == "NULL" || ast.text == "UNKNOWN") return null_test(std::move(args[0]), ast.negated);
  std::vector<Expr> branches;
  if (ast.text == "DISTINCT FROM") {
    // CASE WHEN a IS NULL THEN b IS NOT NULL WHEN b IS NULL THEN TRUE ELSE a <> b END
    Expr different = call("<>", list(args[0], args[1]), ast.span);
    different.type = different.type.with_nullable(false);
    branches.push_back(null_test(args[0], false));
    branches.push_back(null_test(args[1], true));
    branches.push_back(null_test(args[1], false));
    branches.push_back(boolean_literal(true));
    branches.push_back(std::move(different));
  } else {
    if (args[0].type.kind() != TypeKind::kBoolean) {
      fail_validation(
          fmt::format("Cannot apply 'IS {}' to arguments of type '<{}>'", ast.text, args[0].type.to_string()),
          ast.span);
    }
    branches.push_back(ast.text == "TRUE" ? std::move(args[0]) : make_not(std::move(args[0])));
    branches.push_back(boolean_literal(true));
    branches.push_back(boolean_literal(false));
  }
  Expr test = make_case(std::move(branches), ast.span);
  return ast.negated ? make_not(std::move(test)) : test;
}

}  // namespace raudal::sql
