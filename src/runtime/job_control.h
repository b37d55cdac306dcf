// The control loop of a job, on a thread of its own: restores, starts attempts, drives checkpoints, restarts after
// failures, and ends the job. All decisions are taken here; slots only run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/attempt.h"
#include "runtime/checkpoint_coordinator.h"
#include "runtime/job.h"
#include "runtime/job_record.h"

namespace raudal::runtime {

// See the head of this file. start() and the destructor from outside, everything else on its thread.
class JobControl {
 public:
  JobControl(const JobConfig& config, const OpenedTables& tables, const TaskPlan& plan, JobMetrics& metrics,
             JobRecord& record, JobEventQueue& events);
  ~JobControl();  // cancels and waits

  // Claims the log and decides where the job begins. Errors: those that a restart would not mend.
  Status prepare();
  void start();

 private:
  // How an attempt ended, beside failures.
  enum class Ending { kFinished, kCanceled };

  void run();
  Result<Ending> run_attempt();
  Status claim_and_look();
  Status finish_stop();
  Status recover_sinks(const std::vector<state::OperatorSnapshot>& operators);
  Result<std::unique_ptr<Attempt>> begin_attempt();
  Result<Ending> loop(Attempt& attempt);
  Result<std::optional<Ending>> handle(Attempt& attempt, JobEvent event);
  Result<std::optional<Ending>> fulfilled(CheckpointPurpose purpose);
  void trigger_what_is_due(Attempt& attempt);
  bool trigger_asked_savepoint(Attempt& attempt);
  void tick();
  int64_t wait_ns() const;
  bool pause_before_restart(int64_t delay_ms);
  void take_result(int node, const column::Batch& batch);
  void note_failure(const Error& error);
  void log_switch(JobState state);
  bool over() const;  // the restore point says that nothing is left to do

  const JobConfig& config_;
  const OpenedTables& tables_;
  const TaskPlan& plan_;
  JobMetrics& metrics_;
  JobRecord& record_;
  JobEventQueue& events_;
  column::MemoryTracker memory_;
  std::optional<state::CheckpointLog> log_;
  std::optional<CheckpointCoordinator> coordinator_;
  std::optional<RestorePoint> restore_point_;
  RestartStrategy restart_;
  int64_t attempt_number_ = 0;
  JobState logged_state_ = JobState::kCreated;
  bool was_running_ = false;
  // Of the attempt that runs:
  int slots_open_ = 0;
  int tasks_ended_ = 0;
  std::string failed_task_;
  std::optional<SavepointOptions> draining_;  // a stop with drain waits for the end of all tasks
  int64_t next_final_ns_ = 0;                 // when the last checkpoint may be tried (again)
  int64_t next_tick_ns_ = 0;
  std::mutex results_mutex_;
  bool results_enough_ = false;  // guarded by results_mutex_
  std::thread thread_;
};

}  // namespace raudal::runtime
