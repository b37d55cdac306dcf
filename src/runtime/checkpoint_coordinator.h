// The protocol of checkpoints and savepoints: asks for a barrier, collects what subtasks say, makes the checkpoint true
// in the log, and only then lets sinks publish. One at a time. Owned and called by the control loop.
//
//   barrier → all subtasks passed and written → manifest into the log → sinks commit → prune
//
// A savepoint is written into its own folder and commits nothing, since nobody recovers from it by himself: what its
// barrier prepared goes into the next checkpoint too. A stop does commit; what makes it true is a record in the run's
// log, before the savepoint's `_metadata`, so that no successor goes on behind it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/attempt.h"
#include "runtime/job_record.h"
#include "runtime/manifest_builder.h"
#include "state/checkpoint_log.h"

namespace raudal::runtime {

// What the coordinator works with. All outlives it.
struct CoordinatorContext {
  const JobConfig* config = nullptr;
  const OpenedTables* tables = nullptr;
  const TaskPlan* plan = nullptr;
  JobMetrics* metrics = nullptr;
  JobRecord* record = nullptr;
  state::CheckpointLog* log = nullptr;  // null: no checkpoint directory
};

enum class CheckpointPurpose { kPeriodic, kSavepoint, kStop, kFinal };

// See the head of this file. An error that a method returns fails the job's attempt.
class CheckpointCoordinator {
 public:
  explicit CheckpointCoordinator(const CoordinatorContext& context)
      : context_(context), builder_(context.config->graph, *context.plan) {}

  void begin_attempt(Attempt& attempt, int64_t attempt_number, int64_t restored_sequence);
  void end_attempt(const std::string& why);

  bool busy() const { return pending_.has_value(); }
  // When a periodic checkpoint is due next; INT64_MAX: never.
  int64_t next_due_ns() const;
  // When the one in progress times out; INT64_MAX: there is none.
  int64_t timeout_ns() const;

  void trigger(CheckpointPurpose purpose, const SavepointOptions& savepoint = {});
  Status on_passed(const BarrierPassed& passed);
  // The purpose that was fulfilled, if this was the last part of a checkpoint.
  Result<std::optional<CheckpointPurpose>> on_written(const SnapshotWritten& written);
  Status on_failed(const SnapshotFailed& failed);
  Status check_timeout();

 private:
  struct Pending {
    CheckpointPurpose purpose = CheckpointPurpose::kPeriodic;
    BarrierRequest request;
    SavepointOptions savepoint;
    int64_t trigger_ms = 0;
    int64_t begin_ns = 0;
    bool stands = false;  // a stop whose record is in the log: it may be delayed, but it cannot fail any more
  };

  int64_t now_ns() const { return context_.config->environment.clock->monotonic_ns(); }
  state::Manifest make_manifest() const;
  Result<std::optional<CheckpointPurpose>> complete();
  Status finish_checkpoint(state::Manifest manifest);
  Status finish_savepoint(state::Manifest manifest);
  Status finish_stop(state::Manifest manifest);
  Status publish(const state::Manifest& manifest);
  Status give_up(const std::string& why);
  void note_completed(const state::Manifest& manifest, const std::string& external_path);

  const CoordinatorContext context_;
  ManifestBuilder builder_;
  Attempt* attempt_ = nullptr;
  int64_t attempt_number_ = 0;
  int64_t sequence_ = 0;
  int64_t last_completed_ = 0;  // sequence
  bool next_is_full_ = true;
  bool log_is_unsure_ = false;  // a record may stand that was not acknowledged
  int consecutive_failures_ = 0;
  int64_t last_begin_ns_ = 0;
  int64_t last_end_ns_ = 0;
  std::optional<Pending> pending_;
};

// Publishes what sinks prepared, as a manifest names it. Again and again is fine.
Status commit_sinks(const JobConfig& config, const OpenedTables& tables,
                    const std::vector<state::OperatorSnapshot>& operators);

}  // namespace raudal::runtime
