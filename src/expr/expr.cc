#include "expr/expr.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "column/builder.h"
#include "column/print.h"
#include "expr/function.h"

namespace raudal::expr {
namespace {

using column::Column;
using column::Schema;
using column::Type;

std::string literal_text(const Column& literal) {
  if (!literal.is_valid(0) || literal.type.kind() == column::TypeKind::kNull) return "NULL";
  std::string text = column::print_value(literal, 0);
  if (!literal.type.is_string()) return text;
  std::string quoted = "'";
  for (char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string join_args(const Expr& expr, const Schema& input, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < expr.args.size(); ++i) {
    if (i > 0) text += separator;
    text += to_string(expr.args[i], input);
  }
  return text;
}

bool is_operator(std::string_view name) { return !name.empty() && !std::isalpha(static_cast<unsigned char>(name[0])); }

std::string call_text(const Expr& expr, const Schema& input) {
  const std::string& name = expr.function->name;
  if (expr.args.size() == 2 &&
      (is_operator(name) || name == "LIKE" || name == "SIMILAR TO" || name.ends_with("DISTINCT FROM"))) {
    return fmt::format("({} {} {})", to_string(expr.args[0], input), name, to_string(expr.args[1], input));
  }
  if (expr.args.size() == 1 && is_operator(name)) return fmt::format("{}({})", name, join_args(expr, input, ", "));
  if (expr.args.size() == 1 && name.starts_with("IS "))
    return fmt::format("{} {}", to_string(expr.args[0], input), name);
  return fmt::format("{}({})", name, join_args(expr, input, ", "));
}

std::string case_text(const Expr& expr, const Schema& input) {
  std::string text = "CASE";
  for (size_t i = 0; i + 1 < expr.args.size(); i += 2) {
    text += fmt::format(" WHEN {} THEN {}", to_string(expr.args[i], input), to_string(expr.args[i + 1], input));
  }
  return text + " ELSE " + to_string(expr.args.back(), input) + " END";
}

std::string in_text(const Expr& expr, const Schema& input) {
  std::string text = to_string(expr.args[0], input) + " IN (";
  for (size_t i = 1; i < expr.args.size(); ++i) {
    if (i > 1) text += ", ";
    text += to_string(expr.args[i], input);
  }
  return text + ")";
}

bool same_literal(const Column& a, const Column& b) {
  return a.is_valid(0) == b.is_valid(0) && column::print_value(a, 0) == column::print_value(b, 0);
}

}  // namespace

Expr Expr::input(int column, Type type) {
  Expr expr;
  expr.kind = ExprKind::kColumn;
  expr.type = std::move(type);
  expr.column = column;
  return expr;
}

Expr Expr::constant(Column one_row) {
  CHECK(one_row.size == 1);
  Expr expr;
  expr.kind = ExprKind::kLiteral;
  expr.type = one_row.type;
  expr.literal = std::move(one_row);
  return expr;
}

Expr Expr::null_of(Type type) {
  column::ColumnBuilder builder(type.with_nullable(true), 1);
  builder.append_null();
  return constant(builder.finish());
}

std::string to_string(const Expr& expr, const Schema& input) {
  switch (expr.kind) {
    case ExprKind::kColumn: {
      const auto index = static_cast<size_t>(expr.column);
      return index < input.size() ? input[index].name : fmt::format("${}", expr.column);
    }
    case ExprKind::kLiteral: return literal_text(expr.literal);
    case ExprKind::kCall: return call_text(expr, input);
    case ExprKind::kCast: return fmt::format("CAST({} AS {})", to_string(expr.args[0], input), expr.type.to_string());
    case ExprKind::kTryCast:
      return fmt::format("TRY_CAST({} AS {})", to_string(expr.args[0], input), expr.type.to_string());
    case ExprKind::kAnd: return "(" + join_args(expr, input, " AND ") + ")";
    case ExprKind::kOr: return "(" + join_args(expr, input, " OR ") + ")";
    case ExprKind::kNot: return "NOT " + to_string(expr.args[0], input);
    case ExprKind::kIsNull: return to_string(expr.args[0], input) + " IS NULL";
    case ExprKind::kIsNotNull: return to_string(expr.args[0], input) + " IS NOT NULL";
    case ExprKind::kCase: return case_text(expr, input);
    case ExprKind::kCoalesce: return "COALESCE(" + join_args(expr, input, ", ") + ")";
    case ExprKind::kIn: return in_text(expr, input);
    case ExprKind::kField: {
      const auto& fields = expr.args[0].type.fields();
      return to_string(expr.args[0], input) + "." + fields[static_cast<size_t>(expr.column)].name;
    }
  }
  return "?";
}

bool same(const Expr& a, const Expr& b) {
  if (a.kind != b.kind || a.column != b.column || a.function != b.function || a.args.size() != b.args.size() ||
      !a.type.same_as(b.type)) {
    return false;
  }
  if (a.kind == ExprKind::kLiteral && !same_literal(a.literal, b.literal)) return false;
  for (size_t i = 0; i < a.args.size(); ++i) {
    if (!same(a.args[i], b.args[i])) return false;
  }
  return true;
}

bool is_constant(const Expr& expr) {
  if (expr.kind == ExprKind::kColumn) return false;
  if (expr.kind == ExprKind::kCall && !expr.function->deterministic) return false;
  return std::all_of(expr.args.begin(), expr.args.end(), [](const Expr& arg) { return is_constant(arg); });
}

void collect_columns(const Expr& expr, std::vector<int>* columns) {
  if (expr.kind == ExprKind::kColumn) {
    const auto at = std::lower_bound(columns->begin(), columns->end(), expr.column);
    if (at == columns->end() || *at != expr.column) columns->insert(at, expr.column);
  }
  for (const Expr& arg : expr.args) collect_columns(arg, columns);
}

Expr substitute(const Expr& expr, const std::vector<Expr>& replacement) {
  if (expr.kind == ExprKind::kColumn) return replacement.at(static_cast<size_t>(expr.column));
  Expr result = expr;
  for (Expr& arg : result.args) arg = substitute(arg, replacement);
  return result;
}

void renumber(Expr* expr, const std::vector<int>& map) {
  if (expr->kind == ExprKind::kColumn) {
    expr->column = map.at(static_cast<size_t>(expr->column));
    CHECK(expr->column >= 0);
  }
  for (Expr& arg : expr->args) renumber(&arg, map);
}

}  // namespace raudal::expr
