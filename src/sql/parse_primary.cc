// What stands between operators: names, literals, CASE, CAST, constructors, parentheses.
#include <fmt/core.h>

#include "base/str.h"
#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {

ExprAst Parser::primary() {
  const Token& token = peek();
  if (token.symbol("(")) return postfix(parenthesized());
  if (token.symbol("?")) fail_unsupported("A dynamic parameter '?'", token.span);
  switch (token.kind) {
    case TokenKind::kInteger:
    case TokenKind::kDecimal:
    case TokenKind::kDouble:
    case TokenKind::kString:
    case TokenKind::kBinary: return literal();
    case TokenKind::kQuoted: return postfix(name_or_call());
    case TokenKind::kWord: return postfix(word_primary());
    default: unexpected("an expression");
  }
}

ExprAst Parser::literal() {
  ExprAst node;
  const Token& token = take();
  switch (token.kind) {
    case TokenKind::kInteger: node.kind = ExprAstKind::kInteger; break;
    case TokenKind::kDecimal: node.kind = ExprAstKind::kDecimal; break;
    case TokenKind::kDouble: node.kind = ExprAstKind::kDouble; break;
    case TokenKind::kBinary: node.kind = ExprAstKind::kBinary; break;
    default: node.kind = ExprAstKind::kString; break;
  }
  node.text = token.text;
  node.span = token.span;
  // Literals that stand side by side on two lines are one string.
  while (node.kind == ExprAstKind::kString && peek().kind == TokenKind::kString &&
         peek().span.begin.line > node.span.end.line) {
    node.text += take().text;
    node.span = cover(node.span, last_span());
  }
  return node;
}

ExprAst Parser::parenthesized() {
  const Span begin = take().span;
  if (at_query()) {
    ExprAst node;
    node.kind = ExprAstKind::kSubquery;
    node.query = query();
    expect_symbol(")");
    node.span = cover(begin, last_span());
    return node;
  }
  ExprAst first = expression();
  if (peek().symbol(",")) {
    ExprAst row;
    row.kind = ExprAstKind::kRow;
    row.args.push_back(std::move(first));
    while (accept_symbol(",")) row.args.push_back(expression());
    expect_symbol(")");
    row.span = cover(begin, last_span());
    return row;
  }
  expect_symbol(")");
  first.span = cover(begin, last_span());
  return first;
}

ExprAst Parser::word_primary() {
  const Token& token = peek();
  if (token.is("CASE")) return case_expression();
  if (token.is("CAST") && peek(1).symbol("(")) return cast_expression(ExprAstKind::kCast);
  if (token.is("TRY_CAST") && peek(1).symbol("(")) return cast_expression(ExprAstKind::kTryCast);
  if (token.is("INTERVAL")) return interval_literal();
  if (token.is("DATE") && peek(1).kind == TokenKind::kString) return typed_literal(ExprAstKind::kDate);
  if (token.is("TIME") && peek(1).kind == TokenKind::kString) return typed_literal(ExprAstKind::kTime);
  if (token.is("TIMESTAMP") && peek(1).kind == TokenKind::kString) return typed_literal(ExprAstKind::kTimestamp);
  if (token.is("ARRAY")) return collection(ExprAstKind::kArray);
  if (token.is("MAP") && peek(1).symbol("[")) return collection(ExprAstKind::kMap);
  if (token.is("ROW") && peek(1).symbol("(")) return collection(ExprAstKind::kRow);
  if (token.is("EXISTS")) return exists_expression();
  if (token.is("NULL") || token.is("TRUE") || token.is("FALSE") || token.is("UNKNOWN")) {
    ExprAst node;
    node.kind = token.is("NULL") ? ExprAstKind::kNull : ExprAstKind::kBoolean;
    node.text = token.upper;
    node.span = take().span;
    return node;
  }
  return name_or_call();
}

ExprAst Parser::name_or_call() {
  const Token& token = peek();
  const bool word = token.kind == TokenKind::kWord;
  if (peek(1).symbol("(") && (at_identifier() || (word && is_reserved_function(token.upper)))) {
    std::string name = take().text;
    const Span begin = last_span();
    return call(std::move(name), begin);
  }
  if (word && (token.is("CURRENT_DATE") || token.is("CURRENT_TIME") || token.is("CURRENT_TIMESTAMP") ||
               token.is("LOCALTIME") || token.is("LOCALTIMESTAMP"))) {
    ExprAst node;
    node.kind = ExprAstKind::kCall;
    node.text = token.upper;
    node.span = take().span;
    return node;
  }
  ExprAst node;
  node.kind = ExprAstKind::kName;
  node.name.parts.push_back(identifier("an expression"));
  node.name.spans.push_back(last_span());
  while (peek().symbol(".") && !peek(1).symbol("*")) {
    if (!at_identifier(1)) unexpected("a column name behind it");
    take();
    node.name.parts.push_back(take().text);
    node.name.spans.push_back(last_span());
  }
  node.span = node.name.span();
  return node;
}

ExprAst Parser::postfix(ExprAst base) {
  for (;;) {
    if (peek().symbol("[")) {
      take();
      ExprAst item;
      item.kind = ExprAstKind::kItem;
      item.args.push_back(std::move(base));
      item.args.push_back(expression());
      expect_symbol("]");
      item.span = cover(item.args[0].span, last_span());
      base = std::move(item);
    } else if (peek().symbol(".") && at_identifier(1)) {
      take();
      ExprAst field;
      field.kind = ExprAstKind::kField;
      field.text = take().text;
      field.span = cover(base.span, last_span());
      field.args.push_back(std::move(base));
      base = std::move(field);
    } else {
      return base;
    }
  }
}

ExprAst Parser::case_expression() {
  ExprAst node;
  node.kind = ExprAstKind::kCase;
  const Span begin = take().span;
  std::optional<ExprAst> operand;
  if (!peek().is("WHEN")) operand = expression();
  if (!peek().is("WHEN")) unexpected("WHEN");
  while (accept("WHEN")) {
    ExprAst when = expression();
    if (operand) {
      ExprAst equal;
      equal.kind = ExprAstKind::kCall;
      equal.is_operator = true;
      equal.text = "=";
      equal.span = when.span;
      equal.args.push_back(*operand);
      equal.args.push_back(std::move(when));
      when = std::move(equal);
    }
    node.args.push_back(std::move(when));
    expect("THEN");
    node.args.push_back(expression());
  }
  if (accept("ELSE")) {
    node.args.push_back(expression());
  } else {
    ExprAst null;
    null.span = begin;
    node.args.push_back(std::move(null));
  }
  expect("END");
  node.span = cover(begin, last_span());
  return node;
}

ExprAst Parser::cast_expression(ExprAstKind kind) {
  ExprAst node;
  node.kind = kind;
  const Span begin = take().span;
  expect_symbol("(");
  node.args.push_back(expression());
  expect("AS");
  node.type = type();
  expect_symbol(")");
  node.span = cover(begin, last_span());
  return node;
}

ExprAst Parser::collection(ExprAstKind kind) {
  ExprAst node;
  node.kind = kind;
  const Span begin = take().span;
  const bool row = kind == ExprAstKind::kRow;
  expect_symbol(row ? "(" : "[");
  const std::string_view close = row ? ")" : "]";
  if (!peek().symbol(close)) {
    do { node.args.push_back(expression()); } while (accept_symbol(","));
  }
  expect_symbol(close);
  node.span = cover(begin, last_span());
  return node;
}

ExprAst Parser::exists_expression() {
  ExprAst node;
  node.kind = ExprAstKind::kExists;
  const Span begin = take().span;
  expect_symbol("(");
  node.query = query();
  expect_symbol(")");
  node.span = cover(begin, last_span());
  return node;
}

ExprAst Parser::typed_literal(ExprAstKind kind) {
  ExprAst node;
  node.kind = kind;
  const Span begin = take().span;
  node.text = take().text;
  node.span = cover(begin, last_span());
  return node;
}

}  // namespace raudal::sql
