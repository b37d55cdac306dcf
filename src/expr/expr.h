// Bound expressions: plain trees of data, made by the binder, stored in the job graph, run by Evaluator.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "column/batch.h"

namespace raudal::expr {

struct Function;

enum class ExprKind : uint8_t {
  kColumn,   // input column `column`
  kLiteral,  // `literal`: a column of one row
  kCall,     // `function` of `args`
  kCast,     // args[0] to `type`; a value that does not fit fails the row
  kTryCast,  // the same, but gives NULL
  kAnd,
  kOr,  // three-valued, any number of args; later args are evaluated only for rows still undecided
  kNot,
  kIsNull,
  kIsNotNull,
  kCase,  // args: when, then, when, then, …, else; a branch is evaluated only for its rows
  kCoalesce,
  kIn,     // args[0] in the literals args[1…]; three-valued
  kField,  // field `column` of the ROW args[0]
};

// A typed expression tree.
struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  column::Type type;
  int column = -1;
  column::Column literal;
  const Function* function = nullptr;
  std::vector<Expr> args;

  static Expr input(int column, column::Type type);
  static Expr constant(column::Column one_row);
  static Expr null_of(column::Type type);
};

// As EXPLAIN and operator names show it: "(price > 1)", with the names of the input's columns.
std::string to_string(const Expr& expr, const column::Schema& input);
bool same(const Expr& a, const Expr& b);
bool is_constant(const Expr& expr);                                 // no column and only deterministic functions
void collect_columns(const Expr& expr, std::vector<int>* columns);  // each once, ascending
// The expression with input column i replaced by replacement[i] (merging projections, pushing filters down).
Expr substitute(const Expr& expr, const std::vector<Expr>& replacement);
// The expression with input column i renumbered to map[i] (pruned inputs).
void renumber(Expr* expr, const std::vector<int>& map);

}  // namespace raudal::expr
