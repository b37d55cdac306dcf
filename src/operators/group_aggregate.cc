#include "operators/group_aggregate.h"

#include <fmt/core.h>

#include <algorithm>

namespace raudal::operators {

using column::Batch;
using column::ChangeKind;
using column::Column;
using state::EntryId;
using state::KeyedTable;

namespace {

// Retracting input needs to know how many rows a group has; the count stands first in the value.
constexpr int kRowCountBytes = sizeof(int64_t);

int64_t& row_count(KeyedTable& table, EntryId entry) { return *reinterpret_cast<int64_t*>(table.value(entry)); }

// Rows are taken in parts whose entries stay in the cache from the look-up to the update, and whose changes fit a
// batch.
constexpr size_t kRowsAtOnce = 1024;
static_assert(kRowsAtOnce * 2 <= column::kBatchRowsMax);

}  // namespace

GroupAggregate::GroupAggregate(const graph::Node& node, const graph::GroupAggregateSpec& spec, column::Schema input,
                               AggregateList aggregates)
    : spec_(spec), input_(std::move(input)), aggregates_(std::move(aggregates)), key_hashes_(node, spec.keys) {
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    distinct_.push_back(aggregates_.wants_distinct(i)
                            ? std::make_unique<DistinctValues>(spec_.keys, spec_.aggregates[i].args[0])
                            : nullptr);
  }
}

Result<std::unique_ptr<Operator>> GroupAggregate::make(const graph::JobGraph& graph, int node_index) {
  const graph::Node& node = graph.nodes[static_cast<size_t>(node_index)];
  const auto& spec = std::get<graph::GroupAggregateSpec>(node.spec);
  const column::Schema& input = graph.nodes[static_cast<size_t>(node.inputs[0].node)].output;
  if (spec.state_ttl_ms != 0) {
    return Error(ErrorCode::kSqlUnsupported, "Option is not supported: table.exec.state.ttl");
  }
  TRY(check_keys(spec.keys, input));
  auto aggregates = TRY(
      AggregateList::make(spec.aggregates, input, spec.input_retracts, spec.input_retracts ? kRowCountBytes : 0));
  return std::unique_ptr<Operator>(new GroupAggregate(node, spec, input, std::move(aggregates)));
}

Status GroupAggregate::open(const OperatorContext& context) {
  batch_rows_max_ = context.batch_rows_max;
  state::StateSchema schema{.value_width = std::max(aggregates_.value_width(), 8),
                            .num_byte_strings = aggregates_.num_strings(),
                            .description = describe_state(spec_.keys, spec_.aggregates, input_)};
  for (const int key : spec_.keys) schema.keys.push_back(input_[static_cast<size_t>(key)].type);
  if (spec_.input_retracts) schema.description += "; retracts";
  state_ = TRY(context.state->keyed_state("aggregate", std::move(schema)));
  for (size_t i = 0; i < distinct_.size(); ++i) {
    if (distinct_[i]) TRY(distinct_[i]->open(context, fmt::format("distinct-{}", i), input_));
  }
  restore_values();
  return {};
}

// Functions that keep their values in memory get those that were restored.
void GroupAggregate::restore_values() {
  KeyedTable& table = state_->table(0);
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    if (!aggregates_[i].needs_distinct_values()) continue;
    distinct_[i]->scan(0, input_.size(), [&](const Batch& batch) {
      const std::span<const uint16_t> rows = positions_.of(batch);
      entries_.resize(rows.size());
      table.find(pick(batch, spec_.keys), key_hashes_.of(batch), rows.size(), entries_.data());
      ops_.assign(rows.size(), 1);
      for (size_t row = 0; row < rows.size(); ++row) {
        if (entries_[row] == state::kNoEntry) ops_[row] = 0;
      }
      aggregates_[i].accumulate(table, {.rows = rows, .entries = entries_.data(), .ops = ops_.data()},
                                aggregates_.argument(batch, i));
    });
  }
}

Status GroupAggregate::process(int, Batch batch, Output& out) {
  const std::span<const uint16_t> rows = positions_.of(batch);
  if (rows.empty()) return {};
  const uint64_t* hashes = key_hashes_.of(batch);
  for (size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
    process_part(batch, rows.subspan(begin, std::min(kRowsAtOnce, rows.size() - begin)), hashes, out);
  }
  return {};
}

void GroupAggregate::process_part(const Batch& batch, std::span<const uint16_t> rows, const uint64_t* hashes,
                                  Output& out) {
  KeyedTable& table = state_->table(0);
  entries_.resize(rows.size());
  first_.resize(rows.size());
  actions_.resize(rows.size());
  table.find_or_insert(pick(batch, spec_.keys), hashes, rows, entries_.data(), first_.data());
  table.touch_many(entries_);
  if (spec_.input_retracts) plan_retractions(batch, rows, table);
  else plan_appends(rows.size());
  update(batch, rows, hashes, table);
  emit_changes(batch, rows, out);
  if (spec_.input_retracts) erase_empty(table);
}

void GroupAggregate::plan_appends(size_t num_rows) {
  for (size_t i = 0; i < num_rows; ++i) actions_[i] = first_[i] != 0 ? Action::kInsert : Action::kUpdate;
}

// A retraction that meets no group is ignored, as in Flink. A group that ends and begins again within the batch
// keeps its entry; `first` makes its accumulators begin anew.
void GroupAggregate::plan_retractions(const Batch& batch, std::span<const uint16_t> rows, KeyedTable& table) {
  ops_.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const ChangeKind kind = batch.change_kind(rows[i]);
    const bool adds = kind == ChangeKind::kInsert || kind == ChangeKind::kUpdateAfter;
    int64_t& count = row_count(table, entries_[i]);
    const bool was_empty = count == 0;
    first_[i] = was_empty;
    ops_[i] = 0;
    actions_[i] = Action::kIgnore;
    if (!adds && was_empty) continue;
    count += adds ? 1 : -1;
    ops_[i] = adds ? 1 : -1;
    if (count == 0) actions_[i] = Action::kDelete;
    else actions_[i] = was_empty ? Action::kInsert : Action::kUpdate;
  }
}

void GroupAggregate::erase_empty(KeyedTable& table) {
  std::vector<EntryId> empty;
  for (const EntryId entry : entries_) {
    if (row_count(table, entry) == 0) empty.push_back(entry);
  }
  std::ranges::sort(empty);
  const auto repeated = std::ranges::unique(empty);
  empty.erase(repeated.begin(), repeated.end());
  for (const EntryId entry : empty) table.erase(entry);
}

void GroupAggregate::update(const Batch& batch, std::span<const uint16_t> rows, const uint64_t* hashes,
                            KeyedTable& table) {
  changed_.assign(rows.size(), 0);
  results_.assign(aggregates_.size(), {});
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    const int8_t* ops = aggregates_.ops(batch, rows, i, spec_.input_retracts ? ops_.data() : nullptr);
    if (distinct_[i]) distinct_[i]->filter(batch, rows, hashes, 0, const_cast<int8_t*>(ops));
    results_[i].changed = changed_.data();
    aggregates_[i].update(table, {.rows = rows, .entries = entries_.data(), .first = first_.data(), .ops = ops},
                          aggregates_.argument(batch, i), &results_[i]);
  }
}

// Each change is a row of the batch, where the keys are, and a place in the interleaved results: 2i before, 2i + 1
// after row i.
void GroupAggregate::list_changes(std::span<const uint16_t> rows) {
  changes_.rows.resize(rows.size() * 2);
  changes_.results.resize(rows.size() * 2);
  changes_.kinds.resize(rows.size() * 2);
  size_t n = 0;
  const auto add = [&](uint16_t row, size_t result, ChangeKind kind) {
    changes_.rows[n] = row;
    changes_.results[n] = static_cast<uint16_t>(result);
    changes_.kinds[n++] = kind;
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    switch (actions_[i]) {
      case Action::kIgnore: break;
      case Action::kInsert: add(rows[i], 2 * i + 1, ChangeKind::kInsert); break;
      case Action::kDelete: add(rows[i], 2 * i, ChangeKind::kDelete); break;
      case Action::kUpdate:
        if (changed_[i] == 0) break;
        if (spec_.emit_update_before) add(rows[i], 2 * i, ChangeKind::kUpdateBefore);
        add(rows[i], 2 * i + 1, ChangeKind::kUpdateAfter);
        break;
    }
  }
  changes_.size = n;
}

void GroupAggregate::emit_changes(const Batch& batch, std::span<const uint16_t> rows, Output& out) {
  list_changes(rows);
  for (size_t begin = 0; begin < changes_.size; begin += batch_rows_max_) {
    const size_t count = std::min(batch_rows_max_, changes_.size - begin);
    Batch result{.num_rows = count};
    for (const int key : spec_.keys) {
      result.columns.push_back(gather(batch.columns[static_cast<size_t>(key)], &changes_.rows[begin], count));
    }
    for (const RowResults& results : results_) {
      // All rows changed: the interleaved results are the output.
      if (count == results.column.size) result.columns.push_back(results.column);
      else result.columns.push_back(gather(results.column, &changes_.results[begin], count));
    }
    result.change_kinds = column::Buffer::allocate(count);
    std::memcpy(result.change_kinds->as<uint8_t>(), &changes_.kinds[begin], count);
    out.emit(std::move(result));
  }
}

}  // namespace raudal::operators
