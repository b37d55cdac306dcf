// Makes watermarks from a TIMESTAMP expression, by the rules of Flink's WatermarkAssignerOperator: they start at 0;
// one is emitted at once when the maximum has advanced by more than the interval, else at the next tick of the
// interval.
//
// Rows and watermarks keep their order although rows travel in batches: each row carries the watermark that was in
// effect when it arrived (Batch::row_watermarks), and the last one follows the batch.
#pragma once

#include "graph/job_graph.h"
#include "operators/operator.h"
#include "operators/row_positions.h"

namespace raudal::operators {

class WatermarkAssigner final : public Operator {
 public:
  explicit WatermarkAssigner(const graph::WatermarkSpec& spec);
  Status open(const OperatorContext& context) override;
  Status process(int input, column::Batch batch, Output& out) override;
  Result<bool> advance_watermark(int64_t watermark_ms, Output& out) override;
  Status tick(Output& out) override;

 private:
  Status check_rowtime(const column::Batch& batch);

  int rowtime_column_;
  expr::Evaluator watermark_;
  int64_t interval_ms_;
  int64_t idle_timeout_ms_;
  expr::EvalContext context_;
  const Clock* clock_ = nullptr;
  RowPositions positions_;

  int64_t current_ms_ = 0;      // the maximum over the rows so far
  int64_t emitted_ms_ = 0;
  int64_t last_emit_tick_us_ = 0;
  int64_t last_row_us_ = 0;
  bool idle_ = false;
};

}  // namespace raudal::operators
