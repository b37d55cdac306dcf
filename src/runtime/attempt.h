// One execution of a job, from the opening of its tasks to their end or failure: slots, tasks, channels. A restart
// makes a new attempt. Made, started and stopped by the control loop.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "runtime/barrier_board.h"
#include "runtime/io_thread.h"
#include "runtime/job.h"
#include "runtime/job_metrics.h"
#include "runtime/restore_point.h"
#include "runtime/slot.h"
#include "runtime/task_plan.h"

namespace raudal::runtime {

// A job's tables, opened: by node, null where the node is something else. Immutable, shared by all attempts.
struct OpenedTables {
  std::vector<std::unique_ptr<connector::Source>> sources;
  std::vector<std::unique_ptr<connector::Sink>> sinks;
  bool bounded = true;  // all sources are
};
Result<OpenedTables> open_tables(const JobConfig& config);

// What an attempt is made of. All outlives it.
struct AttemptContext {
  const JobConfig* config = nullptr;
  const OpenedTables* tables = nullptr;
  const TaskPlan* plan = nullptr;
  JobMetrics* metrics = nullptr;
  JobEventQueue* events = nullptr;
  column::MemoryTracker* memory = nullptr;
  RestoredNodes restored;
  bool is_restored = false;
  int64_t number = 1;                                             // of the attempt
  std::function<void(int node, const column::Batch&)> on_result;  // thread-safe
};

// The identity that sinks of an attempt name their parts by: unlike that of every other attempt of the run.
RunIdentity sink_identity(const RunIdentity& identity, int64_t attempt);

// See the head of this file.
class Attempt {
 public:
  static Result<std::unique_ptr<Attempt>> make(AttemptContext context);
  ~Attempt();  // stops

  void start();
  BarrierBoard& board() { return board_; }
  // After a change of the board.
  void wake();
  int num_slots() const { return static_cast<int>(slots_.size()); }

 private:
  // A channel of the plan: from a subtask of the edge's producer to one of its consumer.
  struct Link {
    int edge = 0;
    int from = 0;
    int to = 0;
    std::unique_ptr<Channel> channel;
  };
  // The task that is being built.
  struct Build {
    int subtask = 0;
    TaskSpec spec;
    std::vector<int> position;  // of a node of the graph in spec.nodes; -1: in another task
  };

  explicit Attempt(AttemptContext context);

  void make_channels();
  Status build_task(int task, int subtask);
  Result<TaskNode> make_node(Build& build, int node);
  Result<std::unique_ptr<operators::Operator>> make_operator(Build& build, int node, TaskNode* made);
  std::vector<int> add_inputs(Build& build, int node);
  void connect_calls(Build& build);
  void connect_exchanges(Build& build);
  Slot& slot_of(int task, int subtask);
  const RestoredOperator* restored(int node) const;

  AttemptContext context_;
  BarrierBoard board_;
  std::unique_ptr<IoThread> io_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Link> links_;
};

}  // namespace raudal::runtime
