// What every operator is: a function of (batch, state). A slot steps it, on one thread; it never blocks.
// Specs come from graph/job_graph.h; make_operator() is the one list of kinds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "column/batch.h"
#include "column/hash.h"
#include "expr/evaluator.h"
#include "graph/job_graph.h"
#include "state/keyed_state.h"

namespace raudal::operators {

// Where an operator's rows go. emit() always takes the batch; has_room() says whether another is welcome.
class Output {
 public:
  virtual ~Output() = default;
  virtual void emit(column::Batch batch) = 0;
  virtual void emit_watermark(int64_t watermark_ms) = 0;   // only operators that make watermarks call it
  // Likewise: no rows for a while (idle), or rows again. Those behind leave an idle input out of their minimum.
  virtual void emit_idle(bool idle) {}
  virtual bool has_room() const = 0;
};

// Gives an operator its keyed state, restored where there is something to restore. `name` is unique in the operator.
class StateProvider {
 public:
  virtual ~StateProvider() = default;
  virtual Result<state::KeyedState*> keyed_state(const std::string& name, state::StateSchema schema) = 0;
};

// What an operator is told when it opens: its place among the subtasks, and its state.
struct OperatorContext {
  int subtask = 0;
  int parallelism = 1;
  int max_parallelism = 128;
  column::KeyGroupRange key_groups;
  const Clock* clock = nullptr;
  StateProvider* state = nullptr;
  size_t batch_rows_max = column::kBatchRowsMax;
  std::string time_zone = "UTC";
  int64_t restored_watermark_ms = INT64_MIN;   // of this operator in the restored checkpoint, the least of its subtasks
};

// One subtask of one node of the job graph, stepped by its slot.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual Status open(const OperatorContext& context) = 0;

  // Takes a batch that may carry a selection.
  virtual Status process(int input, column::Batch batch, Output& out) = 0;

  // The combined watermark has advanced. Returns false when it stopped because the output has no room: it is called
  // again with the same watermark. The watermark is passed on only when it returns true. INT64_MAX is the last one.
  virtual Result<bool> advance_watermark(int64_t watermark_ms, Output& out) { return true; }

  // All inputs have ended, after the last watermark. False: call again.
  virtual Result<bool> end_of_input(Output& out) { return true; }

  // Between batches, about every 100 ms: processing-time work such as periodic watermarks.
  virtual Status tick(Output& out) { return {}; }

  // Flink's metric numLateRecordsDropped.
  virtual int64_t late_rows_dropped() const { return 0; }
};

// The operator of a node; kSqlUnsupported for what the engine cannot run. Sources, sinks, unions and collects are the
// runtime's own.
Result<std::unique_ptr<Operator>> make_operator(const graph::JobGraph& graph, int node);

}  // namespace raudal::operators
