// The seam between control plane and engines: launching processes on a run directory, and the Flink REST API for
// everything after. Implementations: process_engine (raudal-worker, raudal-flink), remote_engine (a session cluster
// that is there already), engine_router (which of them, by the run directory), FakeEngine (tests of the control plane).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "engine/run_directory.h"

namespace raudal::engine {

// Flink's job states, as REST names them.
enum class JobState {
  kInitializing,
  kCreated,
  kRunning,
  kRestarting,
  kFailing,
  kFailed,
  kCancelling,
  kCancelled,
  kFinished,
  kSuspended,
};
std::string_view to_string(JobState state);

// One vertex of the job graph with its metrics summed over its subtasks.
struct VertexDetails {
  std::string id;
  std::string name;
  int parallelism = 0;
  std::string status;
  int64_t read_records = 0;
  int64_t write_records = 0;
};

// What the engine says of a job, as GET /jobs/:id does.
struct JobDetails {
  std::string job_id;
  std::string name;
  JobState state = JobState::kInitializing;
  int64_t start_time_ms = 0;  // since 1970
  std::string plan;           // JSON, as Flink shows it: nodes with their inputs
  std::vector<VertexDetails> vertices;
};

// Counts and the latest of a job's checkpoints, as GET /jobs/:id/checkpoints does.
struct CheckpointSummary {
  int64_t completed = 0;
  int64_t failed = 0;
  int64_t restored = 0;
  std::optional<int64_t> latest_completed_id;
  std::optional<int64_t> latest_completed_time_ms;
};

struct SavepointRequest {
  std::string trigger_id;        // chosen by the caller: a retry with the same id never triggers a second savepoint
  std::string target_directory;  // absolute; the savepoint is complete when its manifest stands in there
  bool stop = false;             // stop the job once the savepoint is complete: no row after it reaches a sink
  bool drain = false;            // emit the maximal watermark before stopping
};

struct SavepointStatus {
  bool completed = false;  // else in progress, unless failure is set
  std::string location;
  std::optional<std::string> failure;
};

// The Flink REST API of one job. Each call may fail with kEngine (no process, nonsense answered), kTimeout or
// kServiceUnavailable: then it may or may not have been heard. kNotFound and kInvalidRequest are the engine's own no.
class JobClient {
 public:
  virtual ~JobClient() = default;
  virtual Result<JobDetails> details() = 0;
  virtual Result<CheckpointSummary> checkpoints() = 0;
  virtual Result<std::string> exceptions() = 0;  // the root cause's text, "" if there is none
  virtual Status trigger_savepoint(const SavepointRequest& request) = 0;
  virtual Result<SavepointStatus> savepoint_status(const std::string& trigger_id) = 0;
  virtual Status cancel() = 0;
};

// Why a process is not there any more.
struct ExitReport {
  int code = 0;
  int signal = 0;
  std::string last_words;  // the end of stderr.log
};

// Told what a start is busy with, while that takes long: "Installing Flink 1.20: 12 of 60 files".
using Progress = std::function<void(const std::string& text)>;

// Launches and kills runs. All methods are idempotent; a run is named by its directory.
class Engine {
 public:
  virtual ~Engine() = default;

  // Whether this engine can run the program: parses and plans it, opens nothing. The error says what to do.
  virtual Status check(const std::string& run_directory) = 0;

  // Starts an incarnation on a written run directory. A predecessor is killed first, and its lock awaited. Returns
  // when the job runs, or with the reason why it does not: a failed start leaves no process.
  virtual Status start(const std::string& run_directory, const Progress& progress = nullptr) = 0;

  // Whether a process holds the run's lock: also true for one that an earlier control plane started.
  virtual Result<bool> alive(const std::string& run_directory) = 0;

  // How the last process of the run ended, where this control plane saw it end.
  virtual std::optional<ExitReport> exit_report(const std::string& run_directory) = 0;

  // SIGKILL to all processes of the run; returns when the lock is free.
  virtual Status kill(const std::string& run_directory) = 0;

  virtual std::unique_ptr<JobClient> job(const std::string& run_directory) = 0;

  // Whether the living job could be brought to another parallelism without a new run. The error says why not.
  virtual Status check_rescale(const std::string& run_directory, int parallelism);

  // Asks the job for another parallelism, unless that has been asked; whether it runs at it now. To be called again
  // until it does. kUnsupportedOperation and kInvalidRequest mean that it never will.
  virtual Result<bool> rescale(const std::string& run_directory, int parallelism);

  // Whether a folder holds a complete, undamaged savepoint; its size in bytes. kNotFound or kCorrupt: it does not, and
  // will not once its run is dead. Any other error: it could not be found out, and may be complete.
  virtual Result<int64_t> verify_savepoint(const std::string& savepoint_directory) = 0;
};

}  // namespace raudal::engine
