#include "sql/bind_expr.h"

#include <fmt/core.h>

#include "base/str.h"
#include "expr/function.h"
#include "sql/literal.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;
using expr::Expr;
using expr::ExprKind;

Expr make_logic(ExprKind kind, std::vector<Expr> args) {
  Expr node;
  node.kind = kind;
  bool nullable = false;
  for (const Expr& arg : args) nullable = nullable || arg.type.nullable();
  node.type = Type(TypeKind::kBoolean).with_nullable(nullable);
  node.args = std::move(args);
  return node;
}

Expr make_not(Expr operand) {
  std::vector<Expr> args;
  args.push_back(std::move(operand));
  return make_logic(ExprKind::kNot, std::move(args));
}

Expr cast_or_fail(Expr expr, const Type& type, const Span& span) {
  return value_or_fail(expr::make_cast(std::move(expr), type), span);
}

Expr make_case(std::vector<Expr> args, const Span& span) {
  std::vector<Type> types;
  bool nullable = false;
  for (size_t i = 0; i < args.size(); ++i) {
    if (i % 2 == 0 && i + 1 < args.size()) continue;
    types.push_back(args[i].type);
    nullable = nullable || args[i].type.nullable();
  }
  const auto common = expr::common_type(types);
  if (!common.ok()) fail_validation("Illegal mixing of types in CASE or COALESCE statement", span);
  const Type type = common->with_nullable(nullable);
  for (size_t i = 0; i < args.size(); ++i) {
    if (i % 2 == 0 && i + 1 < args.size()) continue;
    args[i] = cast_or_fail(std::move(args[i]), type.with_nullable(args[i].type.nullable()), span);
  }
  Expr node;
  node.kind = ExprKind::kCase;
  node.type = type;
  node.args = std::move(args);
  return node;
}

Expr ExprBinder::bind(const ExprAst& ast) {
  if (grouping_ && !inside_aggregate_) return bind_grouped(ast);
  return bind_plain(ast);
}

Expr ExprBinder::bind_condition(const ExprAst& ast) {
  Expr condition = bind(ast);
  if (condition.type.kind() == TypeKind::kNull) return Expr::null_of(Type(TypeKind::kBoolean));
  if (condition.type.kind() != TypeKind::kBoolean) {
    fail_validation(fmt::format("{} clause must be a condition", clause_), ast.span);
  }
  return condition;
}

std::vector<Expr> ExprBinder::bind_all(const std::vector<ExprAst>& asts, size_t first) {
  std::vector<Expr> bound;
  for (size_t i = first; i < asts.size(); ++i) bound.push_back(bind(asts[i]));
  return bound;
}

Expr ExprBinder::call(std::string_view name, std::vector<Expr> args, const Span& span) {
  return value_or_fail(expr::make_call(name, std::move(args)), span);
}

Expr ExprBinder::bind_plain(const ExprAst& ast) {
  switch (ast.kind) {
    case ExprAstKind::kName: return scope_.resolve(ast.name);
    case ExprAstKind::kStar: fail_validation("Unknown identifier '*'", ast.span);
    case ExprAstKind::kNull:
    case ExprAstKind::kBoolean:
    case ExprAstKind::kInteger:
    case ExprAstKind::kDecimal:
    case ExprAstKind::kDouble:
    case ExprAstKind::kString:
    case ExprAstKind::kBinary:
    case ExprAstKind::kDate:
    case ExprAstKind::kTime:
    case ExprAstKind::kTimestamp:
    case ExprAstKind::kInterval:
    case ExprAstKind::kSymbol: return bind_literal(ast);
    case ExprAstKind::kCall: return bind_call(ast);
    case ExprAstKind::kCase: return bind_case(ast);
    case ExprAstKind::kCast:
    case ExprAstKind::kTryCast: return bind_cast(ast);
    case ExprAstKind::kIn:
    case ExprAstKind::kNotIn: return bind_in(ast);
    case ExprAstKind::kBetween: return bind_between(ast);
    case ExprAstKind::kLike: return bind_like(ast);
    case ExprAstKind::kIs: return bind_is(ast);
    case ExprAstKind::kRow: return call("ROW", bind_all(ast.args), ast.span);
    case ExprAstKind::kArray: return call("ARRAY", bind_all(ast.args), ast.span);
    case ExprAstKind::kMap: return call("MAP", bind_all(ast.args), ast.span);
    case ExprAstKind::kItem: return call("ITEM", bind_all(ast.args), ast.span);
    case ExprAstKind::kField: return bind_field(ast);
    case ExprAstKind::kSubquery: fail_unsupported("A sub-query in an expression", ast.span);
    case ExprAstKind::kExists: fail_unsupported("EXISTS", ast.span);
    case ExprAstKind::kInQuery: fail_unsupported("IN with a sub-query", ast.span);
    case ExprAstKind::kAlias: return bind(ast.args[0]);
  }
  CHECK(false);
}

Expr ExprBinder::bind_logic(const ExprAst& ast, ExprKind kind) {
  std::vector<Expr> args;
  for (const ExprAst& operand : ast.args) {
    Expr arg = bind(operand);
    if (arg.type.kind() == TypeKind::kNull) arg = Expr::null_of(Type(TypeKind::kBoolean));
    if (arg.type.kind() != TypeKind::kBoolean) {
      fail_validation(fmt::format("Cannot apply '{}' to arguments of type '{}'. Supported form(s): '<BOOLEAN>'",
                                  ast.text, arg.type.to_string()),
                      ast.span);
    }
    // a AND b AND c is one node of three.
    if (arg.kind == kind && kind != ExprKind::kNot) {
      for (Expr& inner : arg.args) args.push_back(std::move(inner));
    } else {
      args.push_back(std::move(arg));
    }
  }
  return make_logic(kind, std::move(args));
}

Expr ExprBinder::bind_sign(const ExprAst& ast) {
  const ExprAst& operand = ast.args[0];
  const bool number = operand.kind == ExprAstKind::kInteger || operand.kind == ExprAstKind::kDecimal ||
                      operand.kind == ExprAstKind::kDouble || operand.kind == ExprAstKind::kInterval;
  if (number) return bind_literal(operand, ast.text == "-" ? -1 : 1);
  Expr value = bind(operand);
  if (ast.text == "+") return value;
  std::vector<Expr> args;
  args.push_back(std::move(value));
  return call("-", std::move(args), ast.span);
}

Expr ExprBinder::bind_case(const ExprAst& ast) {
  std::vector<Expr> args;
  for (size_t i = 0; i < ast.args.size(); ++i) {
    args.push_back(bind(ast.args[i]));
    const bool condition = i % 2 == 0 && i + 1 < ast.args.size();
    if (condition && args.back().type.kind() != TypeKind::kBoolean)
      fail_validation("Expected a boolean type", ast.span);
  }
  bool all_null = true;
  for (size_t i = 1; i < args.size(); i += 2) all_null = all_null && args[i].type.kind() == TypeKind::kNull;
  if (all_null && args.back().type.kind() == TypeKind::kNull) {
    fail_validation("ELSE clause or at least one THEN clause must be non-NULL", ast.span);
  }
  return make_case(std::move(args), ast.span);
}

Expr ExprBinder::bind_cast(const ExprAst& ast) {
  Expr operand = bind(ast.args[0]);
  const bool try_cast = ast.kind == ExprAstKind::kTryCast;
  const Type type = ast.type.with_nullable(try_cast || operand.type.nullable());
  if (operand.type.kind() == TypeKind::kNull) return Expr::null_of(type.with_nullable(true));
  return value_or_fail(expr::make_cast(std::move(operand), type, try_cast), ast.span);
}

Expr ExprBinder::bind_field(const ExprAst& ast) {
  Expr row = bind(ast.args[0]);
  if (row.type.kind() == TypeKind::kRow) {
    const auto& fields = row.type.fields();
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name != ast.text) continue;
      Expr access;
      access.kind = ExprKind::kField;
      access.column = static_cast<int>(i);
      access.type = fields[i].type.with_nullable(fields[i].type.nullable() || row.type.nullable());
      access.args.push_back(std::move(row));
      return access;
    }
  }
  fail_validation(fmt::format("Unknown field '{}'", ast.text), ast.span);
}

}  // namespace raudal::sql
