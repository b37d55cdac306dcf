// TUMBLE, HOP and CUMULATE as table functions: appends window_start, window_end and window_time to each row. HOP
// repeats a row for each of its windows, the latest first; CUMULATE the earliest first. A row without event time is
// dropped.
#pragma once

#include <memory>
#include <vector>

#include "graph/job_graph.h"
#include "operators/operator.h"
#include "operators/row_positions.h"

namespace raudal::operators {

class WindowTableFunction final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(const graph::JobGraph& graph, int node);
  Status open(const OperatorContext& context) override;
  Status process(int input, column::Batch batch, Output& out) override;

 private:
  WindowTableFunction(const graph::Window& window, const column::Schema& output);
  void assign(uint16_t row, int64_t time_ms);
  void add(uint16_t row, int64_t start_ms, int64_t end_ms);
  column::Batch part(const column::Batch& batch, size_t begin, size_t count) const;

  graph::Window window_;
  std::vector<column::Type> window_types_;   // of start, end and time
  size_t batch_rows_max_ = column::kBatchRowsMax;
  RowPositions positions_;
  std::vector<uint16_t> rows_;
  std::vector<int64_t> starts_us_;
  std::vector<int64_t> ends_us_;
};

// kSqlUnsupported for what windows cannot be computed: sessions, a TIMESTAMP_LTZ in another zone than UTC.
Status check_window(const graph::Window& window);
Status check_window_zone(const column::Type& rowtime, const std::string& time_zone);

}  // namespace raudal::operators
