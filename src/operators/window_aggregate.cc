#include "operators/window_aggregate.h"

#include <fmt/core.h>

#include <algorithm>

#include "operators/window_table_function.h"

namespace raudal::operators {

using column::Batch;
using column::Buffer;
using column::Column;
using column::ColumnBuilder;
using state::EntryId;
using state::KeyedTable;

namespace {

constexpr size_t kScanEntries = 1024;

Column constant_column(const column::Type& type, int64_t value, size_t size) {
  Column column{.type = type, .size = size, .values = Buffer::allocate(size * sizeof(int64_t))};
  std::fill_n(column.values->as<int64_t>(), size, value);
  return column;
}

}  // namespace

WindowAggregate::WindowAggregate(const graph::Node& node, const graph::WindowAggregateSpec& spec, column::Schema input,
                                 AggregateList aggregates)
    : spec_(spec),
      input_(std::move(input)),
      output_(node.output),
      aggregates_(std::move(aggregates)),
      key_hashes_(node, spec.keys),
      windows_(spec.window) {
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    distinct_.push_back(aggregates_.wants_distinct(i)
                            ? std::make_unique<DistinctValues>(spec_.keys, spec_.aggregates[i].args[0])
                            : nullptr);
  }
}

Result<std::unique_ptr<Operator>> WindowAggregate::make(const graph::JobGraph& graph, int node_index) {
  const graph::Node& node = graph.nodes[static_cast<size_t>(node_index)];
  const auto& spec = std::get<graph::WindowAggregateSpec>(node.spec);
  const graph::Node& before = graph.nodes[static_cast<size_t>(node.inputs[0].node)];
  TRY(check_window(spec.window));
  TRY(check_keys(spec.keys, before.output));
  if (!before.append_only) {
    return Error(ErrorCode::kSqlUnsupported, "Window aggregate cannot consume updates and deletes: " + before.name);
  }
  auto aggregates = TRY(AggregateList::make(spec.aggregates, before.output, false, 0));
  return std::unique_ptr<Operator>(new WindowAggregate(node, spec, before.output, std::move(aggregates)));
}

Status WindowAggregate::open(const OperatorContext& context) {
  batch_rows_max_ = context.batch_rows_max;
  fired_ms_ = context.restored_watermark_ms;
  const graph::Window& window = spec_.window;
  TRY(check_window_zone(input_[static_cast<size_t>(window.rowtime_column)].type, context.time_zone));
  state::StateSchema schema{.value_width = std::max(aggregates_.value_width(), 8),
                            .num_byte_strings = aggregates_.num_strings()};
  for (const int key : spec_.keys) schema.keys.push_back(input_[static_cast<size_t>(key)].type);
  schema.description = fmt::format("slices of {} ms; {}", windows_.slice_ms(),
                                   describe_state(spec_.keys, spec_.aggregates, input_));
  merged_ = std::make_unique<state::KeyedState>(schema, context.key_groups, context.max_parallelism);
  state_ = TRY(context.state->keyed_state("slices", std::move(schema)));
  for (size_t i = 0; i < distinct_.size(); ++i) {
    if (distinct_[i]) TRY(distinct_[i]->open(context, fmt::format("distinct-{}", i), input_));
  }
  return {};
}

Status WindowAggregate::process(int, Batch batch, Output&) {
  insert(batch);
  return {};
}

void WindowAggregate::insert(const Batch& batch) {
  const std::span<const uint16_t> rows = positions_.of(batch);
  if (rows.empty()) return;
  const uint64_t* hashes = key_hashes_.of(batch);
  assign(batch, rows);
  for (size_t i = 0; i < num_buckets_; ++i) {
    if (!buckets_[i].rows.empty()) add(batch, buckets_[i], hashes);
  }
}

// The bucket of a time; a batch has few, and its rows stay in one for long.
WindowAggregate::Bucket& WindowAggregate::bucket_of(int64_t time_us) {
  for (size_t i = 0; i < num_buckets_; ++i) {
    if (time_us >= buckets_[i].begin_us && time_us < buckets_[i].end_us) {
      if (i != 0) std::swap(buckets_[0], buckets_[i]);
      return buckets_[0];
    }
  }
  if (num_buckets_ == buckets_.size()) buckets_.emplace_back();
  std::swap(buckets_[0], buckets_[num_buckets_++]);
  Bucket& bucket = buckets_[0];
  bucket.slice_end = windows_.slice_end(micros_to_millis(time_us));
  bucket.begin_us = (bucket.slice_end - windows_.slice_ms()) * 1000;
  bucket.end_us = bucket.slice_end * 1000;
  bucket.first_window_end = windows_.first_window_end(bucket.slice_end);
  bucket.last_window_end = windows_.last_window_end(bucket.slice_end);
  bucket.rows.clear();
  return bucket;
}

// Sorts the rows of a batch into buckets; late ones are dropped or held back.
void WindowAggregate::assign(const Batch& batch, std::span<const uint16_t> rows) {
  const Column& rowtime = batch.columns[static_cast<size_t>(spec_.window.rowtime_column)];
  const int64_t* times_us = rowtime.data<int64_t>();
  const int64_t* watermarks = batch.row_watermarks ? batch.row_watermarks->as<int64_t>() : nullptr;
  num_buckets_ = 0;
  for (const uint16_t row : rows) {
    if (!rowtime.is_valid(row)) continue;
    const int64_t time_us = times_us[row];
    Bucket& bucket = num_buckets_ > 0 && time_us >= buckets_[0].begin_us && time_us < buckets_[0].end_us
                         ? buckets_[0]
                         : bucket_of(time_us);
    const int64_t watermark = watermarks ? std::max(watermarks[row], fired_ms_) : fired_ms_;
    if (bucket.first_window_end - 1 > watermark) [[likely]] {
      bucket.rows.push_back(row);
    } else if (bucket.last_window_end - 1 <= watermark) {
      ++late_rows_dropped_;
    } else if (watermark <= fired_ms_ || windows_.window_end_after(bucket.slice_end, fired_ms_ + 1) - 1 > watermark) {
      bucket.rows.push_back(row);   // the windows that it is late for have fired
    } else {
      hold(batch, row, watermark);
    }
  }
}

void WindowAggregate::hold(const Batch& batch, uint16_t row, int64_t watermark_ms) {
  Batch one{.num_rows = 1};
  for (const Column& column : batch.columns) one.columns.push_back(gather(column, &row, 1));
  if (batch.hashes) one.hashes = gather_values<uint64_t>(batch.hashes, {&row, 1});
  held_.push_back({watermark_ms, std::move(one)});
}

// Adds the rows that waited longest for windows before a time, those of one watermark. All windows up to it have
// fired, or were empty; windows behind it may begin with these rows, so the others wait on.
bool WindowAggregate::release_held(int64_t before_ms) {
  const auto oldest = std::ranges::min_element(held_, {}, &Held::watermark_ms);
  if (oldest == held_.end() || oldest->watermark_ms >= before_ms) return false;
  const int64_t watermark_ms = oldest->watermark_ms;
  fired_ms_ = std::max(fired_ms_, watermark_ms);
  for (const Held& held : held_) {
    if (held.watermark_ms == watermark_ms) insert(held.row);
  }
  std::erase_if(held_, [&](const Held& held) { return held.watermark_ms == watermark_ms; });
  return true;
}

void WindowAggregate::add(const Batch& batch, const Bucket& bucket, const uint64_t* hashes) {
  KeyedTable& table = state_->table(bucket.slice_end);
  const std::span<const uint16_t> rows = bucket.rows;
  entries_.resize(rows.size());
  table.find_or_insert(pick(batch, spec_.keys), hashes, rows, entries_.data(), nullptr);
  table.touch_many(entries_);
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    const int8_t* ops = aggregates_.ops(batch, rows, i, nullptr);
    if (distinct_[i]) distinct_[i]->filter(batch, rows, hashes, bucket.slice_end, const_cast<int8_t*>(ops));
    aggregates_[i].accumulate(table, {.rows = rows, .entries = entries_.data(), .ops = ops},
                              aggregates_.argument(batch, i));
  }
}

Result<bool> WindowAggregate::advance_watermark(int64_t watermark_ms, Output& out) {
  while (true) {
    if (firing_) {
      if (!emit_window(out)) return false;
      fired_ms_ = firing_->window_end - 1;
      firing_.reset();
      merged_->drop(0);
      drop_slices();
    }
    std::optional<int64_t> next = next_window_end();
    if (next && *next - 1 > watermark_ms) next.reset();
    const int64_t horizon = watermark_ms == INT64_MAX ? INT64_MAX : watermark_ms + 1;
    if (release_held(next ? *next - 1 : horizon)) continue;   // they may have windows of their own
    if (!next) break;
    begin_firing(*next);
  }
  fired_ms_ = std::max(fired_ms_, watermark_ms);
  drop_slices();
  return true;
}

// The end of the first window that has not fired.
std::optional<int64_t> WindowAggregate::next_window_end() const {
  std::optional<int64_t> next;
  const int64_t after = fired_ms_ == INT64_MIN ? INT64_MIN : fired_ms_ == INT64_MAX ? INT64_MAX : fired_ms_ + 1;
  for (const int64_t slice : state_->namespaces()) {
    const int64_t end = after == INT64_MIN ? windows_.first_window_end(slice) : windows_.window_end_after(slice, after);
    if (end > windows_.last_window_end(slice)) continue;
    if (!next || end < *next) next = end;
  }
  return next;
}

void WindowAggregate::begin_firing(int64_t window_end) {
  std::vector<int64_t> slices;
  const int64_t start = windows_.window_start(window_end);
  for (const int64_t slice : state_->namespaces()) {
    if (slice > start && slice <= window_end) slices.push_back(slice);
  }
  if (slices.size() == 1) {
    firing_ = Firing{.window_end = window_end, .table = &state_->table(slices[0])};
    return;
  }
  merge(slices);
  firing_ = Firing{.window_end = window_end, .table = &merged_->table(0)};
}

void WindowAggregate::merge(const std::vector<int64_t>& slices) {
  KeyedTable& into = merged_->table(0);
  std::vector<EntryId> from(kScanEntries);
  std::vector<EntryId> to(kScanEntries);
  for (const int64_t slice : slices) {
    KeyedTable& table = state_->table(slice);
    if (into.size() == 0) into.reserve(table.size());
    uint32_t cursor = 0;
    while (const size_t n = table.scan(&cursor, from)) {
      into.find_or_insert(table, std::span(from).first(n), to.data(), nullptr);
      for (size_t i = 0; i < aggregates_.size(); ++i) {
        if (!distinct_[i]) aggregates_[i].merge(into, std::span(to).first(n), table, from.data());
      }
    }
  }
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    if (distinct_[i]) merge_distinct(slices, i);
  }
}

// The union of the slices' value sets goes through the aggregate once more: their accumulators cannot be added up.
void WindowAggregate::merge_distinct(const std::vector<int64_t>& slices, size_t call) {
  state::KeyedState& values = distinct_[call]->state();
  state::KeyedState seen(values.schema(), {}, 1);
  std::vector<EntryId> from(kScanEntries);
  std::vector<EntryId> to(kScanEntries);
  std::vector<uint8_t> is_new(kScanEntries);
  const size_t num_keys = spec_.keys.size();
  for (const int64_t slice : slices) {
    KeyedTable* table = values.find_table(slice);
    uint32_t cursor = 0;
    while (const size_t n = table == nullptr ? 0 : table->scan(&cursor, from)) {
      seen.table(0).find_or_insert(*table, std::span(from).first(n), to.data(), is_new.data());
      size_t kept = 0;
      for (size_t i = 0; i < n; ++i) {
        if (is_new[i] != 0) from[kept++] = from[i];
      }
      std::vector<ColumnBuilder> builders;
      for (const column::Type& type : values.schema().keys) builders.emplace_back(type, kept);
      table->read_keys(std::span(from).first(kept), builders);
      Batch batch{.num_rows = kept};
      for (ColumnBuilder& builder : builders) batch.columns.push_back(builder.finish());
      const std::span<const Column> keys = std::span(batch.columns).first(num_keys);
      std::vector<uint64_t> hashes(kept);
      column::hash_rows(keys, kept, hashes.data());
      merged_->table(0).find(keys, hashes.data(), kept, to.data());
      RowPositions positions;
      aggregates_[call].accumulate(merged_->table(0), {.rows = positions.of(batch), .entries = to.data()},
                                   &batch.columns[num_keys]);
      from.resize(kScanEntries);
    }
  }
}

// Emits the rest of the window; false when the output has no room.
bool WindowAggregate::emit_window(Output& out) {
  std::vector<EntryId> entries(batch_rows_max_);
  while (true) {
    if (!out.has_room()) return false;
    const size_t n = firing_->table->scan(&firing_->cursor, entries);
    if (n > 0) out.emit(results(std::span(entries).first(n)));
    if (n < entries.size()) return true;
  }
}

Batch WindowAggregate::results(std::span<const EntryId> entries) const {
  Batch batch{.num_rows = entries.size()};
  std::vector<ColumnBuilder> keys;
  for (const int key : spec_.keys) keys.emplace_back(input_[static_cast<size_t>(key)].type, entries.size());
  firing_->table->read_keys(entries, keys);
  for (ColumnBuilder& key : keys) batch.columns.push_back(key.finish());
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    batch.columns.push_back(const_cast<AggregateList&>(aggregates_)[i].results(*firing_->table, entries));
  }
  for (size_t i = 0; i < spec_.properties.size(); ++i) {
    const column::Type& type = output_[batch.columns.size()].type;
    int64_t time_ms = firing_->window_end;
    if (spec_.properties[i] == graph::WindowProperty::kStart) time_ms = windows_.window_start(time_ms);
    if (spec_.properties[i] == graph::WindowProperty::kTime) time_ms -= 1;
    batch.columns.push_back(constant_column(type, time_ms * 1000, entries.size()));
  }
  return batch;
}

// Drops the slices whose last window has fired.
void WindowAggregate::drop_slices() {
  for (const int64_t slice : state_->namespaces()) {
    if (windows_.last_window_end(slice) - 1 > fired_ms_) continue;
    state_->drop(slice);
    for (const auto& distinct : distinct_) {
      if (distinct) distinct->state().drop(slice);
    }
  }
}

}  // namespace raudal::operators
