// Text to syntax tree by recursive descent; expressions by precedence climbing. Where Flink and this parser both
// refuse a text, they name the same line and column. Throws SqlError.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/ast.h"
#include "sql/token.h"

namespace raudal::sql {

// One statement.
StatementAst parse_statement(std::string_view text, Position origin = {});
// One query: a view's text.
QueryPtr parse_query(std::string_view text);

// The state of parsing, and the grammar as its members; parse_*.cc hold them by topic.
class Parser {
 public:
  Parser(std::string_view text, Position origin) : text_(text), tokens_(tokenize(text, origin)) {}

  StatementAst statement();
  QueryPtr query();
  ExprAst expression(int min_power = 0);
  // Nothing but an optional semicolon may follow.
  void expect_end();

 private:
  // How deep expressions, queries and types stand in one another, which is how deep the recursion is.
  class Nesting {
   public:
    explicit Nesting(Parser* parser);
    ~Nesting() { --parser_->nesting_; }

   private:
    Parser* parser_;
  };

  // Tokens (parse_tokens.cc).
  const Token& peek(size_t ahead = 0) const;
  const Token& take();
  const Span& last_span() const { return tokens_[at_ - 1].span; }
  bool accept(std::string_view keyword);
  bool accept_symbol(std::string_view symbol);
  void expect(std::string_view keyword);
  void expect_symbol(std::string_view symbol);
  bool at_words(std::initializer_list<std::string_view> words) const;
  // "Encountered "x", expected <what>".
  [[noreturn]] void unexpected(std::string_view expected) const;
  [[noreturn]] void unexpected_at(size_t ahead, std::string_view expected) const;
  bool at_identifier(size_t ahead = 0) const;
  std::string identifier(std::string_view what);
  NameAst compound_name(std::string_view what);
  std::string string_literal(std::string_view what);
  std::vector<std::string> identifier_list();
  int integer(std::string_view what);
  std::string text_between(size_t first_token, size_t last_token) const;

  // Expressions (parse_expr.cc, parse_primary.cc, parse_call.cc, parse_literal.cc).
  ExprAst prefix();
  bool infix(ExprAst* left, int min_power);
  bool binary(ExprAst* left, int min_power);
  bool predicate(ExprAst* left, int min_power);
  void parse_is(ExprAst* left);
  void parse_in(ExprAst* left, bool negated);
  void parse_between(ExprAst* left, bool negated);
  void parse_like(ExprAst* left, bool negated);
  ExprAst primary();
  ExprAst postfix(ExprAst base);
  ExprAst parenthesized();
  ExprAst name_or_call();
  ExprAst literal();
  ExprAst word_primary();
  ExprAst case_expression();
  ExprAst cast_expression(ExprAstKind kind);
  ExprAst interval_literal();
  ExprAst typed_literal(ExprAstKind kind);
  ExprAst collection(ExprAstKind kind);
  ExprAst exists_expression();
  ExprAst call(std::string name, Span begin);
  void call_arguments(ExprAst* call);
  void call_suffix(ExprAst* call);
  bool special_call(const std::string& upper, ExprAst* call);
  void extract_arguments(ExprAst* call);
  void trim_arguments(ExprAst* call);
  void substring_arguments(ExprAst* call);
  void overlay_arguments(ExprAst* call);
  void position_arguments(ExprAst* call);
  void rounding_arguments(ExprAst* call);
  ExprAst unit_symbol();
  void skip_parentheses();
  bool starts_expression(size_t ahead) const;

  // Types (parse_type.cc).
  column::Type type(bool column_default_nullable = true);
  column::Type simple_type();
  column::Type decimal_type();
  column::Type collection_type();
  column::Type character_type();
  column::Type timestamp_type(bool local_time_zone);
  column::Type row_type();
  column::Type interval_type();
  int precision(int default_value, int min, int max, std::string_view what);

  // Queries (parse_query.cc, parse_select.cc, parse_table.cc).
  std::shared_ptr<QueryAst> query_body();
  std::shared_ptr<QueryAst> query_term();
  std::shared_ptr<QueryAst> query_primary();
  void with_list(QueryAst* query);
  void order_and_limit(QueryAst* query);
  void values_rows(QueryAst* query);
  SelectAst select();
  ExprAst select_item();
  GroupItemAst group_item();
  TableAst from();
  TableAst table_primary();
  TableAst table_function();
  WindowAst::Argument window_argument(TableAst* table);
  void table_alias(TableAst* table);
  void table_hints(TableAst* table);
  bool at_query() const;

  // Statements (parse_statement.cc, parse_ddl.cc).
  StatementAst create();
  CreateTableAst create_table();
  void table_element(CreateTableAst* table);
  void watermark(CreateTableAst* table);
  void primary_key(CreateTableAst* table);
  ColumnAst column_definition(CreateTableAst* table);
  void constraint_suffix(CreateTableAst* table, const ColumnAst& column);
  CreateViewAst create_view();
  DropAst drop();
  InsertAst insert();
  StatementSetAst statement_set();
  ExplainAst explain();
  ShowAst show();
  SetAst set();
  SetAst set_unquoted();
  ResetAst reset();
  UseAst use();
  std::map<std::string, std::string> options();
  std::string optional_comment();
  bool if_not_exists();

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
};

}  // namespace raudal::sql
