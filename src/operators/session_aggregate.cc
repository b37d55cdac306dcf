#include "operators/session_aggregate.h"

#include <algorithm>

#include <fmt/core.h>

#include "operators/event_time.h"
#include "operators/window_table_function.h"

namespace raudal::operators {

using column::Batch;
using column::Buffer;
using column::Column;
using column::ColumnBuilder;
using column::Type;
using state::EntryId;
using state::kNoEntry;

SessionAggregate::SessionAggregate(const graph::Node& node, const graph::WindowAggregateSpec& spec,
                                   column::Schema input, AggregateList aggregates)
    : spec_(spec),
      input_(std::move(input)),
      output_(node.output),
      aggregates_(std::move(aggregates)),
      key_hashes_(node, spec.keys),
      gap_ms_(spec.window.size_ms) {}

Result<std::unique_ptr<Operator>> SessionAggregate::make(const graph::JobGraph& graph, int node_index) {
  const graph::Node& node = graph.nodes[static_cast<size_t>(node_index)];
  const auto& spec = std::get<graph::WindowAggregateSpec>(node.spec);
  const graph::Node& before = graph.nodes[static_cast<size_t>(node.inputs[0].node)];
  TRY(check_keys(spec.keys, before.output));
  if (!before.append_only) {
    return Error(ErrorCode::kSqlUnsupported, "Window aggregate cannot consume updates and deletes: " + before.name);
  }
  auto aggregates = TRY(AggregateList::make(spec.aggregates, before.output, false, sizeof(Session)));
  for (size_t i = 0; i < aggregates.size(); ++i) {
    if (!aggregates.wants_distinct(i)) continue;
    return Error(ErrorCode::kSqlUnsupported,
                 "DISTINCT is not supported in SESSION windows: " + spec.aggregates[i].name);
  }
  return std::unique_ptr<Operator>(new SessionAggregate(node, spec, before.output, std::move(aggregates)));
}

Status SessionAggregate::open(const OperatorContext& context) {
  batch_rows_max_ = context.batch_rows_max;
  fired_ms_ = context.restored_watermark_ms;
  TRY(check_window_zone(input_[static_cast<size_t>(spec_.window.rowtime_column)].type, context.time_zone));
  state::StateSchema schema{.value_width = aggregates_.value_width(), .num_byte_strings = aggregates_.num_strings()};
  for (const int key : spec_.keys) schema.keys.push_back(input_[static_cast<size_t>(key)].type);
  state::StateSchema heads{.keys = schema.keys, .value_width = 8, .description = "sessions of a key"};
  head_state_ = std::make_unique<state::KeyedState>(std::move(heads), context.key_groups, context.max_parallelism);
  heads_ = &head_state_->table(0);
  schema.num_partition_keys = static_cast<int>(schema.keys.size());
  schema.keys.push_back(Type(column::TypeKind::kBigInt));
  schema.description =
      fmt::format("sessions of {} ms; {}", gap_ms_, describe_state(spec_.keys, spec_.aggregates, input_));
  state_ = TRY(context.state->keyed_state("sessions", std::move(schema)));
  sessions_ = &state_->table(0);
  restore_lists();
  return {};
}

// Links the sessions that were restored to their keys.
void SessionAggregate::restore_lists() {
  std::vector<EntryId> entries(column::kBatchRowsMax);
  std::vector<EntryId> heads(entries.size());
  uint32_t cursor = 0;
  while (const size_t n = sessions_->scan(&cursor, entries)) {
    std::vector<ColumnBuilder> builders;
    for (const Type& type : state_->schema().keys) builders.emplace_back(type, n);
    sessions_->read_keys(std::span(entries).first(n), builders);
    Batch batch{.num_rows = n};
    batch.columns.resize(input_.size());
    for (size_t i = 0; i < spec_.keys.size(); ++i) {
      batch.columns[static_cast<size_t>(spec_.keys[i])] = builders[i].finish();
    }
    heads_->find_or_insert(pick(batch, spec_.keys), key_hashes_.of(batch), n, heads.data(), nullptr);
    for (size_t i = 0; i < n; ++i) {
      Session& restored = session(entries[i]);
      EntryId& first = first_of(heads[i]);
      restored.head = heads[i];
      // A head's value is zero at first, and lists hold entry + 1, so that zero is the end.
      restored.next = first;
      first = entries[i] + 1;
      endings_.push({restored.end_ms, entries[i], restored.id_ms});
    }
  }
}

Status SessionAggregate::process(int, Batch batch, Output&) {
  const std::span<const uint16_t> rows = positions_.of(batch);
  if (rows.empty()) return {};
  const uint64_t* hashes = key_hashes_.of(batch);
  const int64_t* watermarks = batch.row_watermarks ? batch.row_watermarks->as<int64_t>() : nullptr;
  const Column& rowtime = batch.columns[static_cast<size_t>(spec_.window.rowtime_column)];
  row_heads_.resize(rows.size());
  heads_->find_or_insert(pick(batch, spec_.keys), hashes, rows, row_heads_.data(), nullptr);
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint16_t row = rows[i];
    if (!rowtime.is_valid(row)) continue;
    const int64_t watermark = watermarks ? std::max(watermarks[row], fired_ms_) : fired_ms_;
    const EntryId entry = session_of(batch, row, row_heads_[i], hashes[row], watermark);
    if (entry == kNoEntry) {
      ++late_rows_dropped_;
      continue;
    }
    pending_rows_.push_back(row);
    pending_sessions_.push_back(entry);
  }
  add_pending(batch);
  // Keys without a session, whose rows were late, leave nothing behind.
  for (const EntryId head : row_heads_) {
    if (first_of(head) == 0) {
      first_of(head) = kNoEntry;
      heads_->erase(head);
    }
  }
  return {};
}

// The session that a row belongs to: all open ones that it touches become one. kNoEntry: the row is late.
EntryId SessionAggregate::session_of(const Batch& batch, uint16_t row, EntryId head, uint64_t hash,
                                     int64_t watermark_ms) {
  const Column& rowtime = batch.columns[static_cast<size_t>(spec_.window.rowtime_column)];
  const int64_t start_ms = micros_to_millis(rowtime.data<int64_t>()[row]);
  int64_t end_ms = start_ms + gap_ms_;
  EntryId found = kNoEntry;
  for (EntryId link = first_of(head); link != 0;) {
    const EntryId entry = link - 1;
    const Session& each = session(entry);
    link = each.next;
    const bool open = each.end_ms - 1 > watermark_ms;
    if (!open || each.start_ms > end_ms || each.end_ms < start_ms) continue;
    if (found != kNoEntry) {
      add_pending(batch);
      join(found, entry);
      continue;
    }
    found = entry;
  }
  if (found == kNoEntry) {
    return end_ms - 1 <= watermark_ms ? kNoEntry : begin_session(batch, row, head, hash, start_ms);
  }
  sessions_->touch(found);
  Session& stretched = session(found);
  stretched.start_ms = std::min(stretched.start_ms, start_ms);
  stretched.end_ms = std::max(stretched.end_ms, end_ms);
  return found;
}

EntryId SessionAggregate::begin_session(const Batch& batch, uint16_t row, EntryId head, uint64_t hash,
                                        int64_t time_ms) {
  std::vector<Column> keys;
  for (const int key : spec_.keys) keys.push_back(gather(batch.columns[static_cast<size_t>(key)], &row, 1));
  Column id{.type = Type(column::TypeKind::kBigInt), .size = 1, .values = Buffer::allocate(sizeof(int64_t))};
  id.values->as<int64_t>()[0] = time_ms;
  keys.push_back(std::move(id));
  uint64_t session_hash = 0;
  column::hash_rows(keys, 1, &session_hash);
  session_hash = state::partitioned_hash(hash, session_hash);
  EntryId entry = kNoEntry;
  uint8_t inserted = 0;
  sessions_->find_or_insert(keys, &session_hash, 1, &entry, &inserted);
  CHECK(inserted != 0);
  session(entry) = {.start_ms = time_ms, .end_ms = time_ms + gap_ms_, .id_ms = time_ms, .head = head,
                    .next = first_of(head)};
  first_of(head) = entry + 1;
  endings_.push({time_ms + gap_ms_, entry, time_ms});
  return entry;
}

// Rows reach the accumulators together, but before sessions are joined.
void SessionAggregate::add_pending(const Batch& batch) {
  if (pending_rows_.empty()) return;
  sessions_->touch_many(pending_sessions_);
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    const int8_t* ops = aggregates_.ops(batch, pending_rows_, i, nullptr);
    aggregates_[i].accumulate(*sessions_, {.rows = pending_rows_, .entries = pending_sessions_.data(), .ops = ops},
                              aggregates_.argument(batch, i));
  }
  pending_rows_.clear();
  pending_sessions_.clear();
}

void SessionAggregate::join(EntryId into, EntryId from) {
  sessions_->touch(into);
  for (size_t i = 0; i < aggregates_.size(); ++i) aggregates_[i].merge(*sessions_, {&into, 1}, *sessions_, &from);
  Session& joined = session(into);
  joined.start_ms = std::min(joined.start_ms, session(from).start_ms);
  joined.end_ms = std::max(joined.end_ms, session(from).end_ms);
  erase(from);
}

void SessionAggregate::unlink(EntryId entry) {
  const Session& gone = session(entry);
  EntryId* link = &first_of(gone.head);
  while (*link != entry + 1) {
    CHECK(*link != 0);
    link = &session(*link - 1).next;
  }
  *link = gone.next;
}

void SessionAggregate::erase(EntryId entry) {
  unlink(entry);
  sessions_->erase(entry);
  session(entry).end_ms = INT64_MIN;   // so that no Ending takes it for a session
}

// The sessions that end with the watermark. An ending that is out of date is noted anew.
void SessionAggregate::collect_due(int64_t watermark_ms) {
  while (!endings_.empty() && endings_.top().end_ms - 1 <= watermark_ms) {
    const Ending ending = endings_.top();
    endings_.pop();
    const Session& each = session(ending.entry);
    if (each.end_ms == INT64_MIN || each.id_ms != ending.id_ms) continue;
    if (each.end_ms == ending.end_ms) due_.push_back(ending.entry);
    else endings_.push({each.end_ms, ending.entry, ending.id_ms});
  }
}

Result<bool> SessionAggregate::advance_watermark(int64_t watermark_ms, Output& out) {
  if (due_.empty()) collect_due(watermark_ms);
  while (next_due_ < due_.size()) {
    if (!out.has_room()) return false;
    const size_t count = std::min(batch_rows_max_, due_.size() - next_due_);
    const std::span<const EntryId> entries(&due_[next_due_], count);
    out.emit(results(entries));
    for (const EntryId entry : entries) {
      const EntryId head = session(entry).head;
      erase(entry);
      if (first_of(head) == 0) {
        first_of(head) = kNoEntry;
        heads_->erase(head);
      }
    }
    next_due_ += count;
  }
  due_.clear();
  next_due_ = 0;
  fired_ms_ = std::max(fired_ms_, watermark_ms);
  return true;
}

Batch SessionAggregate::results(std::span<const EntryId> entries) {
  Batch batch{.num_rows = entries.size()};
  std::vector<ColumnBuilder> keys;
  for (const Type& type : state_->schema().keys) keys.emplace_back(type, entries.size());
  sessions_->read_keys(entries, keys);
  for (size_t i = 0; i < spec_.keys.size(); ++i) batch.columns.push_back(keys[i].finish());
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    batch.columns.push_back(aggregates_[i].results(*sessions_, entries));
  }
  for (const graph::WindowProperty property : spec_.properties) {
    Column column{.type = output_[batch.columns.size()].type, .size = entries.size(),
                  .values = Buffer::allocate(entries.size() * sizeof(int64_t))};
    for (size_t i = 0; i < entries.size(); ++i) {
      const Session& each = session(entries[i]);
      int64_t time_ms = property == graph::WindowProperty::kStart ? each.start_ms : each.end_ms;
      if (property == graph::WindowProperty::kTime) time_ms -= 1;
      column.values->as<int64_t>()[i] = time_ms * 1000;
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

}  // namespace raudal::operators
