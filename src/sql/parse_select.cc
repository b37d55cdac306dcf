// SELECT … FROM … WHERE … GROUP BY … HAVING ….
#include <fmt/core.h>

#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {

SelectAst Parser::select() {
  SelectAst select;
  const Span begin = take().span;
  if (peek().kind == TokenKind::kHint) fail_unsupported("A hint behind SELECT", peek().span);
  if (accept("STREAM")) fail_unsupported("SELECT STREAM", last_span());
  select.distinct = accept("DISTINCT");
  if (!select.distinct) accept("ALL");
  do { select.items.push_back(select_item()); } while (accept_symbol(","));
  if (accept("FROM")) {
    select.from = from();
    if (accept("WHERE")) select.where = expression();
    if (accept("GROUP")) {
      expect("BY");
      if (peek().is("DISTINCT") || peek().is("ALL")) take();
      select.grouped = true;
      do { select.group_by.push_back(group_item()); } while (accept_symbol(","));
    }
    if (accept("HAVING")) select.having = expression();
    if (peek().is("WINDOW")) fail_unsupported("The clause WINDOW", peek().span);
    if (peek().is("QUALIFY")) fail_unsupported("The clause QUALIFY", peek().span);
  }
  select.span = cover(begin, last_span());
  return select;
}

ExprAst Parser::select_item() {
  if (peek().symbol("*")) {
    ExprAst star;
    star.kind = ExprAstKind::kStar;
    star.span = take().span;
    return star;
  }
  // t.* and catalog.database.t.*
  size_t ahead = 0;
  while (at_identifier(ahead) && peek(ahead + 1).symbol(".")) {
    if (peek(ahead + 2).symbol("*")) {
      ExprAst star;
      star.kind = ExprAstKind::kStar;
      do {
        star.name.parts.push_back(take().text);
        star.name.spans.push_back(last_span());
        take();
      } while (!peek().symbol("*"));
      star.span = cover(star.name.span(), take().span);
      return star;
    }
    ahead += 2;
  }
  ExprAst expr = expression();
  const bool as = accept("AS");
  if (!as && !at_identifier()) return expr;
  ExprAst alias;
  alias.kind = ExprAstKind::kAlias;
  alias.text = peek().kind == TokenKind::kString && as ? take().text : identifier("a column name");
  alias.span = cover(expr.span, last_span());
  alias.args.push_back(std::move(expr));
  return alias;
}

GroupItemAst Parser::group_item() {
  GroupItemAst item;
  const Span begin = peek().span;
  const bool grouping_sets = at_words({"GROUPING", "SETS"});
  if (grouping_sets || ((peek().is("ROLLUP") || peek().is("CUBE")) && peek(1).symbol("("))) {
    item.kind = grouping_sets       ? GroupItemAst::Kind::kGroupingSets
                : peek().is("CUBE") ? GroupItemAst::Kind::kCube
                                    : GroupItemAst::Kind::kRollup;
    at_ += grouping_sets ? 2 : 1;
    expect_symbol("(");
    do {
      std::vector<ExprAst> set;
      if (peek().symbol("(") && peek(1).symbol(")")) {
        at_ += 2;
      } else {
        ExprAst expr = expression();
        if (expr.kind == ExprAstKind::kRow) {
          set = std::move(expr.args);
        } else {
          set.push_back(std::move(expr));
        }
      }
      item.sets.push_back(std::move(set));
    } while (accept_symbol(","));
    expect_symbol(")");
  } else if (peek().symbol("(") && peek(1).symbol(")")) {
    at_ += 2;
    item.kind = GroupItemAst::Kind::kGroupingSets;
    item.sets.emplace_back();
  } else {
    item.expr = expression();
  }
  item.span = cover(begin, last_span());
  return item;
}

}  // namespace raudal::sql
