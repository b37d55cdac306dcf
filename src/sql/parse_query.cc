// Queries: SELECT and VALUES, UNION ALL between them, WITH before and ORDER BY behind them.
#include <fmt/core.h>

#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {

bool Parser::at_query() const {
  size_t ahead = 0;
  while (peek(ahead).symbol("(")) ++ahead;
  const Token& token = peek(ahead);
  return token.is("SELECT") || token.is("VALUES") || token.is("WITH");
}

QueryPtr Parser::query() {
  const Nesting nesting(this);
  const size_t first = at_;
  auto query = std::make_shared<QueryAst>();
  if (peek().is("WITH")) {
    QueryAst with;
    with_list(&with);
    query = query_body();
    query->with = std::move(with.with);
  } else {
    query = query_body();
  }
  order_and_limit(query.get());
  query->text = text_between(first, at_ - 1);
  query->span = cover(tokens_[first].span, last_span());
  return query;
}

void Parser::with_list(QueryAst* query) {
  expect("WITH");
  do {
    QueryAst::With with;
    with.name = identifier("a name");
    with.span = last_span();
    if (peek().symbol("(")) with.columns = identifier_list();
    expect("AS");
    expect_symbol("(");
    with.query = this->query();
    expect_symbol(")");
    query->with.push_back(std::move(with));
  } while (accept_symbol(","));
}

std::shared_ptr<QueryAst> Parser::query_body() {
  auto left = query_term();
  for (;;) {
    const Token token = peek();
    if (!token.is("UNION") && !token.is("EXCEPT") && !token.is("MINUS")) return left;
    take();
    const bool all = accept("ALL");
    if (!all) accept("DISTINCT");
    auto set = std::make_shared<QueryAst>();
    set->kind = token.is("UNION") ? QueryAst::Kind::kUnionAll : QueryAst::Kind::kOtherSet;
    set->set_operator = token.upper;
    set->select.distinct = !all;
    set->operator_span = token.span;
    set->left = left;
    set->right = query_term();
    set->span = cover(left->span, set->right->span);
    left = std::move(set);
  }
}

std::shared_ptr<QueryAst> Parser::query_term() {
  auto left = query_primary();
  while (peek().is("INTERSECT")) {
    auto set = std::make_shared<QueryAst>();
    set->kind = QueryAst::Kind::kOtherSet;
    set->set_operator = take().upper;
    set->operator_span = last_span();
    if (!accept("ALL")) accept("DISTINCT");
    set->left = left;
    set->right = query_primary();
    set->span = cover(left->span, set->right->span);
    left = std::move(set);
  }
  return left;
}

std::shared_ptr<QueryAst> Parser::query_primary() {
  auto query = std::make_shared<QueryAst>();
  const Span begin = peek().span;
  if (accept_symbol("(")) {
    *query = *this->query();
    expect_symbol(")");
  } else if (peek().is("VALUES")) {
    values_rows(query.get());
  } else if (peek().is("SELECT")) {
    query->select = select();
  } else {
    unexpected("SELECT or VALUES");
  }
  query->span = cover(begin, last_span());
  return query;
}

void Parser::values_rows(QueryAst* query) {
  query->kind = QueryAst::Kind::kValues;
  take();
  do {
    const Span begin = peek().span;
    std::vector<ExprAst> row;
    ExprAst expr = expression();
    if (expr.kind == ExprAstKind::kRow) {
      row = std::move(expr.args);
    } else {
      row.push_back(std::move(expr));
    }
    query->values.push_back(std::move(row));
    query->value_spans.push_back(cover(begin, last_span()));
  } while (accept_symbol(","));
}

void Parser::order_and_limit(QueryAst* query) {
  if (at_words({"ORDER", "BY"})) {
    const Span begin = take().span;
    take();
    do {
      OrderItemAst item;
      item.expr = expression();
      if (accept("DESC")) {
        item.descending = true;
      } else {
        accept("ASC");
      }
      if (accept("NULLS") && !accept("FIRST")) expect("LAST");
      query->order_by.push_back(std::move(item));
    } while (accept_symbol(","));
    query->order_span = cover(begin, last_span());
  } else if (peek().is("ORDER")) {
    take();
    unexpected("BY");
  }
  const Span begin = peek().span;
  if (accept("LIMIT")) {
    if (!accept("ALL")) integer("a number");
  } else if (accept("OFFSET")) {
    integer("a number");
    if (!accept("ROWS")) accept("ROW");
  } else if (accept("FETCH")) {
    if (!accept("NEXT")) expect("FIRST");
    integer("a number");
    if (!accept("ROWS")) accept("ROW");
    expect("ONLY");
  } else {
    return;
  }
  query->limit_span = cover(begin, last_span());
}

QueryPtr parse_query(std::string_view text) {
  Parser parser(text, {});
  QueryPtr query = parser.query();
  parser.expect_end();
  return query;
}

}  // namespace raudal::sql
