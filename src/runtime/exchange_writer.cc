#include "runtime/exchange_writer.h"

#include <algorithm>

#include "column/hash.h"

namespace raudal::runtime {
namespace {

using column::Batch;
using column::Buffer;
using column::BufferPtr;

template <class T>
BufferPtr gather_values(const BufferPtr& values, const std::vector<uint16_t>& rows) {
  if (!values) return nullptr;
  BufferPtr gathered = Buffer::allocate(rows.size() * sizeof(T));
  const T* from = values->as<T>();
  T* to = gathered->as<T>();
  for (size_t i = 0; i < rows.size(); ++i) to[i] = from[rows[i]];
  return gathered;
}

// The given rows of a batch, without a selection.
Batch gather_rows(const Batch& batch, const std::vector<uint16_t>& rows) {
  Batch part;
  part.num_rows = rows.size();
  part.columns.reserve(batch.columns.size());
  for (const column::Column& column : batch.columns) {
    part.columns.push_back(column::gather(column, rows.data(), rows.size()));
  }
  part.change_kinds = gather_values<uint8_t>(batch.change_kinds, rows);
  part.hashes = gather_values<uint64_t>(batch.hashes, rows);
  return part;
}

// Joins pairs of neighbours until one is left, so that no row is copied more than log(parts) times.
Batch join_parts(std::vector<Batch> parts) {
  while (parts.size() > 1) {
    std::vector<Batch> joined;
    for (size_t i = 0; i + 1 < parts.size(); i += 2) joined.push_back(column::concatenate(parts[i], parts[i + 1]));
    if (parts.size() % 2 == 1) joined.push_back(std::move(parts.back()));
    parts = std::move(joined);
  }
  return std::move(parts.front());
}

}  // namespace

ExchangeWriter::ExchangeWriter(ExchangeRoute route)
    : route_(std::move(route)),
      small_rows_(std::min(kSmallRows, route_.batch_rows_max)),
      rows_(route_.targets.size()),
      waiting_(route_.targets.size()),
      next_(static_cast<size_t>(route_.subtask)) {
  if (route_.exchange != graph::Exchange::kHash) return;
  const int num_targets = static_cast<int>(route_.targets.size());
  for (int group = 0; group < route_.max_parallelism; ++group) {
    const int target = column::subtask_of_key_group(KeyGroup(group), num_targets, route_.max_parallelism);
    target_of_group_.push_back(static_cast<uint16_t>(target));
  }
}

bool ExchangeWriter::has_room() {
  // Each is asked, so that each that is full wakes this slot.
  bool room = true;
  for (Channel* target : route_.targets) room = target->has_room() && room;
  return room;
}

int64_t ExchangeWriter::bytes_sent() const {
  int64_t bytes = 0;
  for (const Channel* target : route_.targets) bytes += target->bytes_pushed();
  return bytes;
}

void ExchangeWriter::emit(Batch batch) {
  if (batch.num_selected() == 0 || route_.targets.empty()) return;
  batch.row_watermarks = nullptr;
  if (route_.exchange == graph::Exchange::kHash) return emit_by_hash(std::move(batch));
  batch.hashes = nullptr;
  if (batch.selection.rows) batch = column::flatten(batch);
  size_t target = 0;
  if (route_.exchange == graph::Exchange::kRebalance) target = next_++ % route_.targets.size();
  send_part(target, std::move(batch));
}

void ExchangeWriter::emit_by_hash(Batch batch) {
  std::vector<column::Column> keys;
  for (const int key : route_.keys) keys.push_back(batch.columns[static_cast<size_t>(key)]);
  batch.hashes = Buffer::allocate(batch.num_rows * sizeof(uint64_t));
  uint64_t* hashes = batch.hashes->as<uint64_t>();
  column::hash_rows(keys, batch.num_rows, hashes);
  for (auto& rows : rows_) rows.clear();
  const auto place = [&](size_t row) {
    const KeyGroup group = column::key_group_of(hashes[row], route_.max_parallelism);
    rows_[target_of_group_[static_cast<size_t>(group.value())]].push_back(static_cast<uint16_t>(row));
  };
  if (batch.selection.rows) {
    const uint16_t* selected = batch.selection.rows->as<uint16_t>();
    for (size_t i = 0; i < batch.selection.size; ++i) place(selected[i]);
  } else {
    for (size_t row = 0; row < batch.num_rows; ++row) place(row);
  }
  for (size_t target = 0; target < rows_.size(); ++target) {
    if (rows_[target].empty()) continue;
    if (rows_[target].size() == batch.num_rows) return send_part(target, std::move(batch));
    send_part(target, gather_rows(batch, rows_[target]));
  }
}

void ExchangeWriter::send_part(size_t target, Batch part) {
  Waiting& waiting = waiting_[target];
  // A selection of all rows in order is none.
  part.selection = {};
  if (part.num_rows >= small_rows_) {
    send_waiting(target);
    return push(target, std::move(part));
  }
  if (waiting.parts.empty()) waiting.since_ns = now_ns_;
  waiting.num_rows += part.num_rows;
  waiting.parts.push_back(std::move(part));
  if (waiting.num_rows >= small_rows_) send_waiting(target);
}

void ExchangeWriter::send_waiting(size_t target) {
  Waiting& waiting = waiting_[target];
  if (waiting.parts.empty()) return;
  push(target, join_parts(std::move(waiting.parts)));
  waiting = {};
}

void ExchangeWriter::push(size_t target, Batch batch) {
  route_.targets[target]->push({.kind = ElementKind::kBatch, .batch = std::move(batch)});
}

void ExchangeWriter::flush(int64_t now_ns, bool all) {
  now_ns_ = now_ns;
  for (size_t target = 0; target < waiting_.size(); ++target) {
    const Waiting& waiting = waiting_[target];
    if (!waiting.parts.empty() && (all || now_ns - waiting.since_ns >= kLingerNs)) send_waiting(target);
  }
}

void ExchangeWriter::broadcast(ElementKind kind, int64_t value) {
  for (size_t target = 0; target < waiting_.size(); ++target) {
    send_waiting(target);
    route_.targets[target]->push({.kind = kind, .value = value});
  }
}

}  // namespace raudal::runtime
