#include "runtime/task.h"

#include <algorithm>
#include <ranges>

#include "base/failpoint.h"

namespace raudal::runtime {
namespace {

// Elements that one step takes from channels: enough to spare the slot's loop, few enough to share it.
constexpr int kElementsPerStep = 8;

}  // namespace

Status Task::open() {
  // Consumers first, as in Flink: what a node emits on opening finds its receiver open.
  for (TaskNode& node : spec_.nodes | std::views::reverse) {
    if (node.reader) {
      TRY(node.reader->open(node.source_context));
    } else {
      node.context.state = node.store.get();
      TRY(node.chain->op()->open(node.context));
      TRY(node.store->check_all_restored());
    }
  }
  for (TaskNode& node : spec_.nodes) node.chain->end_if_without_inputs();
  accounted_until_ns_ = spec_.drain.clock->monotonic_ns();
  return {};
}

StepOutcome Task::step(int64_t now_ns) {
  now_ns_ = now_ns;
  const StepOutcome outcome = work(now_ns);
  account(outcome);
  return outcome;
}

StepOutcome Task::work(int64_t now_ns) {
  if (failed()) return StepOutcome::kIdle;
  flush_writers(false);
  bool progress = false;
  if (blocked()) {
    if (!room()) return StepOutcome::kBackPressured;
    progress = resume();
    if (blocked()) return progress ? StepOutcome::kProgress : StepOutcome::kBackPressured;
  }
  if (barrier_is_due()) {
    Status passed = pass_barrier();
    if (!passed.ok()) spec_.failure->set(std::move(passed).error());
    return StepOutcome::kProgress;
  }
  if (!room()) return StepOutcome::kBackPressured;
  progress = read_channels() || progress;
  progress = read_sources(now_ns) || progress;
  return progress ? StepOutcome::kProgress : StepOutcome::kIdle;
}

bool Task::room() {
  bool room = true;
  for (auto& writer : spec_.writers) room = writer->has_room() && room;
  return room;
}

bool Task::blocked() const {
  return std::ranges::any_of(spec_.nodes, [](const TaskNode& node) { return node.chain->blocked(); });
}

// Those behind first: what stands before a blocked node would only add to what waits there.
bool Task::resume() {
  bool progress = false;
  for (TaskNode& node : spec_.nodes | std::views::reverse) {
    if (!node.chain->blocked()) continue;
    node.chain->resume();
    progress = progress || !node.chain->blocked();
    if (node.chain->blocked() || failed()) break;
  }
  return progress;
}

bool Task::ended() const {
  return std::ranges::all_of(spec_.nodes, [](const TaskNode& node) { return node.chain->ended(); });
}

bool Task::barrier_is_due() const {
  const int64_t sequence = spec_.board->requested();
  if (sequence <= last_barrier_ || sequence <= spec_.board->given_up()) return false;
  return std::ranges::all_of(spec_.inputs,
                             [&](const TaskInput& input) { return input.ended || input.barrier == sequence; });
}

Status Task::pass_barrier() {
  const PauseWatch watch(*spec_.drain.clock);
  const std::shared_ptr<const BarrierRequest> request = spec_.board->current();
  // The board may have moved on; then this one is stale and the next step looks anew.
  if (std::ranges::any_of(spec_.inputs,
                          [&](const TaskInput& input) { return !input.ended && input.barrier != request->sequence; })) {
    return {};
  }
  FAILPOINT("barrier.seen");
  last_barrier_ = request->sequence;
  drain_.reset();
  for (auto& writer : spec_.writers) writer->broadcast(ElementKind::kBarrier, request->sequence);
  BarrierPassed passed{.from = spec_.id, .sequence = request->sequence};
  passed.nodes = TRY(snapshot_nodes(*request));
  spec_.drain.events->push({spec_.drain.attempt, std::move(passed)});
  std::vector<DrainedState> states;
  for (TaskNode& node : spec_.nodes) {
    if (!node.store || request->directory.empty()) continue;
    for (const auto& [name, state] : node.store->states()) {
      state->begin_snapshot(request->kind);
      states.push_back({.node = node.chain->node(), .name = name, .state = state.get()});
    }
  }
  if (request->stop_sources) stopped_by_ = request->sequence;
  for (TaskInput& input : spec_.inputs) input.barrier = 0;
  CheckpointPause pause;
  watch.note(&pause);
  drain_ = std::make_unique<SnapshotDrain>(spec_.drain, request, spec_.id, std::move(states), pause);
  return {};
}

Result<std::vector<NodeSnapshot>> Task::snapshot_nodes(const BarrierRequest& request) {
  std::vector<NodeSnapshot> snapshots;
  for (TaskNode& node : spec_.nodes) {
    NodeSnapshot snapshot{.node = node.chain->node()};
    if (node.reader) snapshot.items = TRY(node.reader->snapshot());
    if (node.sink) snapshot.committables = TRY(node.sink->writer().prepare_commit(CheckpointId(request.sequence)));
    if (node.keeps_watermark) snapshot.watermark_ms = node.chain->output_watermark_ms();
    snapshots.push_back(std::move(snapshot));
  }
  return snapshots;
}

bool Task::read_channels() {
  bool progress = false;
  for (int taken = 0; taken < kElementsPerStep && !spec_.inputs.empty(); ++taken) {
    if (taken > 0 && (failed() || blocked() || !room())) break;
    bool found = false;
    for (size_t tried = 0; tried < spec_.inputs.size() && !found; ++tried) {
      found = read_one(spec_.inputs[next_input_]);
      next_input_ = (next_input_ + 1) % spec_.inputs.size();
    }
    if (!found) break;
    progress = true;
    if (barrier_is_due()) break;
  }
  return progress;
}

bool Task::read_one(TaskInput& input) {
  if (input.ended) return false;
  if (input.barrier != 0) {
    // A barrier that was given up, or overtaken by a newer one, holds nobody back.
    const bool stale = input.barrier <= spec_.board->given_up() || input.barrier <= last_barrier_;
    if (!stale) return false;
    input.barrier = 0;
  }
  Element* const front = input.channel->front();
  if (!front) return false;
  Element element = std::move(*front);
  element.bytes = front->bytes;
  input.channel->pop();
  switch (element.kind) {
    case ElementKind::kBatch: input.node->take_batch(input.node_channel, std::move(element.batch)); break;
    case ElementKind::kBarrier: input.barrier = element.value; break;
    case ElementKind::kEnd: input.ended = true; [[fallthrough]];
    case ElementKind::kWatermark:
    case ElementKind::kIdle: input.node->take(input.node_channel, element.kind, element.value);
  }
  return true;
}

bool Task::read_sources(int64_t now_ns) {
  if (stopped_by_ != 0) {
    if (spec_.board->given_up() < stopped_by_) return false;
    stopped_by_ = 0;
  }
  // A step takes one batch from one source, in turn.
  for (size_t tried = 0; tried < spec_.nodes.size(); ++tried) {
    TaskNode& node = spec_.nodes[next_source_];
    next_source_ = (next_source_ + 1) % spec_.nodes.size();
    if (!node.reader || node.chain->ended()) continue;
    if (spec_.board->sources_end()) {
      node.chain->source_ended();
      return true;
    }
    if (now_ns < node.next_read_ns) continue;
    read_source(node, now_ns);
    if (node.next_read_ns == 0 || node.chain->ended() || failed()) return true;
  }
  return false;
}

void Task::read_source(TaskNode& node, int64_t now_ns) {
  Result<connector::ReadResult> read = node.reader->read();
  if (!read.ok()) return spec_.failure->set(std::move(read).error());
  node.next_read_ns = 0;
  const int64_t num_skipped = node.reader->counts().skipped_records;
  node.skipped_records->add(num_skipped - node.num_skipped);
  node.num_skipped = num_skipped;
  switch (read->state) {
    case connector::ReadState::kBatch: node.chain->source_emits(std::move(read->batch)); break;
    case connector::ReadState::kNothing:
      node.next_read_ns = now_ns + int64_t{std::max(read->idle_ms, 1)} * 1'000'000;
      break;
    case connector::ReadState::kEnd: node.chain->source_ended(); break;
  }
}

int64_t Task::next_read_ns() const {
  int64_t next = INT64_MAX;
  if (stopped_by_ != 0 || failed()) return next;
  for (const TaskNode& node : spec_.nodes) {
    if (node.reader && !node.chain->ended()) next = std::min(next, node.next_read_ns);
  }
  return next;
}

void Task::tick() {
  // Nothing may come behind the barrier of a stop, not even what time alone brings about.
  if (failed() || blocked() || stopped_by_ != 0) return;
  for (TaskNode& node : spec_.nodes) {
    if (node.chain->output().has_room()) node.chain->tick();
  }
}

void Task::flush_writers(bool all) {
  int64_t bytes = 0;
  for (auto& writer : spec_.writers) {
    writer->flush(now_ns_, all);
    bytes += writer->bytes_sent();
  }
  obs::Counter& counter = *spec_.times.bytes_out;
  if (bytes_sent_ != bytes) counter.add(bytes - bytes_sent_);
  bytes_sent_ = bytes;
}

void Task::account(StepOutcome outcome) {
  const int64_t now_ns = spec_.drain.clock->monotonic_ns();
  obs::Counter* const counter = outcome == StepOutcome::kProgress        ? spec_.times.busy_ns
                                : outcome == StepOutcome::kBackPressured ? spec_.times.back_pressured_ns
                                                                         : spec_.times.idle_ns;
  counter->add(now_ns - accounted_until_ns_);
  accounted_until_ns_ = now_ns;
}

size_t Task::state_bytes() const {
  size_t bytes = 0;
  for (const TaskNode& node : spec_.nodes) bytes += node.store ? node.store->memory_bytes() : 0;
  return bytes;
}

}  // namespace raudal::runtime
