// CREATE TABLE and CREATE VIEW.
#include <fmt/core.h>

#include "sql/parser.h"
#include "sql/print_ast.h"
#include "sql/sql_error.h"

namespace raudal::sql {

StatementAst Parser::create() {
  size_t ahead = 1;
  while (peek(ahead).is("OR") || peek(ahead).is("REPLACE") || peek(ahead).is("TEMPORARY") || peek(ahead).is("SYSTEM")) {
    ++ahead;
  }
  if (peek(1).is("OR")) fail_unsupported("CREATE OR REPLACE", peek(1).span);
  const Token& what = peek(ahead);
  if (what.is("TABLE")) return create_table();
  if (what.is("VIEW")) return create_view();
  if (what.is("FUNCTION") || what.is("CATALOG") || what.is("DATABASE") || what.is("MATERIALIZED") || what.is("MODEL")) {
    fail_unsupported("CREATE " + what.upper, what.span);
  }
  unexpected_at(ahead, "TABLE or VIEW");
}

bool Parser::if_not_exists() {
  if (!at_words({"IF", "NOT", "EXISTS"})) return false;
  at_ += 3;
  return true;
}

std::string Parser::optional_comment() {
  if (!accept("COMMENT")) return "";
  return string_literal("a comment in quotes");
}

std::map<std::string, std::string> Parser::options() {
  std::map<std::string, std::string> options;
  expect_symbol("(");
  if (accept_symbol(")")) return options;
  do {
    std::string key = string_literal("an option in quotes: 'key' = 'value'");
    expect_symbol("=");
    options[std::move(key)] = string_literal("an option's value in quotes");
  } while (accept_symbol(","));
  expect_symbol(")");
  return options;
}

CreateTableAst Parser::create_table() {
  CreateTableAst table;
  take();
  table.temporary = accept("TEMPORARY");
  expect("TABLE");
  table.if_not_exists = if_not_exists();
  table.name = compound_name("a table name");
  if (accept_symbol("(")) {
    do { table_element(&table); } while (accept_symbol(","));
    expect_symbol(")");
  }
  table.comment = optional_comment();
  if (peek().is("DISTRIBUTED")) fail_unsupported("DISTRIBUTED BY", peek().span);
  if (accept("PARTITIONED")) {
    expect("BY");
    table.partition_keys = identifier_list();
  }
  if (accept("WITH")) table.options = options();
  if (accept("LIKE")) {
    table.like = compound_name("a table name");
    if (peek().symbol("(")) fail_unsupported("Options of LIKE", peek().span);
  }
  if (peek().is("AS")) fail_unsupported("CREATE TABLE … AS SELECT", peek().span);
  return table;
}

void Parser::table_element(CreateTableAst* table) {
  if (peek().is("WATERMARK")) return watermark(table);
  if (peek().is("CONSTRAINT")) {
    take();
    identifier("a constraint's name");
  }
  if (peek().is("PRIMARY") || peek().is("UNIQUE")) return primary_key(table);
  table->columns.push_back(column_definition(table));
}

void Parser::watermark(CreateTableAst* table) {
  const Span begin = take().span;
  expect("FOR");
  if (table->watermark) fail_parse("Multiple WATERMARK statements is not supported yet", begin);
  CreateTableAst::Watermark watermark;
  watermark.column = compound_name("a column name");
  expect("AS");
  watermark.expr = std::make_shared<ExprAst>(expression());
  watermark.expr_text = print_ast(*watermark.expr);
  watermark.span = cover(begin, last_span());
  table->watermark = std::move(watermark);
}

void Parser::primary_key(CreateTableAst* table) {
  const Span begin = peek().span;
  if (take().is("UNIQUE")) fail_unsupported("UNIQUE", begin);
  expect("KEY");
  if (!table->primary_key.empty()) fail_validation("Duplicate primary key definition", begin);
  expect_symbol("(");
  do {
    table->primary_key.push_back(identifier("a column name"));
    table->primary_key_spans.push_back(last_span());
  } while (accept_symbol(","));
  expect_symbol(")");
  if (at_words({"NOT", "ENFORCED"})) {
    at_ += 2;
    return;
  }
  fail_validation(
      "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT ENFORCED controls if "
      "the constraint checks are performed on the incoming/outgoing data: write NOT ENFORCED",
      begin);
}

ColumnAst Parser::column_definition(CreateTableAst* table) {
  ColumnAst column;
  column.name = identifier("a column name");
  column.span = last_span();
  if (peek().symbol(".")) fail_validation("A column's name is not qualified", column.span);
  if (accept("AS")) {
    column.kind = ColumnAst::Kind::kComputed;
    column.expr = std::make_shared<ExprAst>(expression());
    column.expr_text = print_ast(*column.expr);
  } else {
    column.type = type();
    if (peek().is("METADATA")) fail_unsupported("A METADATA column", cover(column.span, peek().span));
    constraint_suffix(table, column);
  }
  column.comment = optional_comment();
  return column;
}

void Parser::constraint_suffix(CreateTableAst* table, const ColumnAst& column) {
  if (accept("CONSTRAINT")) identifier("a constraint's name");
  if (!peek().is("PRIMARY")) return;
  const Span begin = take().span;
  expect("KEY");
  if (!at_words({"NOT", "ENFORCED"})) fail_validation("Write PRIMARY KEY NOT ENFORCED", begin);
  at_ += 2;
  if (!table->primary_key.empty()) fail_validation("Duplicate primary key definition", begin);
  table->primary_key.push_back(column.name);
  table->primary_key_spans.push_back(column.span);
}

CreateViewAst Parser::create_view() {
  CreateViewAst view;
  take();
  view.temporary = accept("TEMPORARY");
  expect("VIEW");
  view.if_not_exists = if_not_exists();
  view.name = compound_name("a view name");
  if (peek().symbol("(")) view.columns = identifier_list();
  view.comment = optional_comment();
  expect("AS");
  view.query = query();
  return view;
}

}  // namespace raudal::sql
