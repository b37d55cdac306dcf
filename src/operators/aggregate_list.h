// The aggregate calls of one operator: where each lies in a state entry, and which rows each gets. Used by the group
// and the window aggregate.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "column/batch.h"
#include "graph/job_graph.h"
#include "operators/aggregate.h"
#include "operators/operator.h"

namespace raudal::operators {

class AggregateList {
 public:
  // Places the calls in a value behind value_offset bytes. Calls with DISTINCT are given what is left of the rows by
  // the operator. kSqlUnsupported names what cannot run.
  static Result<AggregateList> make(const std::vector<graph::AggregateCall>& calls, const column::Schema& input,
                                    bool retracts, int value_offset);

  size_t size() const { return aggregates_.size(); }
  Aggregate& operator[](size_t call) { return *aggregates_[call]; }
  // Whether a call gets distinct values only.
  bool wants_distinct(size_t index) const {
    return !calls_[index].args.empty() && (calls_[index].distinct || aggregates_[index]->needs_distinct_values());
  }
  int value_width() const { return value_width_; }     // with what was before value_offset
  int num_strings() const { return num_strings_; }

  // The column that a call reads, or null.
  const column::Column* argument(const column::Batch& batch, size_t call) const;
  // Which rows a call gets, of `ops` (null: all of them are added): NULL arguments and filtered rows are left out.
  // Valid until the next call; null: all rows are added.
  const int8_t* ops(const column::Batch& batch, std::span<const uint16_t> rows, size_t call, const int8_t* ops);

 private:
  std::vector<graph::AggregateCall> calls_;
  std::vector<std::unique_ptr<Aggregate>> aggregates_;
  int value_width_ = 0;
  int num_strings_ = 0;
  std::vector<int8_t> ops_;
};

// A DISTINCT value set of one call: how often each value of each group is there. Lets a value through when it comes
// for the first time, and its retraction when it goes for the last time.
class DistinctValues {
 public:
  DistinctValues(std::vector<int> keys, int argument) : keys_(std::move(keys)), argument_(argument) {}
  Status open(const OperatorContext& context, const std::string& name, const column::Schema& input);

  // Changes ops (which must be a full array) to what is left for the aggregate. `hashes` are of the groups.
  void filter(const column::Batch& batch, std::span<const uint16_t> rows, const uint64_t* hashes, int64_t name_space,
              int8_t* ops);
  state::KeyedState& state() { return *state_; }
  // All values of a namespace as batches of the input's columns: the keys and the argument, the other columns empty.
  void scan(int64_t name_space, size_t num_columns, const std::function<void(const column::Batch&)>& visit) const;

 private:
  std::vector<int> keys_;
  int argument_;
  state::KeyedState* state_ = nullptr;
  std::vector<uint64_t> hashes_;
  std::vector<uint16_t> present_;
  std::vector<state::EntryId> entries_;
  std::vector<state::EntryId> gone_;
};

// Columns of a batch, by position.
std::vector<column::Column> pick(const column::Batch& batch, const std::vector<int>& columns);

// The hashes of a batch's keys: those that came with it through the exchange, or computed here.
class KeyHashes {
 public:
  // `keys` are the operator's; where its input is a hash exchange, that exchange's keys and hashes count.
  KeyHashes(const graph::Node& node, std::vector<int> keys);
  const uint64_t* of(const column::Batch& batch);

 private:
  std::vector<int> keys_;
  bool exchanged_ = false;
  std::vector<uint64_t> hashes_;
};

// What state says of itself, for the check on restore: "keys BIGINT; SUM(BIGINT) BIGINT".
std::string describe_state(const std::vector<int>& keys, const std::vector<graph::AggregateCall>& calls,
                           const column::Schema& input);
// Keys that a state table can hold, or kSqlUnsupported.
Status check_keys(const std::vector<int>& keys, const column::Schema& input);

}  // namespace raudal::operators
