// Filter and projection in one. Keeps each row's change kind and watermark; gives dense batches.
#pragma once

#include <optional>
#include <vector>

#include "graph/job_graph.h"
#include "operators/operator.h"

namespace raudal::operators {

class Calc final : public Operator {
 public:
  explicit Calc(const graph::CalcSpec& spec);
  Status open(const OperatorContext& context) override;
  Status process(int input, column::Batch batch, Output& out) override;
  Result<bool> advance_watermark(int64_t watermark_ms, Output& out) override;

 private:
  std::optional<expr::Evaluator> condition_;
  std::vector<expr::Evaluator> projections_;
  expr::EvalContext context_;
  const Clock* clock_ = nullptr;
};

}  // namespace raudal::operators
