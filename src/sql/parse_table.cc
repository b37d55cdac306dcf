// FROM: tables, sub-queries, window table functions, joins.
#include <fmt/core.h>

#include "base/str.h"
#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {

TableAst Parser::from() {
  const Nesting nesting(this);
  TableAst left = table_primary();
  for (;;) {
    std::string join;
    const size_t first = at_;
    if (accept_symbol(",")) {
      join = "CROSS JOIN";
    } else {
      accept("NATURAL");
      static constexpr std::string_view kKinds[] = {"INNER", "CROSS", "LEFT", "RIGHT", "FULL"};
      for (std::string_view kind : kKinds) {
        if (peek().is(kind)) join = take().upper;
      }
      if (!join.empty() && (accept("OUTER") || accept("SEMI") || accept("ANTI"))) {
        join += " " + tokens_[at_ - 1].upper;
      }
      if (!accept("JOIN")) {
        if (at_ != first) unexpected("JOIN");
        return left;
      }
      join += join.empty() ? "JOIN" : " JOIN";
    }
    TableAst node;
    node.kind = TableAstKind::kJoin;
    node.join = join;
    node.inputs.push_back(std::move(left));
    node.inputs.push_back(table_primary());
    if (accept("ON")) {
      expression();
    } else if (accept("USING")) {
      identifier_list();
    }
    node.span = cover(node.inputs[0].span, last_span());
    left = std::move(node);
  }
}

TableAst Parser::table_primary() {
  TableAst table;
  const Span begin = peek().span;
  if (peek().is("LATERAL") || peek().is("UNNEST")) {
    fail_unsupported(peek().upper, peek().span);
  } else if (peek().is("TABLE") && peek(1).symbol("(")) {
    take();
    take();
    table = table_function();
    expect_symbol(")");
  } else if (peek().symbol("(") && at_query()) {
    take();
    table.kind = TableAstKind::kQuery;
    table.query = query();
    expect_symbol(")");
  } else if (accept_symbol("(")) {
    table = from();
    expect_symbol(")");
  } else {
    table.name = compound_name("a table name");
    if (peek().symbol("(")) fail_unsupported("A table function outside of TABLE(…)", table.name.span());
    table_hints(&table);
  }
  if (at_words({"FOR", "SYSTEM_TIME"})) fail_unsupported("FOR SYSTEM_TIME AS OF", peek().span);
  if (peek().is("MATCH_RECOGNIZE")) fail_unsupported("MATCH_RECOGNIZE", peek().span);
  if (peek().is("TABLESAMPLE")) fail_unsupported("TABLESAMPLE", peek().span);
  table.span = cover(begin, last_span());
  table_alias(&table);
  return table;
}

void Parser::table_hints(TableAst* table) {
  if (peek().kind != TokenKind::kHint) return;
  const Span begin = take().span;
  do {
    const Token name = take();
    if (!name.is("OPTIONS")) fail_unsupported("The hint " + name.text, cover(begin, name.span));
    table->hints.merge(options());
  } while (accept_symbol(","));
  expect_symbol("*");
  expect_symbol("/");
}

void Parser::table_alias(TableAst* table) {
  const bool as = accept("AS");
  if (!as && !at_identifier()) return;
  table->alias = identifier("a table name");
  table->alias_span = last_span();
  if (peek().symbol("(")) table->column_aliases = identifier_list();
}

TableAst Parser::table_function() {
  TableAst table;
  table.kind = TableAstKind::kWindow;
  NameAst name = compound_name("a table function's name");
  table.window.function = to_upper(name.last());
  table.window.function_span = name.span();
  expect_symbol("(");
  if (!peek().symbol(")")) {
    do { table.window.arguments.push_back(window_argument(&table)); } while (accept_symbol(","));
  }
  expect_symbol(")");
  table.window.function_span = cover(table.window.function_span, last_span());
  return table;
}

WindowAst::Argument Parser::window_argument(TableAst* table) {
  WindowAst::Argument argument;
  const Span begin = peek().span;
  if (peek(1).symbol("=>")) {
    argument.name = to_upper(take().text);
    take();
  }
  if (peek().is("TABLE") || (peek().symbol("(") && at_query())) {
    argument.is_table = true;
    TableAst input;
    const Span input_begin = peek().span;
    if (accept("TABLE") && !peek().symbol("(")) {
      input.name = compound_name("a table name");
      table_hints(&input);
    } else {
      expect_symbol("(");
      input.kind = TableAstKind::kQuery;
      input.query = query();
      expect_symbol(")");
    }
    input.span = cover(input_begin, last_span());
    if (accept("PARTITION")) {
      expect("BY");
      const bool list = accept_symbol("(");
      do { table->window.partition_by.push_back(compound_name("a column name")); } while (list && accept_symbol(","));
      if (list) expect_symbol(")");
    }
    if (at_words({"ORDER", "BY"})) fail_unsupported("ORDER BY of a table argument", peek().span);
    table->inputs.push_back(std::move(input));
  } else if (at_words({"DESCRIPTOR"}) && peek(1).symbol("(")) {
    argument.is_descriptor = true;
    take();
    take();
    argument.descriptor = compound_name("a column name");
    if (peek().symbol(",")) fail_unsupported("A DESCRIPTOR of several columns", peek().span);
    expect_symbol(")");
  } else {
    argument.value = expression();
  }
  argument.span = cover(begin, last_span());
  return argument;
}

}  // namespace raudal::sql
