#include "sql/print_ast.h"

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::sql {
namespace {

constexpr int kAtom = 100;

// How tightly the outermost operator of an expression binds; the numbers are parse_expr.cc's.
int power_of(const ExprAst& ast) {
  switch (ast.kind) {
    case ExprAstKind::kIs: return 28;
    case ExprAstKind::kIn:
    case ExprAstKind::kNotIn:
    case ExprAstKind::kInQuery:
    case ExprAstKind::kBetween:
    case ExprAstKind::kLike: return 32;
    case ExprAstKind::kCall: break;
    default: return kAtom;
  }
  if (!ast.is_operator) return kAtom;
  if (ast.text == "OR") return 22;
  if (ast.text == "AND") return 24;
  if (ast.text == "NOT") return 26;
  if (ast.args.size() == 1) return 80;
  if (ast.text == "+" || ast.text == "-") return 40;
  if (ast.text == "*" || ast.text == "/" || ast.text == "%" || ast.text == "||") return 60;
  return 30;
}

std::string operand(const ExprAst& ast, int least) {
  return power_of(ast) < least ? "(" + print_ast(ast) + ")" : print_ast(ast);
}

std::string list(const std::vector<ExprAst>& asts, size_t first = 0) {
  std::vector<std::string> parts;
  for (size_t i = first; i < asts.size(); ++i) parts.push_back(print_ast(asts[i]));
  return join(parts, ", ");
}

std::string quote(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string name(const NameAst& ast) {
  std::vector<std::string> parts;
  for (const std::string& part : ast.parts) parts.push_back("`" + part + "`");
  return join(parts, ".");
}

std::string print_case(const ExprAst& ast) {
  std::string text = "CASE";
  for (size_t i = 0; i + 1 < ast.args.size(); i += 2) {
    text += fmt::format(" WHEN {} THEN {}", print_ast(ast.args[i]), print_ast(ast.args[i + 1]));
  }
  return text + fmt::format(" ELSE {} END", print_ast(ast.args.back()));
}

std::string print_call(const ExprAst& ast) {
  const int power = power_of(ast);
  if (ast.is_operator && ast.args.size() == 1) {
    return ast.text + (ast.text == "NOT" ? " " : "") + operand(ast.args[0], power);
  }
  if (ast.is_operator) {
    return fmt::format("{} {} {}", operand(ast.args[0], power), ast.text, operand(ast.args[1], power + 1));
  }
  const std::string upper = to_upper(ast.text);
  if (ast.args.empty() && !ast.star && (upper.starts_with("CURRENT_") || upper.starts_with("LOCALTIME"))) return upper;
  if (upper == "EXTRACT") return fmt::format("EXTRACT({} FROM {})", ast.args[0].text, print_ast(ast.args[1]));
  if (ast.args.size() == 2 && ast.args[1].kind == ExprAstKind::kSymbol) {
    return fmt::format("{}({} TO {})", upper, print_ast(ast.args[0]), ast.args[1].text);
  }
  return fmt::format("{}({}{})", upper, ast.distinct ? "DISTINCT " : "", ast.star ? "*" : list(ast.args));
}

std::string print_like(const ExprAst& ast) {
  std::string text = fmt::format("{} {}{} {}", operand(ast.args[0], 32), ast.negated ? "NOT " : "", ast.text,
                                 operand(ast.args[1], 33));
  if (ast.args.size() > 2) text += " ESCAPE " + operand(ast.args[2], 33);
  return text;
}

std::string print_between(const ExprAst& ast) {
  return fmt::format("{} {}BETWEEN {} {} AND {}", operand(ast.args[0], 32), ast.negated ? "NOT " : "",
                     ast.text.empty() ? "ASYMMETRIC" : "SYMMETRIC", operand(ast.args[1], 40), operand(ast.args[2], 33));
}

std::string print_is(const ExprAst& ast) {
  std::string text = fmt::format("{} IS {}{}", operand(ast.args[0], 28), ast.negated ? "NOT " : "", ast.text);
  if (ast.args.size() > 1) text += " " + operand(ast.args[1], 29);
  return text;
}

}  // namespace

std::string print_ast(const ExprAst& ast) {
  switch (ast.kind) {
    case ExprAstKind::kName: return name(ast.name);
    case ExprAstKind::kStar: return "*";
    case ExprAstKind::kNull: return "NULL";
    case ExprAstKind::kBoolean:
    case ExprAstKind::kInteger:
    case ExprAstKind::kDecimal:
    case ExprAstKind::kDouble:
    case ExprAstKind::kSymbol: return ast.text;
    case ExprAstKind::kString: return quote(ast.text);
    case ExprAstKind::kBinary: return "X" + quote(ast.text);
    case ExprAstKind::kDate: return "DATE " + quote(ast.text);
    case ExprAstKind::kTime: return "TIME " + quote(ast.text);
    case ExprAstKind::kTimestamp: return "TIMESTAMP " + quote(ast.text);
    case ExprAstKind::kInterval:
      return fmt::format("INTERVAL {}{} {}{}", ast.interval.sign < 0 ? "-" : "", quote(ast.text), ast.interval.from,
                         ast.interval.to.empty() ? "" : " TO " + ast.interval.to);
    case ExprAstKind::kCall: return print_call(ast);
    case ExprAstKind::kCase: return print_case(ast);
    case ExprAstKind::kCast:
    case ExprAstKind::kTryCast:
      return fmt::format("{}({} AS {})", ast.kind == ExprAstKind::kCast ? "CAST" : "TRY_CAST", print_ast(ast.args[0]),
                         ast.type.with_nullable(true).to_string());
    case ExprAstKind::kIn: return fmt::format("{} IN ({})", operand(ast.args[0], 32), list(ast.args, 1));
    case ExprAstKind::kNotIn: return fmt::format("{} NOT IN ({})", operand(ast.args[0], 32), list(ast.args, 1));
    case ExprAstKind::kBetween: return print_between(ast);
    case ExprAstKind::kLike: return print_like(ast);
    case ExprAstKind::kIs: return print_is(ast);
    case ExprAstKind::kRow: return fmt::format("ROW({})", list(ast.args));
    case ExprAstKind::kArray: return fmt::format("ARRAY[{}]", list(ast.args));
    case ExprAstKind::kMap: return fmt::format("MAP[{}]", list(ast.args));
    case ExprAstKind::kItem: return fmt::format("{}[{}]", operand(ast.args[0], kAtom), print_ast(ast.args[1]));
    case ExprAstKind::kField: return fmt::format("{}.`{}`", operand(ast.args[0], kAtom), ast.text);
    case ExprAstKind::kSubquery: return fmt::format("({})", ast.query->text);
    case ExprAstKind::kExists: return fmt::format("EXISTS ({})", ast.query->text);
    case ExprAstKind::kInQuery:
      return fmt::format("{} {}IN ({})", operand(ast.args[0], 32), ast.negated ? "NOT " : "", ast.query->text);
    case ExprAstKind::kAlias: return fmt::format("{} AS `{}`", print_ast(ast.args[0]), ast.text);
  }
  return "";
}

}  // namespace raudal::sql
