// Expressions: syntax tree to typed expression over the columns of a scope. In a grouped SELECT (GROUP BY or an
// aggregate in the list) an expression is over the aggregate's output instead: keys, then aggregates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "expr/expr.h"
#include "graph/job_graph.h"
#include "sql/ast.h"
#include "sql/scope.h"

namespace raudal::sql {

// An aggregate call whose arguments are still expressions over the input.
struct BoundAggregate {
  std::string function;
  std::vector<expr::Expr> args;
  std::optional<expr::Expr> filter;
  bool distinct = false;
  column::Type result;
  std::string text;  // as written, for plans
};

// TUMBLE(ts, …), HOP or SESSION in GROUP BY.
struct GroupWindow {
  graph::Window window;
  expr::Expr time;  // over the input
};

// What a grouped SELECT collects while its expressions are bound.
struct Grouping {
  std::vector<expr::Expr> keys;  // over the input
  std::vector<BoundAggregate> aggregates;
  std::optional<GroupWindow> window;
  // GROUPING SETS, ROLLUP, CUBE: for each set which keys it has, ascending; empty: one set of all keys.
  std::vector<std::vector<int>> sets;
  std::vector<graph::WindowProperty> properties;
  // References to window properties are numbered from here until the number of aggregates is known.
  static constexpr int kFirstProperty = 1 << 14;
};

// Whether an aggregate function or a window property (TUMBLE_START …) stands in the expression.
bool contains_aggregate(const ExprAst& ast);
// "TUMBLE", "HOP", "SESSION": a group window's function. Empty: the call is none.
std::string group_window_function(const ExprAst& ast);

// Binds expressions of one clause of one SELECT.
class ExprBinder {
 public:
  // `grouping` is null outside of grouped SELECTs; `clause` is named where an aggregate is refused.
  ExprBinder(const Scope& scope, Grouping* grouping, std::string clause)
      : scope_(scope), grouping_(grouping), clause_(std::move(clause)) {}

  expr::Expr bind(const ExprAst& ast);
  // BOOLEAN, for WHERE and its like.
  expr::Expr bind_condition(const ExprAst& ast);
  GroupWindow bind_group_window(const ExprAst& ast);

 private:
  expr::Expr bind_plain(const ExprAst& ast);
  std::vector<expr::Expr> bind_all(const std::vector<ExprAst>& asts, size_t first = 0);
  expr::Expr bind_call(const ExprAst& ast);
  std::optional<expr::Expr> bind_special_call(const ExprAst& ast, const std::string& upper);
  expr::Expr bind_logic(const ExprAst& ast, expr::ExprKind kind);
  expr::Expr bind_sign(const ExprAst& ast);
  expr::Expr bind_case(const ExprAst& ast);
  expr::Expr bind_cast(const ExprAst& ast);
  expr::Expr bind_in(const ExprAst& ast);
  expr::Expr bind_between(const ExprAst& ast);
  expr::Expr bind_like(const ExprAst& ast);
  expr::Expr bind_is(const ExprAst& ast);
  expr::Expr bind_coalesce(const ExprAst& ast);
  expr::Expr bind_if(const ExprAst& ast);
  expr::Expr bind_nullif(const ExprAst& ast);
  expr::Expr bind_field(const ExprAst& ast);
  expr::Expr bind_aggregate(const ExprAst& ast, const std::string& name);
  expr::Expr bind_window_property(const ExprAst& ast, graph::WindowProperty property);
  expr::Expr bind_grouped(const ExprAst& ast);
  expr::Expr call(std::string_view name, std::vector<expr::Expr> args, const Span& span);

  const Scope& scope_;
  Grouping* grouping_;
  std::string clause_;
  bool inside_aggregate_ = false;
};

// Building blocks that other binders need too.
expr::Expr make_logic(expr::ExprKind kind, std::vector<expr::Expr> args);
expr::Expr make_not(expr::Expr operand);
expr::Expr make_case(std::vector<expr::Expr> args, const Span& span);
expr::Expr cast_or_fail(expr::Expr expr, const column::Type& type, const Span& span);

}  // namespace raudal::sql
