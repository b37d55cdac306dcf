#include "operators/watermark_assigner.h"

#include <algorithm>

#include "operators/event_time.h"

namespace raudal::operators {

using column::Batch;

WatermarkAssigner::WatermarkAssigner(const graph::WatermarkSpec& spec)
    : rowtime_column_(spec.rowtime_column),
      watermark_(spec.watermark),
      interval_ms_(spec.emit_interval_ms),
      idle_timeout_ms_(spec.idle_timeout_ms) {}

Status WatermarkAssigner::open(const OperatorContext& context) {
  clock_ = context.clock;
  context_.time_zone = context.time_zone;
  context_.query_start_us = clock_->wall_us();
  last_emit_tick_us_ = clock_->wall_us();
  last_row_us_ = clock_->wall_us();
  current_ms_ = std::max<int64_t>(context.restored_watermark_ms, 0);
  emitted_ms_ = current_ms_;
  return {};
}

Status WatermarkAssigner::check_rowtime(const Batch& batch) {
  const column::Column& rowtime = batch.columns[static_cast<size_t>(rowtime_column_)];
  if (!rowtime.validity) return {};
  for (const uint16_t row : positions_.of(batch)) {
    if (rowtime.is_valid(row)) continue;
    return Error(ErrorCode::kExpression,
                 "RowTime field should not be null, please convert it to a non-null long value.");
  }
  return {};
}

Status WatermarkAssigner::process(int, Batch batch, Output& out) {
  if (batch.num_selected() == 0) return {};
  TRY(check_rowtime(batch));
  context_.now_us = clock_->wall_us();
  context_.watermark_ms = emitted_ms_;
  const column::Column marks = TRY(watermark_.evaluate(batch, context_));
  if (idle_) {
    idle_ = false;
    out.emit_idle(false);
  }
  last_row_us_ = context_.now_us;

  const std::span<const uint16_t> rows = positions_.of(batch);
  const int64_t before_ms = emitted_ms_;
  column::BufferPtr in_effect = column::Buffer::allocate(batch.num_rows * sizeof(int64_t));
  int64_t* row_watermarks = in_effect->as<int64_t>();
  std::fill_n(row_watermarks, batch.num_rows, event_watermark(emitted_ms_));
  const int64_t* values = marks.data<int64_t>();
  for (size_t i = 0; i < rows.size(); ++i) {
    row_watermarks[rows[i]] = event_watermark(emitted_ms_);
    if (marks.is_valid(i)) current_ms_ = std::max(current_ms_, micros_to_millis(values[i]));
    if (current_ms_ - emitted_ms_ > interval_ms_) emitted_ms_ = current_ms_;
  }
  batch.row_watermarks = std::move(in_effect);
  out.emit(std::move(batch));
  if (emitted_ms_ != before_ms) out.emit_watermark(emitted_ms_);
  return {};
}

// Watermarks of those before are not passed on, but the last one, which the runtime passes on itself.
Result<bool> WatermarkAssigner::advance_watermark(int64_t, Output&) { return true; }

Status WatermarkAssigner::tick(Output& out) {
  const int64_t now_us = clock_->wall_us();
  if (interval_ms_ > 0 && last_emit_tick_us_ + interval_ms_ * 1000 <= now_us) {
    last_emit_tick_us_ = now_us;
    if (current_ms_ > emitted_ms_) {
      emitted_ms_ = current_ms_;
      out.emit_watermark(emitted_ms_);
    }
  }
  if (idle_timeout_ms_ > 0 && !idle_ && last_row_us_ + idle_timeout_ms_ * 1000 <= now_us) {
    idle_ = true;
    out.emit_idle(true);
  }
  return {};
}

}  // namespace raudal::operators
