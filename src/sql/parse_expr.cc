// Operators by precedence, as Calcite binds them: OR < AND < NOT < IS < comparison < IN, BETWEEN, LIKE < + - < * / %
// ||.
#include <fmt/core.h>

#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {
namespace {

constexpr int kOr = 22;
constexpr int kAnd = 24;
constexpr int kNot = 26;
constexpr int kIs = 28;
constexpr int kComparison = 30;
constexpr int kPredicate = 32;
constexpr int kSum = 40;
constexpr int kProduct = 60;
constexpr int kSign = 80;

int binary_power(const Token& token) {
  if (token.is("OR")) return kOr;
  if (token.is("AND")) return kAnd;
  if (token.kind != TokenKind::kSymbol) return -1;
  const std::string& s = token.text;
  if (s == "=" || s == "<>" || s == "!=" || s == "<" || s == ">" || s == "<=" || s == ">=") return kComparison;
  if (s == "+" || s == "-") return kSum;
  if (s == "*" || s == "/" || s == "%" || s == "||") return kProduct;
  return -1;
}

constexpr int kExpressionDepthMax = 1000;

ExprAst operator_call(std::string name, Span span, std::vector<ExprAst> args) {
  ExprAst call;
  call.kind = ExprAstKind::kCall;
  call.is_operator = true;
  call.text = std::move(name);
  call.span = span;
  call.args = std::move(args);
  return call;
}

std::vector<ExprAst> pair(ExprAst first, ExprAst second) {
  std::vector<ExprAst> args;
  args.push_back(std::move(first));
  args.push_back(std::move(second));
  return args;
}

}  // namespace

ExprAst Parser::expression(int min_power) {
  const Nesting nesting(this);
  ExprAst left = prefix();
  do {
    for (const ExprAst& arg : left.args) left.depth = std::max(left.depth, arg.depth + 1);
    if (left.depth > kExpressionDepthMax) {
      fail_parse(fmt::format("An expression of more than {} levels", kExpressionDepthMax), left.span);
    }
  } while (infix(&left, min_power));
  return left;
}

ExprAst Parser::prefix() {
  const Token& token = peek();
  const Span begin = token.span;
  if (token.is("NOT")) {
    take();
    ExprAst operand = expression(kNot);
    const Span span = cover(begin, operand.span);
    std::vector<ExprAst> args;
    args.push_back(std::move(operand));
    return operator_call("NOT", span, std::move(args));
  }
  if (token.symbol("-") || token.symbol("+")) {
    std::string name = token.text == "-" ? "-" : "+";
    take();
    ExprAst operand = expression(kSign);
    const Span span = cover(begin, operand.span);
    std::vector<ExprAst> args;
    args.push_back(std::move(operand));
    return operator_call(std::move(name), span, std::move(args));
  }
  return primary();
}

bool Parser::infix(ExprAst* left, int min_power) { return binary(left, min_power) || predicate(left, min_power); }

bool Parser::binary(ExprAst* left, int min_power) {
  const int power = binary_power(peek());
  if (power < 0 || power < min_power) return false;
  // As in Flink, an operator without an operand behind it is what is unexpected.
  if (!starts_expression(1)) unexpected("an expression behind it");
  if (peek().symbol("!=")) {
    fail_parse("Bang equal '!=' is not allowed under the current SQL conformance level (write <>)", peek().span);
  }
  std::string name = peek().kind == TokenKind::kWord ? peek().upper : peek().text;
  take();
  ExprAst right = expression(power + 1);
  const Span span = cover(left->span, right.span);
  *left = operator_call(std::move(name), span, pair(std::move(*left), std::move(right)));
  return true;
}

bool Parser::predicate(ExprAst* left, int min_power) {
  if (peek().is("IS") && kIs >= min_power) {
    parse_is(left);
    return true;
  }
  const bool negated = peek().is("NOT");
  const Token& word = peek(negated ? 1 : 0);
  const bool known = word.is("IN") || word.is("BETWEEN") || word.is("LIKE") || word.is("SIMILAR");
  if (!known || kPredicate < min_power) return false;
  if (word.is("LIKE") && !starts_expression(negated ? 2 : 1)) unexpected("a pattern behind it");
  if (negated) take();
  if (word.is("IN")) {
    parse_in(left, negated);
  } else if (word.is("BETWEEN")) {
    parse_between(left, negated);
  } else {
    parse_like(left, negated);
  }
  return true;
}

void Parser::parse_is(ExprAst* left) {
  const Token& what = peek(peek(1).is("NOT") ? 2 : 1);
  if (!what.is("NULL") && !what.is("TRUE") && !what.is("FALSE") && !what.is("UNKNOWN") && !what.is("DISTINCT")) {
    unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM behind it");
  }
  take();
  ExprAst is;
  is.kind = ExprAstKind::kIs;
  is.negated = accept("NOT");
  if (accept("DISTINCT")) {
    expect("FROM");
    ExprAst right = expression(kComparison + 1);
    is.text = "DISTINCT FROM";
    is.span = cover(left->span, right.span);
    is.args = pair(std::move(*left), std::move(right));
    *left = std::move(is);
    return;
  }
  is.text = take().upper;
  is.span = cover(left->span, last_span());
  is.args.push_back(std::move(*left));
  *left = std::move(is);
}

void Parser::parse_in(ExprAst* left, bool negated) {
  take();
  ExprAst in;
  in.kind = negated ? ExprAstKind::kNotIn : ExprAstKind::kIn;
  in.args.push_back(std::move(*left));
  expect_symbol("(");
  if (at_query()) {
    in.kind = ExprAstKind::kInQuery;
    in.negated = negated;
    in.query = query();
  } else {
    do { in.args.push_back(expression()); } while (accept_symbol(","));
  }
  expect_symbol(")");
  in.span = cover(in.args[0].span, last_span());
  *left = std::move(in);
}

void Parser::parse_between(ExprAst* left, bool negated) {
  take();
  ExprAst between;
  between.kind = ExprAstKind::kBetween;
  between.negated = negated;
  if (accept("SYMMETRIC"))
    between.text = "SYMMETRIC";
  else
    accept("ASYMMETRIC");
  between.args.push_back(std::move(*left));
  between.args.push_back(expression(kSum));
  expect("AND");
  between.args.push_back(expression(kPredicate + 1));
  between.span = cover(between.args[0].span, between.args[2].span);
  *left = std::move(between);
}

void Parser::parse_like(ExprAst* left, bool negated) {
  ExprAst like;
  like.kind = ExprAstKind::kLike;
  like.negated = negated;
  like.text = "LIKE";
  if (take().is("SIMILAR")) {
    expect("TO");
    like.text = "SIMILAR TO";
  }
  like.args = pair(std::move(*left), expression(kPredicate + 1));
  if (accept("ESCAPE")) like.args.push_back(expression(kPredicate + 1));
  like.span = cover(like.args[0].span, like.args.back().span);
  *left = std::move(like);
}

bool Parser::starts_expression(size_t ahead) const {
  const Token& token = peek(ahead);
  switch (token.kind) {
    case TokenKind::kEnd:
    case TokenKind::kHint: return false;
    case TokenKind::kSymbol: return token.text == "(" || token.text == "-" || token.text == "+" || token.text == "?";
    case TokenKind::kWord:
      return !is_reserved(token.upper) || is_reserved_function(token.upper) || begins_expression(token.upper);
    default: return true;
  }
}

}  // namespace raudal::sql
