#include "operators/aggregate_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "column/hash.h"

namespace raudal::operators {

using column::Batch;
using column::Column;
using column::Type;
using state::EntryId;

Result<AggregateList> AggregateList::make(const std::vector<graph::AggregateCall>& calls, const column::Schema& input,
                                          bool retracts, int value_offset) {
  AggregateList list;
  list.calls_ = calls;
  list.value_width_ = value_offset;
  for (const graph::AggregateCall& call : calls) {
    const Type argument = call.args.empty() ? Type() : input[static_cast<size_t>(call.args[0])].type;
    auto made = TRY(make_aggregate(call, argument, retracts));
    made->place(list.value_width_, list.num_strings_);
    list.value_width_ += made->width();
    list.num_strings_ += made->num_strings();
    list.aggregates_.push_back(std::move(made));
  }
  return list;
}

const Column* AggregateList::argument(const Batch& batch, size_t call) const {
  const std::vector<int>& args = calls_[call].args;
  return args.empty() ? nullptr : &batch.columns[static_cast<size_t>(args[0])];
}

const int8_t* AggregateList::ops(const Batch& batch, std::span<const uint16_t> rows, size_t call, const int8_t* ops) {
  const Column* argument = this->argument(batch, call);
  const int filter_column = calls_[call].filter_column;
  const bool is_null = argument != nullptr && argument->type.storage() == column::Storage::kNone;
  const bool has_null = is_null || (argument != nullptr && argument->validity);
  if (!has_null && filter_column < 0 && !wants_distinct(call)) return ops;
  ops_.resize(rows.size());
  if (ops != nullptr) std::copy_n(ops, rows.size(), ops_.begin());
  else std::fill(ops_.begin(), ops_.end(), int8_t{1});
  if (has_null) {
    const uint8_t* validity = argument->validity ? argument->validity->as<uint8_t>() : nullptr;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (validity == nullptr || validity[rows[i]] == 0) ops_[i] = 0;
    }
  }
  if (filter_column >= 0) {
    const Column& filter = batch.columns[static_cast<size_t>(filter_column)];
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!filter.is_valid(rows[i]) || filter.data<uint8_t>()[rows[i]] == 0) ops_[i] = 0;
    }
  }
  return ops_.data();
}

Status DistinctValues::open(const OperatorContext& context, const std::string& name, const column::Schema& input) {
  state::StateSchema schema{.value_width = sizeof(int64_t), .description = "distinct values"};
  for (const int key : keys_) schema.keys.push_back(input[static_cast<size_t>(key)].type);
  schema.num_partition_keys = static_cast<int>(keys_.size());
  schema.keys.push_back(input[static_cast<size_t>(argument_)].type);
  for (const Type& type : schema.keys) schema.description += " " + type.with_nullable(true).to_string();
  state_ = TRY(context.state->keyed_state(name, std::move(schema)));
  return {};
}

void DistinctValues::filter(const Batch& batch, std::span<const uint16_t> rows, const uint64_t* hashes,
                            int64_t name_space, int8_t* ops) {
  std::vector<Column> keys = pick(batch, keys_);
  keys.push_back(batch.columns[static_cast<size_t>(argument_)]);
  hashes_.resize(batch.num_rows);
  column::hash_rows(keys, batch.num_rows, hashes_.data());
  for (size_t row = 0; row < batch.num_rows; ++row) hashes_[row] = state::partitioned_hash(hashes[row], hashes_[row]);
  present_.clear();
  for (size_t i = 0; i < rows.size(); ++i) {
    if (ops[i] != 0) present_.push_back(rows[i]);
  }
  if (present_.empty()) return;
  entries_.resize(present_.size());
  state::KeyedTable& table = state_->table(name_space);
  table.find_or_insert(keys, hashes_.data(), present_, entries_.data(), nullptr);
  table.touch_many(entries_);
  gone_.clear();
  for (size_t i = 0, at = 0; i < rows.size(); ++i) {
    if (ops[i] == 0) continue;
    const EntryId entry = entries_[at++];
    auto& count = *reinterpret_cast<int64_t*>(table.value(entry));
    const bool was_there = count > 0;
    count += ops[i];
    const bool is_there = count > 0;
    ops[i] = static_cast<int8_t>(static_cast<int>(is_there) - static_cast<int>(was_there));
    if (!is_there) gone_.push_back(entry);
  }
  std::ranges::sort(gone_);
  const auto repeated = std::ranges::unique(gone_);
  gone_.erase(repeated.begin(), repeated.end());
  for (const EntryId entry : gone_) {
    if (*reinterpret_cast<int64_t*>(table.value(entry)) <= 0) table.erase(entry);
  }
}

void DistinctValues::scan(int64_t name_space, size_t num_columns,
                          const std::function<void(const Batch&)>& visit) const {
  const state::KeyedTable* table = state_->find_table(name_space);
  if (table == nullptr) return;
  std::vector<EntryId> entries(column::kBatchRowsMax);
  uint32_t cursor = 0;
  while (const size_t n = table->scan(&cursor, entries)) {
    std::vector<column::ColumnBuilder> builders;
    for (const Type& type : state_->schema().keys) builders.emplace_back(type, n);
    table->read_keys(std::span(entries).first(n), builders);
    Batch batch{.num_rows = n};
    batch.columns.resize(num_columns);
    for (size_t i = 0; i < builders.size(); ++i) {
      const int column = i < keys_.size() ? keys_[i] : argument_;
      batch.columns[static_cast<size_t>(column)] = builders[i].finish();
    }
    visit(batch);
  }
}

std::vector<Column> pick(const Batch& batch, const std::vector<int>& columns) {
  std::vector<Column> picked;
  picked.reserve(columns.size());
  for (const int column : columns) picked.push_back(batch.columns[static_cast<size_t>(column)]);
  return picked;
}

KeyHashes::KeyHashes(const graph::Node& node, std::vector<int> keys) : keys_(std::move(keys)) {
  exchanged_ = node.inputs.size() == 1 && node.inputs[0].exchange == graph::Exchange::kHash;
  if (exchanged_) keys_ = node.inputs[0].keys;
}

const uint64_t* KeyHashes::of(const Batch& batch) {
  if (exchanged_ && batch.hashes) return batch.hashes->as<uint64_t>();
  hashes_.resize(batch.num_rows);
  column::hash_rows(pick(batch, keys_), batch.num_rows, hashes_.data());
  return hashes_.data();
}

std::string describe_state(const std::vector<int>& keys, const std::vector<graph::AggregateCall>& calls,
                           const column::Schema& input) {
  const auto type_of = [&](int column) {
    return input[static_cast<size_t>(column)].type.with_nullable(true).to_string();
  };
  std::string text = "keys";
  for (size_t i = 0; i < keys.size(); ++i) text += (i == 0 ? " " : ", ") + type_of(keys[i]);
  for (size_t i = 0; i < calls.size(); ++i) {
    const graph::AggregateCall& call = calls[i];
    text += fmt::format("{} {}({}{}){} {}", i == 0 ? ";" : ",", call.function, call.distinct ? "DISTINCT " : "",
                        call.args.empty() ? "" : type_of(call.args[0]), call.filter_column >= 0 ? " FILTER" : "",
                        call.result.with_nullable(true).to_string());
  }
  return text;
}

Status check_keys(const std::vector<int>& keys, const column::Schema& input) {
  // One place is left for the value of a DISTINCT set.
  if (keys.size() >= static_cast<size_t>(state::KeyedState::kKeysMax)) {
    return Error(ErrorCode::kSqlUnsupported, fmt::format("Too many grouping columns: {}", keys.size()));
  }
  for (const int key : keys) {
    const column::Field& field = input[static_cast<size_t>(key)];
    if (field.type.storage() != column::Storage::kList && field.type.storage() != column::Storage::kRow) continue;
    return Error(ErrorCode::kSqlUnsupported,
                 fmt::format("Grouping by a nested type is not supported: {} {}", field.name, field.type.to_string()));
  }
  return {};
}

}  // namespace raudal::operators
