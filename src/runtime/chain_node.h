// One operator within a task: takes what its inputs say, runs the operator, calls those behind it.
//
// An operator may stop in the middle of a watermark or of its end because there is no room behind it. Until it has
// been resumed, what arrives for it waits here in order, and the task takes no new input.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "column/batch.h"
#include "obs/metrics.h"
#include "operators/operator.h"
#include "runtime/exchange_writer.h"
#include "runtime/watermark_valve.h"

namespace raudal::runtime {

class ChainNode;

// The first error of a task; after it all rows are dropped until the task is torn down.
class TaskFailure {
 public:
  bool failed() const { return error_.has_value(); }
  const Error& error() const { return *error_; }
  void set(Error error) {
    if (!error_) error_ = std::move(error);
  }

 private:
  std::optional<Error> error_;
};

// What a node counts.
struct NodeCounters {
  obs::Counter* records_in = nullptr;
  obs::Counter* records_out = nullptr;
  obs::Counter* records_in_errors = nullptr;  // sources: records that did not decode and were left out
  obs::Gauge* input_watermark = nullptr;
  obs::Gauge* output_watermark = nullptr;
  obs::Counter* late_records = nullptr;  // null where the operator drops none
};

// Where a node's rows go: calls to nodes of the same task, and exchanges.
class ChainOutput final : public operators::Output {
 public:
  struct Call {
    ChainNode* node = nullptr;
    int channel = 0;             // of that node
    bool forget_hashes = false;  // an exchange that became a call: the hashes are of other keys
  };

  void emit(column::Batch batch) override;
  void emit_watermark(int64_t watermark_ms) override;
  void emit_idle(bool idle) override;
  bool has_room() const override;
  void emit_end();
  bool idle() const { return idle_; }
  int64_t watermark_ms() const { return watermark_ms_; }

  std::vector<Call> calls;
  std::vector<ExchangeWriter*> exchanges;
  // All that a row may come to within this task: asked by has_room().
  std::vector<ExchangeWriter*> reachable_exchanges;
  std::vector<ChainNode*> reachable_nodes;
  NodeCounters counters;

 private:
  friend class ChainNode;

  bool idle_ = false;
  int64_t watermark_ms_ = INT64_MIN;
};

// How a node is made.
struct ChainNodeSpec {
  int node = 0;  // in the job graph
  std::string name;
  std::unique_ptr<operators::Operator> op;  // null: a source, which has no inputs
  std::vector<int> input_of_channel;        // the operator's input that each channel is of
  bool makes_watermarks = false;            // of those before it only the last one passes
  int64_t restored_watermark_ms = INT64_MIN;
  NodeCounters counters;
  TaskFailure* failure = nullptr;
};

// See the head of this file.
class ChainNode {
 public:
  explicit ChainNode(ChainNodeSpec spec);

  void take_batch(int channel, column::Batch batch);
  void take(int channel, ElementKind kind, int64_t value);

  // A subtask that nothing is sent to, not being a source, is at its end from the beginning.
  void end_if_without_inputs();

  bool blocked() const { return blocked_; }
  void resume();
  void tick();
  // Sources only.
  void source_emits(column::Batch batch);
  void source_ended();

  bool ended() const { return ended_; }
  // The watermark that the operator has seen or, where it makes them, sent.
  int64_t output_watermark_ms() const { return spec_.makes_watermarks ? output_.watermark_ms() : valve_.combined_ms(); }
  int node() const { return spec_.node; }
  operators::Operator* op() { return spec_.op.get(); }
  ChainOutput& output() { return output_; }

 private:
  // Something that arrived while the operator was blocked.
  struct Waiting {
    int channel = 0;
    Element element;
  };

  void process(int channel, column::Batch batch);
  void run(int channel, ElementKind kind, int64_t value);
  void count_late_records();
  void advance(std::optional<int64_t> watermark_ms);
  void end_one();
  void say_idle();
  void work();

  ChainNodeSpec spec_;
  ChainOutput output_;
  WatermarkValve valve_;
  int num_open_;  // inputs that have not ended
  bool blocked_ = false;
  int64_t late_records_ = 0;  // what the counter has of them
  std::optional<int64_t> advancing_to_ms_;  // a watermark that the operator is at work on
  bool ending_ = false;
  bool ended_ = false;
  std::deque<Waiting> waiting_;
};

}  // namespace raudal::runtime
