// GROUP BY on a window table function: rows are aggregated by slice, a window is the merge of its slices when it
// fires.
//
// One namespace of state per slice, named by its end and dropped whole after its last window. Windows fire in the
// order of their ends once the watermark has reached end - 1. Whether a row is late is decided by the watermark in
// effect when it arrived: it is dropped when the last window of its slice has fired by then. A row that is late for
// some of its windows is held back until those have fired, which is at the watermark right behind its batch.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "operators/aggregate_list.h"
#include "operators/operator.h"
#include "operators/row_positions.h"
#include "operators/window_slices.h"

namespace raudal::operators {

class WindowAggregate final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(const graph::JobGraph& graph, int node);
  Status open(const OperatorContext& context) override;
  Status process(int input, column::Batch batch, Output& out) override;
  Result<bool> advance_watermark(int64_t watermark_ms, Output& out) override;
  int64_t late_rows_dropped() const override { return late_rows_dropped_; }

 private:
  // Rows of a batch that fall into one slice, and what decides whether they are late.
  struct Bucket {
    int64_t slice_end = 0;
    int64_t begin_us = 0;
    int64_t end_us = 0;
    int64_t first_window_end = 0;
    int64_t last_window_end = 0;
    std::vector<uint16_t> rows;
  };
  // A row that has to wait until the windows up to a watermark have fired.
  struct Held {
    int64_t watermark_ms;
    column::Batch row;
  };
  // A window that is being emitted.
  struct Firing {
    int64_t window_end;
    state::KeyedTable* table;    // a slice's, or the merged one
    uint32_t cursor = 0;
  };

  WindowAggregate(const graph::Node& node, const graph::WindowAggregateSpec& spec, column::Schema input,
                  AggregateList aggregates);
  Status open_distinct(const OperatorContext& context, const column::Type& rowtime);
  Bucket& bucket_of(int64_t time_us);
  void assign(const column::Batch& batch, std::span<const uint16_t> rows);
  void add(const column::Batch& batch, const Bucket& bucket, const uint64_t* hashes);
  void hold(const column::Batch& batch, uint16_t row, int64_t watermark_ms);
  bool release_held(int64_t before_ms);
  void insert(const column::Batch& batch);
  std::optional<int64_t> next_window_end() const;
  void begin_firing(int64_t window_end);
  void merge(const std::vector<int64_t>& slices);
  void merge_distinct(const std::vector<int64_t>& slices, size_t call);
  bool emit_window(Output& out);
  column::Batch results(std::span<const state::EntryId> entries) const;
  void drop_slices();

  graph::WindowAggregateSpec spec_;
  column::Schema input_;
  column::Schema output_;
  AggregateList aggregates_;
  KeyHashes key_hashes_;
  WindowSlices windows_;
  std::vector<std::unique_ptr<DistinctValues>> distinct_;   // one per call; null without DISTINCT
  state::KeyedState* state_ = nullptr;
  std::unique_ptr<state::KeyedState> merged_;   // what a window's slices are merged into; never in a snapshot
  size_t batch_rows_max_ = column::kBatchRowsMax;

  int64_t fired_ms_ = INT64_MIN;      // windows whose end - 1 is not after this have fired
  std::optional<Firing> firing_;
  std::vector<Held> held_;
  int64_t late_rows_dropped_ = 0;

  RowPositions positions_;
  std::vector<Bucket> buckets_;
  size_t num_buckets_ = 0;
  std::vector<state::EntryId> entries_;
  std::vector<int8_t> ops_;
};

}  // namespace raudal::operators
