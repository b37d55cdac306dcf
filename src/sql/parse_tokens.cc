#include <fmt/core.h>

#include "base/str.h"
#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {

namespace {

constexpr int kNestingMax = 200;

}  // namespace

Parser::Nesting::Nesting(Parser* parser) : parser_(parser) {
  if (parser_->nesting_ >= kNestingMax) {
    fail_parse(fmt::format("Nested more than {} levels deep", kNestingMax), parser_->peek().span);
  }
  ++parser_->nesting_;
}

const Token& Parser::peek(size_t ahead) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

const Token& Parser::take() {
  const Token& token = tokens_[at_];
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool Parser::accept(std::string_view keyword) {
  if (!peek().is(keyword)) return false;
  take();
  return true;
}

bool Parser::accept_symbol(std::string_view symbol) {
  if (!peek().symbol(symbol)) return false;
  take();
  return true;
}

void Parser::expect(std::string_view keyword) {
  if (!accept(keyword)) unexpected(keyword);
}

void Parser::expect_symbol(std::string_view symbol) {
  if (!accept_symbol(symbol)) unexpected(fmt::format("'{}'", symbol));
}

bool Parser::at_words(std::initializer_list<std::string_view> words) const {
  size_t ahead = 0;
  for (std::string_view word : words) {
    if (!peek(ahead++).is(word)) return false;
  }
  return true;
}

void Parser::unexpected(std::string_view expected) const { unexpected_at(0, expected); }

void Parser::unexpected_at(size_t ahead, std::string_view expected) const {
  const Token& token = peek(ahead);
  std::string seen = token.kind == TokenKind::kEnd
                         ? "<EOF>"
                         : std::string(text_.substr(token.offset, token.end_offset - token.offset));
  std::string hint;
  if (token.kind == TokenKind::kWord && is_reserved(token.upper) && expected.find("name") != std::string_view::npos) {
    hint = fmt::format(" (a reserved word: write `{}`)", token.text);
  }
  fail_parse(fmt::format("Encountered \"{}\"{}, expected {},", seen, hint, expected), token.span);
}

bool Parser::at_identifier(size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == TokenKind::kQuoted || (token.kind == TokenKind::kWord && !is_reserved(token.upper));
}

std::string Parser::identifier(std::string_view what) {
  if (!at_identifier()) unexpected(what);
  return take().text;
}

NameAst Parser::compound_name(std::string_view what) {
  NameAst name;
  do {
    name.parts.push_back(identifier(what));
    name.spans.push_back(last_span());
  } while (accept_symbol("."));
  return name;
}

std::string Parser::string_literal(std::string_view what) {
  if (peek().kind != TokenKind::kString) unexpected(what);
  std::string text = take().text;
  // Literals that follow one another are one.
  while (peek().kind == TokenKind::kString) text += take().text;
  return text;
}

std::vector<std::string> Parser::identifier_list() {
  std::vector<std::string> names;
  expect_symbol("(");
  do { names.push_back(identifier("a column name")); } while (accept_symbol(","));
  expect_symbol(")");
  return names;
}

int Parser::integer(std::string_view what) {
  if (peek().kind != TokenKind::kInteger) unexpected(what);
  const auto value = parse_int(peek().text);
  if (!value || *value > 2147483647) unexpected(what);
  take();
  return static_cast<int>(*value);
}

std::string Parser::text_between(size_t first_token, size_t last_token) const {
  const size_t begin = tokens_[first_token].offset;
  return std::string(text_.substr(begin, tokens_[last_token].end_offset - begin));
}

void Parser::expect_end() {
  accept_symbol(";");
  if (peek().kind != TokenKind::kEnd) unexpected("the end of the statement");
}

}  // namespace raudal::sql
