// Runs bound expressions on batches. One Evaluator per expression and task; compiled regexes and scratch live in it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "column/batch.h"
#include "expr/expr.h"

namespace raudal::expr {

// What an expression may ask about the moment and the session.
struct EvalContext {
  int64_t now_us = 0;  // wall time, read once per batch
  int64_t query_start_us = 0;
  std::string time_zone = "UTC";     // table.local-time-zone
  int64_t watermark_ms = INT64_MIN;  // for CURRENT_WATERMARK where the batch has no row_watermarks
  uint64_t random_seed = 0;
};

class Evaluator {
 public:
  explicit Evaluator(Expr expr);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  // A dense column of batch.num_selected() rows, in order. kExpression when a selected row fails.
  Result<column::Column> evaluate(const column::Batch& batch, const EvalContext& context);

  // The rows of the batch for which a BOOLEAN expression is TRUE, as a selection.
  Result<column::Selection> filter(const column::Batch& batch, const EvalContext& context);

  const Expr& expr() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace raudal::expr
