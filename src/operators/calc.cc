#include "operators/calc.h"

#include "operators/row_positions.h"

namespace raudal::operators {

using column::Batch;

Calc::Calc(const graph::CalcSpec& spec) {
  if (spec.condition) condition_.emplace(*spec.condition);
  for (const expr::Expr& projection : spec.projections) projections_.emplace_back(projection);
}

Status Calc::open(const OperatorContext& context) {
  clock_ = context.clock;
  context_.time_zone = context.time_zone;
  context_.query_start_us = clock_->wall_us();
  context_.watermark_ms = context.restored_watermark_ms;
  context_.random_seed = static_cast<uint64_t>(context_.query_start_us) + static_cast<uint64_t>(context.subtask);
  return {};
}

Status Calc::process(int, Batch batch, Output& out) {
  context_.now_us = clock_->wall_us();
  if (condition_) {
    batch.selection = TRY(condition_->filter(batch, context_));
    // All rows chosen is as good as none left out, and spares every projection the copy.
    if (batch.selection.rows && batch.selection.size == batch.num_rows) batch.selection = {};
  }
  Batch result{.num_rows = batch.num_selected()};
  if (result.num_rows == 0) return {};
  result.columns.reserve(projections_.size());
  for (expr::Evaluator& projection : projections_) {
    result.columns.push_back(TRY(projection.evaluate(batch, context_)));
  }
  result.change_kinds = batch.change_kinds;
  result.row_watermarks = batch.row_watermarks;
  if (batch.selection.rows) {
    const std::span<const uint16_t> rows(batch.selection.rows->as<uint16_t>(), batch.selection.size);
    if (batch.change_kinds) result.change_kinds = gather_values<uint8_t>(batch.change_kinds, rows);
    if (batch.row_watermarks) result.row_watermarks = gather_values<int64_t>(batch.row_watermarks, rows);
  }
  out.emit(std::move(result));
  return {};
}

Result<bool> Calc::advance_watermark(int64_t watermark_ms, Output&) {
  context_.watermark_ms = watermark_ms;
  return true;
}

}  // namespace raudal::operators
