// A job: one run of a JobGraph in this process. The worker starts one and drives it through its REST server; `raudal
// sql` starts one per statement and waits for it. All methods are thread-safe and none waits for the job but wait().
//
// Promise: with a checkpoint directory, whatever dies at whatever moment, a successor with the next incarnation and
// the same directory continues with each row counted once, in each sink that can commit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/result.h"
#include "column/batch.h"
#include "connector/registry.h"
#include "graph/job_graph.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "operators/operator.h"
#include "runtime/job_status.h"
#include "runtime/restart_strategy.h"

namespace raudal::runtime {

// When and where checkpoints are made.
struct CheckpointOptions {
  std::string directory;  // of the run's checkpoint log; empty: nothing durable at all
  bool periodic = true;   // false: no checkpoints by time; savepoints and the log's claim stay
  int64_t interval_ms = 60'000;
  int64_t min_pause_ms = 5'000;
  int64_t timeout_ms = 600'000;
  int retain = 3;                      // completed checkpoints that stay restorable
  int tolerable_failures = INT32_MAX;  // consecutive failed checkpoints before the job fails
};

// Rows of the CollectSpec node `node`, as they come. Called from slot threads, one call at a time; the batch may carry
// a selection. False: enough, the job is cancelled.
using ResultCallback = std::function<bool(int node, const column::Batch& batch)>;

// Makes the operators of all nodes but sources, values, unions, sinks and collects: operators::make_operator, or fakes.
using OperatorFactory = Result<std::unique_ptr<operators::Operator>> (*)(const graph::JobGraph& graph, int node);

// All that a job is started with. What is borrowed (pointers) must outlive the job.
struct JobConfig {
  RunIdentity identity;
  graph::JobGraph graph;
  connector::Environment environment;  // fs, clock, registry, time zone, print output
  OperatorFactory make_operator = nullptr;
  int parallelism = 1;
  int max_parallelism = 128;
  CheckpointOptions checkpoints;
  std::string restore_path;  // folder of a savepoint; used only while the run's own log has no checkpoint
  bool allow_non_restored_state = false;
  RestartOptions restart;  // RestartKind::kNone for `raudal sql`
  int64_t memory_bytes_max = int64_t{4} << 30;
  size_t batch_rows_max = column::kBatchRowsMax;
  std::map<std::string, std::string> options;  // shown by /config; read by nobody here
  ResultCallback on_result;
  const obs::Logger* log = nullptr;
  obs::MetricRegistry* metrics = nullptr;
};

// What a savepoint is asked for.
struct SavepointOptions {
  std::string trigger_id;        // the same id again asks for the same savepoint
  std::string target_directory;  // absolute; the savepoint's own folder, made when absent
  bool stop = false;             // the job is FINISHED with it: no later row reaches a sink
  bool drain = false;            // with stop: the last watermark is sent and windows fire first
};

// Why a job is over.
struct JobResult {
  JobState state = JobState::kFinished;  // kFinished, kCanceled or kFailed
  std::optional<Error> failure;          // kFailed: the last exception; code kFenced: a successor has taken over
};

// A running or finished job; see the head of this file.
class Job {
 public:
  // Checks the graph, opens sources and sinks, claims the log and starts the slots; restoring goes on behind it
  // (state INITIALIZING, then RUNNING). Errors are those that a restart would not mend: an unknown connector, a
  // savepoint that is damaged or does not fit the program, a log that belongs to a successor.
  static Result<std::unique_ptr<Job>> start(JobConfig config);
  ~Job();  // cancels and waits
  Job(const Job&) = delete;

  // First 16 bytes of SHA-256(application, run), in hex: the same for all incarnations of a run.
  const std::string& id() const;
  const JobConfig& config() const;
  JobState state() const;
  JobStatus status() const;
  CheckpointStatistics checkpoints() const;
  std::optional<CheckpointRecord> checkpoint(int64_t id) const;
  std::vector<ExceptionRecord> exceptions() const;  // newest first, at most 16
  std::string plan_json() const;

  // Waits until the job is RUNNING or over; false: neither within the time.
  bool wait_until_running(int64_t timeout_ms);
  // Waits for the end. wait_for: empty when it is not over within the time.
  JobResult wait();
  std::optional<JobResult> wait_for(int64_t timeout_ms);

  // Asks the job to stop without a savepoint: CANCELLING, then CANCELED. What no manifest names is not published.
  void cancel();

  // Starts a checkpoint now, whatever the interval says.
  void trigger_checkpoint();
  // kInvalidArgument when the job cannot make one (it is over, or the target belongs to another savepoint).
  // A complete savepoint of this trigger in the target counts as done, also when a predecessor process made it.
  Status trigger_savepoint(const SavepointOptions& options);
  // kNotFound: no such trigger.
  Result<SavepointStatus> savepoint_status(const std::string& trigger_id) const;

 private:
  struct Impl;
  explicit Job(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The id that a run's job has: the one by which the control plane asks for it (engine/run_directory.h).
std::string job_id_of(const RunIdentity& identity);

}  // namespace raudal::runtime
