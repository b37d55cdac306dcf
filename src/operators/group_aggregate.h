// GROUP BY without a window: each row changes its group's result, which is emitted as Flink does it, row by row: +I
// for the first, then -U and +U, nothing where the result stays the same, -D when the last row of a group is
// retracted.
#pragma once

#include <memory>
#include <vector>

#include "operators/aggregate_list.h"
#include "operators/operator.h"
#include "operators/row_positions.h"

namespace raudal::operators {

class GroupAggregate final : public Operator {
 public:
  // kSqlUnsupported for what cannot run.
  static Result<std::unique_ptr<Operator>> make(const graph::JobGraph& graph, int node);
  Status open(const OperatorContext& context) override;
  Status process(int input, column::Batch batch, Output& out) override;

 private:
  // What a row does to its group.
  enum class Action : uint8_t { kIgnore, kInsert, kUpdate, kDelete };

  GroupAggregate(const graph::Node& node, const graph::GroupAggregateSpec& spec, column::Schema input,
                 AggregateList aggregates);
  void restore_values();
  void plan_appends(size_t num_rows);
  void plan_retractions(const column::Batch& batch, std::span<const uint16_t> rows, state::KeyedTable& table);
  void erase_empty(state::KeyedTable& table);
  void update(const column::Batch& batch, std::span<const uint16_t> rows, const uint64_t* hashes,
              state::KeyedTable& table);
  void process_part(const column::Batch& batch, std::span<const uint16_t> rows, const uint64_t* hashes, Output& out);
  void list_changes(std::span<const uint16_t> rows);
  void emit_changes(const column::Batch& batch, std::span<const uint16_t> rows, Output& out);

  graph::GroupAggregateSpec spec_;
  column::Schema input_;
  AggregateList aggregates_;
  KeyHashes key_hashes_;
  std::vector<std::unique_ptr<DistinctValues>> distinct_;   // one per call; null where not wanted
  state::KeyedState* state_ = nullptr;
  size_t batch_rows_max_ = column::kBatchRowsMax;

  // Scratch of one batch, along its selected rows.
  RowPositions positions_;
  std::vector<state::EntryId> entries_;
  std::vector<uint8_t> first_;
  std::vector<int8_t> ops_;
  std::vector<Action> actions_;
  std::vector<uint8_t> changed_;
  std::vector<RowResults> results_;
  struct Changes {
    std::vector<uint16_t> rows;
    std::vector<uint16_t> results;
    std::vector<column::ChangeKind> kinds;
    size_t size = 0;
  } changes_;
};

}  // namespace raudal::operators
