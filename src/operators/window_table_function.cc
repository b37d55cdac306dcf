#include "operators/window_table_function.h"

#include <algorithm>

#include "base/check.h"
#include "operators/event_time.h"

namespace raudal::operators {

using column::Batch;
using column::Buffer;
using column::Column;
using graph::WindowKind;

Status check_window(const graph::Window& window) {
  if (window.kind == WindowKind::kSession) return Error(ErrorCode::kSqlUnsupported, "Window is not supported: SESSION");
  CHECK(window.size_ms > 0 && (window.kind == WindowKind::kTumble || window.slide_ms > 0));
  return {};
}

Status check_window_zone(const column::Type& rowtime, const std::string& time_zone) {
  if (rowtime.kind() != column::TypeKind::kTimestampLtz || time_zone == "UTC") return {};
  return Error(ErrorCode::kSqlUnsupported, "Window on TIMESTAMP_LTZ is supported in UTC only, not in " + time_zone);
}

WindowTableFunction::WindowTableFunction(const graph::Window& window, const column::Schema& output) : window_(window) {
  CHECK(output.size() >= 3);
  for (size_t i = output.size() - 3; i < output.size(); ++i) window_types_.push_back(output[i].type);
}

Result<std::unique_ptr<Operator>> WindowTableFunction::make(const graph::JobGraph& graph, int node_index) {
  const graph::Node& node = graph.nodes[static_cast<size_t>(node_index)];
  const auto& spec = std::get<graph::WindowTableFunctionSpec>(node.spec);
  TRY(check_window(spec.window));
  return std::unique_ptr<Operator>(new WindowTableFunction(spec.window, node.output));
}

Status WindowTableFunction::open(const OperatorContext& context) {
  batch_rows_max_ = context.batch_rows_max;
  return check_window_zone(window_types_[2], context.time_zone);
}

Status WindowTableFunction::process(int, Batch batch, Output& out) {
  const Column& rowtime = batch.columns[static_cast<size_t>(window_.rowtime_column)];
  const int64_t* times = rowtime.data<int64_t>();
  rows_.clear();
  starts_us_.clear();
  ends_us_.clear();
  for (const uint16_t row : positions_.of(batch)) {
    if (rowtime.is_valid(row)) assign(row, micros_to_millis(times[row]));
  }
  for (size_t begin = 0; begin < rows_.size(); begin += batch_rows_max_) {
    out.emit(part(batch, begin, std::min(batch_rows_max_, rows_.size() - begin)));
  }
  return {};
}

void WindowTableFunction::assign(uint16_t row, int64_t time_ms) {
  const int64_t size = window_.size_ms;
  const int64_t slide = window_.slide_ms;
  switch (window_.kind) {
    case WindowKind::kTumble: {
      const int64_t start = floor_to(time_ms, size, window_.offset_ms);
      return add(row, start, start + size);
    }
    case WindowKind::kHop:
      for (int64_t start = floor_to(time_ms, slide, window_.offset_ms); start > time_ms - size; start -= slide) {
        add(row, start, start + size);
      }
      return;
    case WindowKind::kCumulate: {
      const int64_t start = floor_to(time_ms, size, window_.offset_ms);
      for (int64_t end = floor_to(time_ms, slide, window_.offset_ms) + slide; end <= start + size; end += slide) {
        add(row, start, end);
      }
      return;
    }
    case WindowKind::kSession: CHECK(false);
  }
}

void WindowTableFunction::add(uint16_t row, int64_t start_ms, int64_t end_ms) {
  rows_.push_back(row);
  starts_us_.push_back(start_ms * 1000);
  ends_us_.push_back(end_ms * 1000);
}

Batch WindowTableFunction::part(const Batch& batch, size_t begin, size_t count) const {
  const std::span<const uint16_t> rows(&rows_[begin], count);
  Batch result{.num_rows = count};
  for (const Column& column : batch.columns) result.columns.push_back(gather(column, rows.data(), count));
  for (size_t i = 0; i < window_types_.size(); ++i) {
    Column column{.type = window_types_[i], .size = count, .values = Buffer::allocate(count * sizeof(int64_t))};
    std::copy_n((i == 0 ? starts_us_ : ends_us_).begin() + static_cast<int64_t>(begin), count,
                column.values->as<int64_t>());
    if (i == 2) {
      for (size_t row = 0; row < count; ++row) column.values->as<int64_t>()[row] -= 1000;
    }
    result.columns.push_back(std::move(column));
  }
  if (batch.change_kinds) result.change_kinds = gather_values<uint8_t>(batch.change_kinds, rows);
  if (batch.row_watermarks) result.row_watermarks = gather_values<int64_t>(batch.row_watermarks, rows);
  return result;
}

}  // namespace raudal::operators
