// The syntax tree: what the parser found, with places, before anything is looked up. Plain data.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "column/type.h"
#include "sql/position.h"

namespace raudal::sql {

struct SelectAst;
struct QueryAst;
using QueryPtr = std::shared_ptr<const QueryAst>;

// A possibly qualified name: parts and their places.
struct NameAst {
  std::vector<std::string> parts;
  std::vector<Span> spans;
  Span span() const { return cover(spans.front(), spans.back()); }
  const std::string& last() const { return parts.back(); }
};

enum class ExprAstKind {
  kName,  // name
  kStar,  // name: the qualifier, may be empty
  kNull,
  kBoolean,  // text: TRUE or FALSE; UNKNOWN is kNull of BOOLEAN
  kInteger,
  kDecimal,
  kDouble,
  kString,
  kBinary,  // text
  kDate,
  kTime,
  kTimestamp,  // text: what the literal says
  kInterval,   // text; interval
  kSymbol,     // text: a time unit or a flag of a function
  kCall,       // text: the function as written, or the operator; args
  kCase,       // args: when, then, …, else
  kCast,
  kTryCast,  // args[0], type
  kIn,
  kNotIn,    // args[0] in the rest
  kBetween,  // args: value, low, high; negated; symmetric in text
  kLike,     // args: value, pattern[, escape]; negated
  kIs,       // args[0]; text: NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM (args[1]); negated
  kRow,
  kArray,
  kMap,       // constructors
  kItem,      // args[0][args[1]]
  kField,     // args[0].text
  kSubquery,  // query, as a value
  kExists,
  kInQuery,
  kAlias,  // args[0] AS text; select items only
};

struct IntervalAst {
  std::string from;  // YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, WEEK, QUARTER
  std::string to;    // empty: the same
  int sign = 1;
};

// An expression.
struct ExprAst {
  ExprAstKind kind = ExprAstKind::kNull;
  Span span;
  std::string text;
  NameAst name;
  std::vector<ExprAst> args;
  int depth = 1;  // of the tree below; bounded, so that whoever walks it may recurse
  bool negated = false;
  bool distinct = false;                  // of an aggregate call
  std::optional<Span> star;               // COUNT(*)
  bool is_operator = false;               // a call written as an operator
  std::shared_ptr<const ExprAst> filter;  // FILTER (WHERE …)
  bool over = false;                      // has an OVER clause
  IntervalAst interval;
  column::Type type;  // of casts
  QueryPtr query;
};

enum class TableAstKind { kNamed, kQuery, kWindow, kJoin, kValues };

// TUMBLE(TABLE t, DESCRIPTOR(ts), …) and its like. Arguments in their order, by name where they were named.
struct WindowAst {
  std::string function;
  Span function_span;
  struct Argument {
    std::string name;  // upper case; empty: by position
    bool is_table = false;
    bool is_descriptor = false;
    NameAst descriptor;
    ExprAst value;
    Span span;
  };
  std::vector<Argument> arguments;
  std::vector<NameAst> partition_by;  // SESSION
};

// What stands in FROM.
struct TableAst {
  TableAstKind kind = TableAstKind::kNamed;
  Span span;
  NameAst name;                              // kNamed
  std::map<std::string, std::string> hints;  // /*+ OPTIONS('k'='v') */
  QueryPtr query;                            // kQuery
  WindowAst window;                          // kWindow
  std::vector<TableAst> inputs;              // kWindow: the table; kJoin: both sides
  std::string join;                          // kJoin: "INNER JOIN"
  std::string alias;
  std::vector<std::string> column_aliases;
  Span alias_span;
};

// One element of GROUP BY.
struct GroupItemAst {
  enum class Kind { kExpr, kRollup, kCube, kGroupingSets } kind = Kind::kExpr;
  ExprAst expr;
  std::vector<std::vector<ExprAst>> sets;
  Span span;
};

// SELECT … FROM … WHERE … GROUP BY … HAVING ….
struct SelectAst {
  Span span;
  bool distinct = false;
  std::vector<ExprAst> items;
  std::optional<TableAst> from;
  std::optional<ExprAst> where;
  bool grouped = false;
  std::vector<GroupItemAst> group_by;
  std::optional<ExprAst> having;
};

// One element of ORDER BY.
struct OrderItemAst {
  ExprAst expr;
  bool descending = false;
};

// A query: a SELECT, VALUES, or a set operation on queries; ORDER BY and LIMIT on top.
struct QueryAst {
  enum class Kind { kSelect, kValues, kUnionAll, kOtherSet } kind = Kind::kSelect;
  Span span;
  std::string text;  // as it stands in the statement, for views
  SelectAst select;
  std::vector<std::vector<ExprAst>> values;
  std::vector<Span> value_spans;
  std::string set_operator;  // kOtherSet: "INTERSECT"
  Span operator_span;
  QueryPtr left;
  QueryPtr right;
  struct With {
    std::string name;
    std::vector<std::string> columns;
    QueryPtr query;
    Span span;
  };
  std::vector<With> with;
  std::vector<OrderItemAst> order_by;
  Span order_span;
  std::optional<Span> limit_span;
};

// A column of CREATE TABLE.
struct ColumnAst {
  enum class Kind { kPhysical, kComputed, kMetadata } kind = Kind::kPhysical;
  std::string name;
  Span span;
  column::Type type;
  std::shared_ptr<const ExprAst> expr;  // kComputed
  std::string expr_text;
  std::string comment;
};

// CREATE TABLE.
struct CreateTableAst {
  bool temporary = false;
  bool if_not_exists = false;
  NameAst name;
  std::vector<ColumnAst> columns;
  struct Watermark {
    NameAst column;
    std::shared_ptr<const ExprAst> expr;
    std::string expr_text;
    Span span;
  };
  std::optional<Watermark> watermark;
  std::vector<std::string> primary_key;
  std::vector<Span> primary_key_spans;
  std::vector<std::string> partition_keys;
  std::map<std::string, std::string> options;
  std::optional<NameAst> like;
  std::string comment;
};

// CREATE VIEW.
struct CreateViewAst {
  bool temporary = false;
  bool if_not_exists = false;
  NameAst name;
  std::vector<std::string> columns;
  QueryPtr query;
  std::string comment;
};

// DROP TABLE, DROP VIEW.
struct DropAst {
  bool view = false;
  bool temporary = false;
  bool if_exists = false;
  NameAst name;
};

// INSERT INTO … a query.
struct InsertAst {
  Span span;
  NameAst target;
  std::vector<std::pair<std::string, Span>> columns;  // empty: all
  QueryPtr query;
};

// EXECUTE STATEMENT SET BEGIN … END: one job.
struct StatementSetAst {
  std::vector<InsertAst> inserts;
};
struct BeginStatementSetAst {};
struct EndStatementSetAst {};
// A query as a statement.
struct SelectStatementAst {
  QueryPtr query;
};

// EXPLAIN of a query or of inserts.
struct ExplainAst {
  bool changelog_mode = false;
  std::variant<std::monostate, SelectStatementAst, InsertAst, StatementSetAst> what;
};

// DESCRIBE t.
struct DescribeAst {
  NameAst name;
};

// What SHOW lists.
enum class ShowKind {
  kTables,
  kViews,
  kFunctions,
  kCreateTable,
  kCreateView,
  kCatalogs,
  kDatabases,
  kCurrentCatalog,
  kCurrentDatabase,
  kColumns
};

// SHOW; a name where it shows one thing.
struct ShowAst {
  ShowKind kind;
  NameAst name;
};

// SET: without a key it lists all.
struct SetAst {
  std::string key, value;
};  // both empty: list all
// RESET: without a key it resets all.
struct ResetAst {
  std::string key;
};  // empty: all
// USE [CATALOG] name.
struct UseAst {
  bool catalog = false;
  NameAst name;
};

using StatementAst =
    std::variant<CreateTableAst, CreateViewAst, DropAst, InsertAst, StatementSetAst, BeginStatementSetAst,
                 EndStatementSetAst, SelectStatementAst, ExplainAst, DescribeAst, ShowAst, SetAst, ResetAst, UseAst>;

}  // namespace raudal::sql
