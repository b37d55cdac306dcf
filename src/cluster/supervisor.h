// Keeps one application-mode cluster alive: starts JobManager and TaskManagers, waits until the job runs, replaces
// TaskManagers that die, starts and ends some as the job is scaled (RUN/scale.json, engine/rescaling.h), and ends when
// the JobManager does. The JobManager is never replaced here: its successor is a new incarnation, started by the
// control plane, which restores the newest checkpoint.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "cluster/checkpoint_keeper.h"
#include "cluster/cluster_spec.h"
#include "cluster/failure.h"
#include "cluster/job_probe.h"
#include "obs/log.h"

namespace raudal::cluster {

struct SupervisorOptions {
  int64_t start_timeout_ms = 290'000;  // the guide's five minutes, less what the launcher needs to hear of it
  int64_t stop_grace_ms = 3'000;       // from SIGTERM to SIGKILL
  net::HttpClientOptions rest;         // where the JobManager's REST API is reached
  std::function<Status(int num_task_managers)> enlarge;  // makes room for so many, before they start; may be empty
};

// The processes of one cluster. Lives in the main thread: its children die with the thread that started them.
class Supervisor {
 public:
  // What is given must outlive it. `stop` may be set by a signal handler.
  Supervisor(Fs& fs, Process& process, const Clock& clock, const obs::Logger& log, ClusterSpec spec,
             SupervisorOptions options, const volatile std::sig_atomic_t& stop);

  // Returns when the job runs (or has already finished), or with the reason why it does not.
  Status start();
  // Until told to stop (0), or the JobManager is gone (1).
  int watch();
  // Ends what it started: orderly, then by force.
  void end();

 private:
  struct Member {
    std::string name;  // "the JobManager", "TaskManager 2"
    int index = 0;     // 0: the JobManager
    pid_t pid = 0;     // 0: not running
    int64_t started_ms = 0;
    int64_t start_after_ms = 0;
    int num_short_lives = 0;
    bool idle = false;       // at the last look at a job that is to have fewer
    int64_t retired_ms = 0;  // told to end, and nobody takes its place; 0: it is to stay
  };

  static Member task_manager(int index);
  Status spawn(Member& member);
  // How it ended, where it just did.
  std::optional<ExitStatus> reap(Member& member);
  Status replace_task_managers(bool starting);
  void follow_scale(const JobSight& sight);
  void add_task_managers(int count);
  void retire_task_managers(int count);
  void bury_retired();
  std::optional<Status> judge_start(const JobSight& sight);
  Error failure_of(const Member& member, const ExitStatus& exit);
  void tell(const JobSight& sight);
  void keep_house();
  void end_members(bool job_manager, int signal);
  bool await_end(int64_t deadline_ms);
  int64_t now_ms() const { return clock_.monotonic_ns() / 1'000'000; }

  Fs& fs_;
  Process& process_;
  const Clock& clock_;
  const obs::Logger& log_;
  const ClusterSpec spec_;
  const SupervisorOptions options_;
  const volatile std::sig_atomic_t& stop_;
  JobProbe probe_;
  CheckpointKeeper keeper_;
  std::vector<Member> members_;  // the JobManager first
  LogOffsets began_;
  std::string told_state_;
  std::string told_exception_;
  int num_failures_at_start_ = 0;
  bool was_restarting_ = false;
};

// Written below the run directory when the job has finished, so that a successor does not run it again.
inline constexpr char kFinishedFile[] = "flink/finished";

}  // namespace raudal::cluster
