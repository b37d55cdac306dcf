// Function calls, those with a grammar of their own among them: EXTRACT(unit FROM x), TRIM(BOTH c FROM s),
// SUBSTRING(s FROM a FOR n), FLOOR(x TO unit), and INTERVAL literals.
#include <fmt/core.h>

#include "base/str.h"
#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {
namespace {

constexpr std::string_view kUnits[] = {"YEAR",        "QUARTER",     "MONTH",      "WEEK",   "DAY",
                                       "DOW",         "DOY",         "HOUR",       "MINUTE", "SECOND",
                                       "MILLISECOND", "MICROSECOND", "NANOSECOND", "EPOCH",  "DECADE",
                                       "CENTURY",     "MILLENNIUM",  "ISODOW",     "ISOYEAR"};

// The unit in the singular: DAYS is DAY. Empty: not a unit.
std::string unit_of(const Token& token) {
  if (token.kind != TokenKind::kWord) return "";
  std::string word = token.upper;
  for (std::string_view unit : kUnits) {
    if (word == unit || word == std::string(unit) + "S") return std::string(unit);
    if (word == "SQL_TSI_" + std::string(unit)) return std::string(unit);
  }
  return "";
}

ExprAst symbol(std::string text, Span span) {
  ExprAst node;
  node.kind = ExprAstKind::kSymbol;
  node.text = std::move(text);
  node.span = span;
  return node;
}

}  // namespace

ExprAst Parser::call(std::string name, Span begin) {
  ExprAst node;
  node.kind = ExprAstKind::kCall;
  node.text = std::move(name);
  const std::string upper = to_upper(node.text);
  expect_symbol("(");
  if (!special_call(upper, &node)) call_arguments(&node);
  expect_symbol(")");
  node.span = cover(begin, last_span());
  call_suffix(&node);
  return node;
}

void Parser::call_arguments(ExprAst* call) {
  if (peek().symbol(")")) return;
  if (peek().symbol("*") && peek(1).symbol(")")) {
    take();
    call->star = last_span();
    return;
  }
  call->distinct = accept("DISTINCT");
  if (!call->distinct) accept("ALL");
  do {
    if (at_query()) {
      const Span begin = peek().span;
      ExprAst sub;
      sub.kind = ExprAstKind::kSubquery;
      sub.query = query();
      sub.span = cover(begin, last_span());
      call->args.push_back(std::move(sub));
    } else {
      call->args.push_back(expression());
    }
  } while (accept_symbol(","));
}

void Parser::call_suffix(ExprAst* call) {
  if (at_words({"FILTER"}) && peek(1).symbol("(")) {
    take();
    take();
    expect("WHERE");
    call->filter = std::make_shared<ExprAst>(expression());
    expect_symbol(")");
    call->span = cover(call->span, last_span());
  }
  if (at_words({"WITHIN", "GROUP"})) fail_unsupported("WITHIN GROUP", peek().span);
  if (accept("OVER")) {
    call->over = true;
    if (peek().symbol("(")) {
      skip_parentheses();
    } else {
      identifier("a window name");
    }
    call->span = cover(call->span, last_span());
  }
}

void Parser::skip_parentheses() {
  int depth = 0;
  do {
    if (peek().kind == TokenKind::kEnd) unexpected("')'");
    if (peek().symbol("(")) ++depth;
    if (peek().symbol(")")) --depth;
    take();
  } while (depth > 0);
}

bool Parser::special_call(const std::string& upper, ExprAst* call) {
  if (upper == "EXTRACT") {
    extract_arguments(call);
  } else if (upper == "TRIM") {
    trim_arguments(call);
  } else if (upper == "SUBSTRING") {
    substring_arguments(call);
  } else if (upper == "OVERLAY") {
    overlay_arguments(call);
  } else if (upper == "POSITION") {
    position_arguments(call);
  } else if (upper == "FLOOR" || upper == "CEIL" || upper == "CEILING") {
    rounding_arguments(call);
  } else if (upper == "TIMESTAMPADD" || upper == "TIMESTAMPDIFF") {
    call->args.push_back(unit_symbol());
    for (int i = 0; i < 2; ++i) {
      expect_symbol(",");
      call->args.push_back(expression());
    }
  } else {
    return false;
  }
  return true;
}

ExprAst Parser::unit_symbol() {
  const std::string unit = unit_of(peek());
  if (unit.empty()) {
    if (!at_identifier()) unexpected("a time unit");
    fail_validation(fmt::format("'{}' is not a valid time frame", peek().text), peek().span);
  }
  return symbol(unit, take().span);
}

void Parser::extract_arguments(ExprAst* call) {
  call->args.push_back(unit_symbol());
  expect("FROM");
  call->args.push_back(expression());
}

void Parser::trim_arguments(ExprAst* call) {
  std::string side = "BOTH";
  bool explicit_side = false;
  if (peek().is("BOTH") || peek().is("LEADING") || peek().is("TRAILING")) {
    side = take().upper;
    explicit_side = true;
  }
  if (side == "LEADING") call->text = "LTRIM";
  if (side == "TRAILING") call->text = "RTRIM";
  if (explicit_side && accept("FROM")) {
    call->args.push_back(expression());
    return;
  }
  call->args.push_back(expression());
  if (accept("FROM")) {
    // The kernel takes the string first.
    call->args.insert(call->args.begin(), expression());
  } else if (explicit_side) {
    unexpected("FROM");
  }
}

void Parser::substring_arguments(ExprAst* call) {
  call->args.push_back(expression());
  if (!accept("FROM")) expect_symbol(",");
  call->args.push_back(expression());
  if (accept("FOR") || accept_symbol(",")) call->args.push_back(expression());
}

void Parser::overlay_arguments(ExprAst* call) {
  call->args.push_back(expression());
  if (!accept("PLACING")) expect_symbol(",");
  call->args.push_back(expression());
  if (!accept("FROM")) expect_symbol(",");
  call->args.push_back(expression());
  if (accept("FOR") || accept_symbol(",")) call->args.push_back(expression());
}

void Parser::position_arguments(ExprAst* call) {
  call->args.push_back(expression(40));  // above IN
  expect("IN");
  call->args.push_back(expression());
  if (accept("FROM")) call->args.push_back(expression());
}

void Parser::rounding_arguments(ExprAst* call) {
  call->args.push_back(expression());
  if (accept("TO")) call->args.push_back(unit_symbol());
}

ExprAst Parser::interval_literal() {
  ExprAst node;
  node.kind = ExprAstKind::kInterval;
  const Span begin = take().span;
  if (accept_symbol("-"))
    node.interval.sign = -1;
  else
    accept_symbol("+");
  if (peek().kind != TokenKind::kString) {
    if (peek().kind == TokenKind::kInteger || at_identifier() || peek().symbol("(")) {
      unexpected("a string: INTERVAL '1' DAY");
    }
    unexpected("a string");
  }
  node.text = take().text;
  const auto unit = [&] {
    std::string name = unit_of(peek());
    if (name.empty()) unexpected("a time unit: YEAR, MONTH, DAY, HOUR, MINUTE or SECOND");
    take();
    if (accept_symbol("(")) {
      integer("a precision");
      if (accept_symbol(",")) integer("a precision");
      expect_symbol(")");
    }
    return name;
  };
  node.interval.from = unit();
  if (accept("TO")) node.interval.to = unit();
  node.span = cover(begin, last_span());
  return node;
}

}  // namespace raudal::sql
