// Statements other than CREATE.
#include <fmt/core.h>

#include "sql/parser.h"
#include "sql/sql_error.h"

namespace raudal::sql {

StatementAst parse_statement(std::string_view text, Position origin) {
  Parser parser(text, origin);
  StatementAst statement = parser.statement();
  parser.expect_end();
  return statement;
}

StatementAst Parser::statement() {
  const Token& token = peek();
  if (token.is("CREATE")) return create();
  if (token.is("DROP")) return drop();
  if (token.is("INSERT")) return insert();
  if (token.is("EXPLAIN")) return explain();
  if (token.is("SHOW")) return show();
  if (token.is("SET")) return set();
  if (token.is("RESET")) return reset();
  if (token.is("USE")) return use();
  if (token.is("EXECUTE")) {
    take();
    if (peek().is("STATEMENT")) return statement_set();
    if (peek().is("INSERT")) return insert();
    return SelectStatementAst{query()};
  }
  if (token.is("DESCRIBE") || token.is("DESC")) {
    take();
    accept("TABLE");
    accept("EXTENDED");
    return DescribeAst{compound_name("a table name")};
  }
  if (at_words({"BEGIN", "STATEMENT", "SET"})) {
    at_ += 3;
    return BeginStatementSetAst{};
  }
  if (token.is("END")) {
    take();
    return EndStatementSetAst{};
  }
  static constexpr std::string_view kUnsupported[] = {"ALTER",  "UPDATE", "DELETE", "CALL",    "ANALYZE",  "LOAD",
                                                      "UNLOAD", "ADD",    "REMOVE", "COMPILE", "TRUNCATE", "STOP"};
  for (std::string_view word : kUnsupported) {
    if (token.is(word)) fail_unsupported(fmt::format("The statement {}", word), token.span);
  }
  if (!at_query()) unexpected("a statement: SELECT, INSERT, CREATE, DROP, SET, SHOW, DESCRIBE or EXPLAIN");
  return SelectStatementAst{query()};
}

DropAst Parser::drop() {
  take();
  DropAst drop;
  drop.temporary = accept("TEMPORARY");
  if (accept("VIEW")) {
    drop.view = true;
  } else if (!accept("TABLE")) {
    if (peek().is("DATABASE") || peek().is("CATALOG") || peek().is("FUNCTION")) {
      fail_unsupported("DROP " + peek().upper, peek().span);
    }
    unexpected("TABLE or VIEW");
  }
  if (at_words({"IF", "EXISTS"})) {
    at_ += 2;
    drop.if_exists = true;
  }
  drop.name = compound_name("a table name");
  return drop;
}

InsertAst Parser::insert() {
  InsertAst insert;
  const Span begin = take().span;
  if (peek().is("OVERWRITE")) fail_unsupported("INSERT OVERWRITE in a stream", peek().span);
  expect("INTO");
  insert.target = compound_name("a table name");
  if (peek().kind == TokenKind::kHint) {
    TableAst hinted;
    table_hints(&hinted);
    if (!hinted.hints.empty()) fail_unsupported("A hint on a sink", insert.target.span());
  }
  if (peek().is("PARTITION")) fail_unsupported("INSERT INTO … PARTITION", peek().span);
  if (peek().symbol("(") && !at_query()) {
    take();
    do {
      std::string name = identifier("a column name");
      insert.columns.emplace_back(std::move(name), last_span());
      if (peek().symbol(".")) fail_unsupported("INSERT INTO a part of a column", peek().span);
    } while (accept_symbol(","));
    expect_symbol(")");
  }
  insert.query = query();
  insert.span = cover(begin, last_span());
  return insert;
}

StatementSetAst Parser::statement_set() {
  expect("STATEMENT");
  expect("SET");
  expect("BEGIN");
  StatementSetAst set;
  while (!peek().is("END")) {
    if (!peek().is("INSERT")) unexpected("INSERT or END");
    set.inserts.push_back(insert());
    expect_symbol(";");
  }
  take();
  if (set.inserts.empty()) fail_parse("A statement set without INSERT", last_span());
  return set;
}

ExplainAst Parser::explain() {
  take();
  ExplainAst explain;
  if (accept("PLAN")) {
    expect("FOR");
  } else {
    do {
      if (accept("CHANGELOG_MODE")) {
        explain.changelog_mode = true;
      } else if (accept("ESTIMATED_COST") || accept("JSON_EXECUTION_PLAN") || accept("PLAN_ADVICE")) {
        fail_unsupported("EXPLAIN " + tokens_[at_ - 1].upper, last_span());
      }
    } while (accept_symbol(","));
  }
  if (peek().is("INSERT")) {
    explain.what = insert();
  } else if (peek().is("EXECUTE") || peek().is("STATEMENT")) {
    accept("EXECUTE");
    explain.what = statement_set();
  } else {
    explain.what = SelectStatementAst{query()};
  }
  return explain;
}

ShowAst Parser::show() {
  take();
  const auto plain = [this](ShowKind kind) {
    if (peek().kind != TokenKind::kEnd && !peek().symbol(";")) fail_unsupported("A filter of SHOW", peek().span);
    return ShowAst{kind, {}};
  };
  if (accept("TABLES")) return plain(ShowKind::kTables);
  if (accept("VIEWS")) return plain(ShowKind::kViews);
  if (accept("USER")) {
    expect("FUNCTIONS");
    return plain(ShowKind::kFunctions);
  }
  if (accept("FUNCTIONS")) return plain(ShowKind::kFunctions);
  if (accept("CATALOGS")) return plain(ShowKind::kCatalogs);
  if (accept("DATABASES")) return plain(ShowKind::kDatabases);
  if (accept("CURRENT")) {
    if (accept("CATALOG")) return plain(ShowKind::kCurrentCatalog);
    expect("DATABASE");
    return plain(ShowKind::kCurrentDatabase);
  }
  if (accept("COLUMNS")) {
    if (!accept("FROM")) expect("IN");
    return {ShowKind::kColumns, compound_name("a table name")};
  }
  if (accept("CREATE")) {
    const bool view = accept("VIEW");
    if (!view) expect("TABLE");
    return {view ? ShowKind::kCreateView : ShowKind::kCreateTable, compound_name("a table name")};
  }
  if (peek().is("JOBS") || peek().is("JARS") || peek().is("MODULES") || peek().is("PARTITIONS") ||
      peek().is("PROCEDURES")) {
    fail_unsupported("SHOW " + peek().upper, peek().span);
  }
  --at_;  // Flink, too, finds the whole statement unexpected.
  unexpected("SHOW TABLES, VIEWS, FUNCTIONS, CREATE TABLE, CATALOGS or DATABASES");
}

SetAst Parser::set() {
  take();
  SetAst set;
  if (peek().kind == TokenKind::kEnd || peek().symbol(";")) return set;
  if (peek().kind != TokenKind::kString) return set_unquoted();
  set.key = string_literal("a key in quotes: SET 'key' = 'value'");
  expect_symbol("=");
  set.value = string_literal("a value in quotes: SET 'key' = 'value'");
  return set;
}

// SET key = value, as clients take it: all that stands between the words.
SetAst Parser::set_unquoted() {
  const size_t key = at_;
  while (!peek().symbol("=")) {
    if (peek().kind == TokenKind::kEnd) unexpected("'='");
    take();
  }
  if (at_ == key) unexpected("a key");
  SetAst set;
  set.key = text_between(key, at_ - 1);
  take();
  const size_t value = at_;
  while (peek().kind != TokenKind::kEnd && !peek().symbol(";")) take();
  if (at_ == value) unexpected("a value");
  set.value = text_between(value, at_ - 1);
  return set;
}

ResetAst Parser::reset() {
  take();
  ResetAst reset;
  if (peek().kind == TokenKind::kString) reset.key = take().text;
  return reset;
}

UseAst Parser::use() {
  take();
  UseAst use;
  if (peek().is("MODULES")) fail_unsupported("USE MODULES", peek().span);
  use.catalog = accept("CATALOG");
  use.name = compound_name("a name");
  return use;
}

}  // namespace raudal::sql
