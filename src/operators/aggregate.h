// One aggregate function as group and window aggregates run it: its accumulator lies in the value of a state entry,
// its loops run over the rows of a batch. Functions are listed in make_aggregate(); which exist depends on the types.
//
// A row whose arguments are NULL, whose FILTER is not TRUE or whose value was seen before (DISTINCT) never reaches a
// function: AggregateRows::ops leaves it out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "column/batch.h"
#include "graph/job_graph.h"
#include "state/keyed_state.h"

namespace raudal::operators {

// The rows of a batch that go into accumulators. All arrays but the batch's run along `rows`.
struct AggregateRows {
  std::span<const uint16_t> rows;                  // positions in the batch
  const state::EntryId* entries = nullptr;
  const uint8_t* first = nullptr;                  // 1: the group begins with this row; null: none does
  const int8_t* ops = nullptr;                     // 1 adds, -1 retracts, 0 leaves the row out; null: all add
};

// Results before and after each row: of row i at 2i and 2i + 1. changed[i] becomes 1 where the two differ.
struct RowResults {
  column::Column column;
  uint8_t* changed = nullptr;
};

// An aggregate call's accumulator. value_offset and string_slot say where it lies in an entry.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  virtual int width() const = 0;                   // bytes of the entry's value, a multiple of 8; may be 0
  virtual int num_strings() const { return 0; }
  // Whether it wants only the first of equal values and the last of their retractions, as DISTINCT does, and gets all
  // values once more after a restore.
  virtual bool needs_distinct_values() const { return false; }
  void place(int value_offset, int string_slot) {
    value_offset_ = value_offset;
    string_slot_ = string_slot;
  }

  // Adds or retracts rows. `argument` is the batch's column, null for COUNT(*).
  virtual void accumulate(state::KeyedTable& table, const AggregateRows& rows, const column::Column* argument) = 0;
  // The same, with each row's results.
  virtual void update(state::KeyedTable& table, const AggregateRows& rows, const column::Column* argument,
                      RowResults* results) = 0;
  // Adds accumulator from[i] to into[i].
  virtual void merge(state::KeyedTable& into_table, std::span<const state::EntryId> into, state::KeyedTable& from_table,
                     const state::EntryId* from) = 0;
  virtual column::Column results(state::KeyedTable& table, std::span<const state::EntryId> entries) = 0;

 protected:
  int value_offset_ = 0;
  int string_slot_ = 0;
};

// What an aggregate runs on: the call, and the type of its argument (kNull for COUNT(*)).
// kSqlUnsupported names the function that is missing; `retracts` says whether rows are taken back.
Result<std::unique_ptr<Aggregate>> make_aggregate(const graph::AggregateCall& call, const column::Type& argument,
                                                  bool retracts);

// MIN and MAX of strings, whose accumulator is a string of the entry. No retraction.
std::unique_ptr<Aggregate> make_string_extreme(bool is_max, const column::Type& type);
// MIN and MAX under retraction, of any type that has an order; null for others.
std::unique_ptr<Aggregate> make_ordered_extreme(bool is_max, const column::Type& type);

}  // namespace raudal::operators
