// One subtask of a task: a tree of operators that call each other, its sources or input channels, and its part in
// checkpoints. Stepped by its slot, on one thread; a step takes one bounded piece of work and never waits.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/source.h"
#include "runtime/barrier_board.h"
#include "runtime/built_in_operators.h"
#include "runtime/chain_node.h"
#include "runtime/job_event.h"
#include "runtime/snapshot_drain.h"
#include "runtime/state_store.h"

namespace raudal::runtime {

// A channel into this task, for one input channel of one of its nodes.
struct TaskInput {
  Channel* channel = nullptr;
  ChainNode* node = nullptr;
  int node_channel = 0;
  bool ended = false;
  int64_t barrier = 0;  // sequence that this input has reached; it is not read until the others have
};

// A node and all that belongs to it. Which members are set says what it is.
struct TaskNode {
  std::unique_ptr<ChainNode> chain;
  std::unique_ptr<connector::SourceReader> reader;  // sources
  connector::SourceContext source_context;
  SinkOperator* sink = nullptr;             // sinks; owned by the chain node
  std::unique_ptr<StateStore> store;        // operators
  operators::OperatorContext context;       // all but sources
  bool keeps_watermark = false;             // its watermark goes into checkpoints
  int64_t next_read_ns = 0;                 // sources
  obs::Counter* skipped_records = nullptr;  // sources
  int64_t num_skipped = 0;                  // of them, those counted
};

// Time that a task has spent, for Flink's busy, back-pressured and idle rates.
struct TaskTimes {
  obs::Counter* busy_ns = nullptr;
  obs::Counter* back_pressured_ns = nullptr;
  obs::Counter* idle_ns = nullptr;
  obs::Counter* bytes_out = nullptr;
};

// How a task is made. All that is borrowed outlives it.
struct TaskSpec {
  SubtaskId id;
  std::string name;  // "Calc(…) (1/2)"
  std::vector<std::unique_ptr<ExchangeWriter>> writers;
  std::vector<TaskNode> nodes;  // in topological order
  std::vector<TaskInput> inputs;
  TaskTimes times;
  std::unique_ptr<TaskFailure> failure;
  const BarrierBoard* board = nullptr;
  DrainEnvironment drain;
};

enum class StepOutcome { kProgress, kBackPressured, kIdle };

// See the head of this file.
class Task {
 public:
  explicit Task(TaskSpec spec) : spec_(std::move(spec)) {}

  Status open();
  StepOutcome step(int64_t now_ns);
  // About every 100 ms.
  void tick();
  // Before the slot sleeps: sends what waits for company. True when something was sent.
  void flush() { flush_writers(true); }
  // When a source wants to be asked next; INT64_MAX: not by time.
  int64_t next_read_ns() const;

  bool failed() const { return spec_.failure->failed(); }
  const Error& error() const { return spec_.failure->error(); }
  bool ended() const;
  const std::string& name() const { return spec_.name; }
  SubtaskId id() const { return spec_.id; }
  size_t state_bytes() const;

 private:
  StepOutcome work(int64_t now_ns);
  bool room();
  bool resume();
  bool blocked() const;
  bool barrier_is_due() const;
  Status pass_barrier();
  Result<std::vector<NodeSnapshot>> snapshot_nodes(const BarrierRequest& request);
  bool read_channels();
  bool read_one(TaskInput& input);
  bool read_sources(int64_t now_ns);
  void read_source(TaskNode& node, int64_t now_ns);
  void flush_writers(bool all);
  void account(StepOutcome outcome);

  TaskSpec spec_;
  int64_t now_ns_ = 0;
  int64_t accounted_until_ns_ = 0;
  int64_t last_barrier_ = 0;  // sequence
  int64_t stopped_by_ = 0;    // sequence of the barrier behind which sources stopped; 0: they run
  size_t next_input_ = 0;
  size_t next_source_ = 0;
  int64_t bytes_sent_ = 0;
  std::unique_ptr<SnapshotDrain> drain_;

 public:
  // The task's part of the current checkpoint, stepped by the slot; null when there is none.
  SnapshotDrain* drain() { return drain_.get(); }
  void drained() { drain_.reset(); }
};

}  // namespace raudal::runtime
