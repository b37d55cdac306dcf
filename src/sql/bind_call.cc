// Function calls: operators, conditional functions that are really CASE, and those of the registry.
#include <fmt/core.h>

#include "base/str.h"
#include "expr/function.h"
#include "sql/aggregates.h"
#include "sql/bind_expr.h"
#include "sql/literal.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;
using expr::Expr;
using expr::ExprKind;

namespace {

// "<NUMERIC>": a type's family, as Calcite names it where no function matches.
std::string family(const Type& type) {
  if (type.is_numeric()) return "<NUMERIC>";
  if (type.is_string()) return "<CHARACTER>";
  if (type.is_binary()) return "<BINARY>";
  if (type.is_timestamp()) return "<TIMESTAMP>";
  switch (type.kind()) {
    case TypeKind::kBoolean: return "<BOOLEAN>";
    case TypeKind::kDate: return "<DATE>";
    case TypeKind::kTime: return "<TIME>";
    case TypeKind::kIntervalMonths: return "<INTERVAL_YEAR_MONTH>";
    case TypeKind::kIntervalMillis: return "<INTERVAL_DAY_TIME>";
    case TypeKind::kNull: return "<NULL>";
    default: return fmt::format("<{}>", type.with_nullable(true).to_string());
  }
}

[[noreturn]] void fail_no_function(const std::string& name, const std::vector<Expr>& args, const Span& span) {
  std::string families;
  for (const Expr& arg : args) families += (families.empty() ? "" : ", ") + family(arg.type);
  fail_validation(fmt::format("No match found for function signature {}({})", name, families), span);
}

void check_count(const ExprAst& ast, size_t least, size_t most) {
  if (ast.args.size() >= least && ast.args.size() <= most) return;
  fail_validation(fmt::format("Invalid number of arguments to function '{}'. Was expecting {} arguments",
                              to_upper(ast.text), least),
                  ast.span);
}

}  // namespace

Expr ExprBinder::bind_call(const ExprAst& ast) {
  const std::string upper = to_upper(ast.text);
  if (ast.over) fail_unsupported("An OVER window", ast.span);
  if (ast.is_operator) {
    if (upper == "AND") return bind_logic(ast, ExprKind::kAnd);
    if (upper == "OR") return bind_logic(ast, ExprKind::kOr);
    if (upper == "NOT") return bind_logic(ast, ExprKind::kNot);
    if (ast.args.size() == 1) return bind_sign(ast);
    return call(upper, bind_all(ast.args), ast.span);
  }
  if (const AggregateInfo* aggregate = find_aggregate(upper)) {
    if (!aggregate->supported) fail_unsupported(fmt::format("The aggregate function {}", upper), ast.span);
    return bind_aggregate(ast, upper);
  }
  if (ast.distinct || ast.filter || ast.star) {
    fail_validation(fmt::format("{} is not an aggregate function", upper), ast.span);
  }
  if (auto special = bind_special_call(ast, upper)) return std::move(*special);
  std::vector<Expr> args = bind_all(ast.args);
  if (!expr::builtin_functions().find(upper)) fail_no_function(ast.text, args, ast.span);
  return call(upper, std::move(args), ast.span);
}

std::optional<Expr> ExprBinder::bind_special_call(const ExprAst& ast, const std::string& upper) {
  if (upper == "COALESCE") return bind_coalesce(ast);
  if (upper == "NULLIF") return bind_nullif(ast);
  if (upper == "IF") return bind_if(ast);
  if (upper == "IFNULL") {
    check_count(ast, 2, 2);
    return bind_coalesce(ast);
  }
  if (!group_window_function(ast).empty()) {
    fail_validation(fmt::format("Group window function '{}' stands in GROUP BY only", upper), ast.span);
  }
  return std::nullopt;
}

Expr ExprBinder::bind_coalesce(const ExprAst& ast) {
  check_count(ast, 1, SIZE_MAX);
  std::vector<Expr> args = bind_all(ast.args);
  std::vector<Type> types;
  bool nullable = true;
  for (const Expr& arg : args) {
    types.push_back(arg.type);
    nullable = nullable && arg.type.nullable();
  }
  const auto common = expr::common_type(types);
  if (!common.ok()) fail_validation("Illegal mixing of types in CASE or COALESCE statement", ast.span);
  Expr node;
  node.kind = ExprKind::kCoalesce;
  node.type = common->with_nullable(nullable);
  for (size_t i = 0; i < args.size(); ++i) {
    const Type type = node.type.with_nullable(args[i].type.nullable());
    node.args.push_back(cast_or_fail(std::move(args[i]), type, ast.args[i].span));
  }
  return node;
}

Expr ExprBinder::bind_if(const ExprAst& ast) {
  check_count(ast, 3, 3);
  std::vector<Expr> args = bind_all(ast.args);
  if (args[0].type.kind() != TypeKind::kBoolean) fail_validation("Expected a boolean type", ast.span);
  return make_case(std::move(args), ast.span);
}

Expr ExprBinder::bind_nullif(const ExprAst& ast) {
  check_count(ast, 2, 2);
  std::vector<Expr> args = bind_all(ast.args);
  std::vector<Expr> branches;
  const Expr value = args[0];
  branches.push_back(call("=", std::move(args), ast.span));
  branches.push_back(Expr::null_of(value.type.with_nullable(true)));
  branches.push_back(value);
  return make_case(std::move(branches), ast.span);
}

}  // namespace raudal::sql
