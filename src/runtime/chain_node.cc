#include "runtime/chain_node.h"

#include <algorithm>

namespace raudal::runtime {

void ChainOutput::emit(column::Batch batch) {
  const size_t num_rows = batch.num_selected();
  if (num_rows == 0) return;
  counters.records_out->add(static_cast<int64_t>(num_rows));
  const size_t num_targets = calls.size() + exchanges.size();
  size_t sent = 0;
  for (const Call& call : calls) {
    column::Batch copy = ++sent == num_targets ? std::move(batch) : batch;
    if (call.forget_hashes) copy.hashes = nullptr;
    call.node->take_batch(call.channel, std::move(copy));
  }
  for (ExchangeWriter* exchange : exchanges) { exchange->emit(++sent == num_targets ? std::move(batch) : batch); }
}

void ChainOutput::emit_watermark(int64_t watermark_ms) {
  // An idle output's watermark would be passed over, and with it the last one.
  if (idle_) emit_idle(false);
  watermark_ms_ = watermark_ms;
  counters.output_watermark->set(watermark_ms);
  for (const Call& call : calls) call.node->take(call.channel, ElementKind::kWatermark, watermark_ms);
  for (ExchangeWriter* exchange : exchanges) exchange->broadcast(ElementKind::kWatermark, watermark_ms);
}

void ChainOutput::emit_idle(bool idle) {
  idle_ = idle;
  for (const Call& call : calls) call.node->take(call.channel, ElementKind::kIdle, idle);
  for (ExchangeWriter* exchange : exchanges) exchange->broadcast(ElementKind::kIdle, idle);
}

void ChainOutput::emit_end() {
  for (const Call& call : calls) call.node->take(call.channel, ElementKind::kEnd, 0);
  for (ExchangeWriter* exchange : exchanges) exchange->broadcast(ElementKind::kEnd, 0);
}

bool ChainOutput::has_room() const {
  if (std::ranges::any_of(reachable_nodes, &ChainNode::blocked)) return false;
  bool room = true;
  for (ExchangeWriter* exchange : reachable_exchanges) room = exchange->has_room() && room;
  return room;
}

ChainNode::ChainNode(ChainNodeSpec spec)
    : spec_(std::move(spec)),
      valve_(static_cast<int>(spec_.input_of_channel.size()), spec_.restored_watermark_ms),
      num_open_(static_cast<int>(spec_.input_of_channel.size())) {
  output_.counters = spec_.counters;
  output_.watermark_ms_ = spec_.restored_watermark_ms;
}

void ChainNode::take_batch(int channel, column::Batch batch) {
  if (blocked_) {
    waiting_.push_back({channel, {.kind = ElementKind::kBatch, .batch = std::move(batch)}});
    return;
  }
  process(channel, std::move(batch));
}

void ChainNode::take(int channel, ElementKind kind, int64_t value) {
  if (blocked_) {
    waiting_.push_back({channel, {.kind = kind, .value = value}});
    return;
  }
  run(channel, kind, value);
}

void ChainNode::process(int channel, column::Batch batch) {
  if (spec_.failure->failed()) return;
  spec_.counters.records_in->add(static_cast<int64_t>(batch.num_selected()));
  // A row's watermark is that of its own input; where inputs meet, the combined one counts.
  if (spec_.input_of_channel.size() > 1) batch.row_watermarks = nullptr;
  Status done = spec_.op->process(spec_.input_of_channel[static_cast<size_t>(channel)], std::move(batch), output_);
  if (!done.ok()) spec_.failure->set(std::move(done).error());
  count_late_records();
}

// The operator counts from its opening on, the counter from the job's beginning.
void ChainNode::count_late_records() {
  if (spec_.counters.late_records == nullptr) return;
  const int64_t late = spec_.op->late_rows_dropped();
  spec_.counters.late_records->add(late - late_records_);
  late_records_ = late;
}

void ChainNode::run(int channel, ElementKind kind, int64_t value) {
  switch (kind) {
    case ElementKind::kWatermark: return advance(valve_.on_watermark(channel, value));
    case ElementKind::kIdle: {
      advance(valve_.on_idle(channel, value != 0));
      if (!blocked_) say_idle();
      return;
    }
    case ElementKind::kEnd: return end_one();
    case ElementKind::kBatch:
    case ElementKind::kBarrier: CHECK(false);
  }
}

void ChainNode::advance(std::optional<int64_t> watermark_ms) {
  if (!watermark_ms) return;
  spec_.counters.input_watermark->set(*watermark_ms);
  advancing_to_ms_ = watermark_ms;
  work();
}

void ChainNode::end_if_without_inputs() {
  if (!spec_.op || num_open_ > 0 || ending_) return;
  ending_ = true;
  advance(INT64_MAX);
}

void ChainNode::end_one() {
  CHECK(num_open_ > 0);
  if (--num_open_ > 0) return;
  ending_ = true;
  work();
}

void ChainNode::source_emits(column::Batch batch) {
  spec_.counters.records_in->add(static_cast<int64_t>(batch.num_selected()));
  output_.emit(std::move(batch));
}

void ChainNode::source_ended() {
  output_.emit_watermark(INT64_MAX);
  output_.emit_end();
  ended_ = true;
}

void ChainNode::say_idle() {
  if (spec_.makes_watermarks || output_.idle() == valve_.idle()) return;
  output_.emit_idle(valve_.idle());
}

// Does what is begun: the watermark, then the end. Blocked when the operator stops for want of room.
void ChainNode::work() {
  blocked_ = false;
  if (spec_.failure->failed()) return;
  if (advancing_to_ms_) {
    const Result<bool> done = spec_.op->advance_watermark(*advancing_to_ms_, output_);
    if (!done.ok()) return spec_.failure->set(done.error());
    blocked_ = !*done;
    if (blocked_) return;
    const int64_t watermark_ms = *advancing_to_ms_;
    advancing_to_ms_.reset();
    if (!spec_.makes_watermarks || watermark_ms == INT64_MAX) output_.emit_watermark(watermark_ms);
  }
  say_idle();
  if (!ending_ || ended_) return;
  const Result<bool> done = spec_.op->end_of_input(output_);
  if (!done.ok()) return spec_.failure->set(done.error());
  blocked_ = !*done;
  if (blocked_) return;
  ended_ = true;
  output_.emit_end();
}

void ChainNode::resume() {
  if (!blocked_) return;
  work();
  while (!blocked_ && !waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.element.kind == ElementKind::kBatch)
      process(next.channel, std::move(next.element.batch));
    else
      run(next.channel, next.element.kind, next.element.value);
  }
}

void ChainNode::tick() {
  if (!spec_.op || ended_ || blocked_ || spec_.failure->failed()) return;
  Status done = spec_.op->tick(output_);
  if (!done.ok()) spec_.failure->set(std::move(done).error());
}

}  // namespace raudal::runtime
