#include "base/rng.h"
#include "control/configuration/settings.h"
#include "control/configuration/versions.h"
#include "control/lifecycle/code.h"
#include "control/lifecycle/operations.h"
#include "control/lifecycle/rescaling.h"
#include "control/lifecycle/restore.h"
#include "control/lifecycle/runs.h"
#include "control/lifecycle/savepoints.h"
#include "control/lifecycle/states.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::OperationStatus;
using metadata::Run;
using metadata::Snapshot;
using metadata::SnapshotStatus;
using metadata::Transaction;
using metadata::Version;

// The plan of an Update of a running application, step by step; before these, where only the parallelism changes, those
// of rescaling.h:
//   save   {"snapshot": id or absent, "restore": {type, name}, "allow_non_restored_state": bool}
//   start  the old run is gone, the new one stored
constexpr std::string_view kStart = "start";
constexpr int kTokenBytes = 16;

// Makes the version before the update current again, as a new version, since the new one never ran.
Status step_back(Transaction& tx, Application& application, int64_t now_ms) {
  const Version failed = TRY(tx.require_version(application.id, application.version));
  const Version former = TRY(tx.require_version(application.id, failed.updated_from.value_or(1)));
  Version next = configuration::copy_version(former, failed);
  next.created_ms = now_ms;
  next.conditional_token = secure_random_hex(kTokenBytes);
  TRY(tx.insert_version(application.id, next));
  TRY(tx.set_final_status(application.id, failed.number, to_string(ApplicationStatus::kRolledBack)));
  application.version = next.number;
  application.updated_ms = now_ms;
  return tx.update_application(application);
}

Status store_snapshot(Transaction& tx, std::optional<Snapshot> snapshot, SavepointOutcome outcome) {
  if (!snapshot) return {};
  if (outcome == SavepointOutcome::kJobFinished) return tx.remove_snapshot(snapshot->id);
  snapshot->status = outcome == SavepointOutcome::kComplete ? SnapshotStatus::kReady : SnapshotStatus::kFailed;
  return tx.update_snapshot(*snapshot);
}

// The former version goes on, or is launched again by whoever watches it.
Status give_up(Context& context, const Application& application, const Operation& operation,
               std::optional<Snapshot> snapshot, bool asked, const Error& cause) {
  TRY(context.fs.remove_all(staging_directory(context, application, operation.id)));
  return fail<ApplicationStatus::kUpdating, ApplicationStatus::kRunning>(
      context, operation, cause, [&](Transaction& change, Application& changed) -> Status {
        if (snapshot && !asked) TRY(change.remove_snapshot(snapshot->id));
        if (snapshot && asked) TRY(store_snapshot(change, snapshot, SavepointOutcome::kFailed));
        return step_back(change, changed, context.now_ms());
      });
}

// First step: the running version ends with a snapshot, then the run of the new version is stored.
Status save(Context& context, const Application& application, Operation& operation) {
  Transaction tx = TRY(context.store.begin());
  Run run = TRY(tx.require_run(application.id, application.run));
  const Version version = TRY(tx.require_version(application.id, application.version));
  std::optional<Snapshot> snapshot;
  if (const auto id = codec::find_int(operation.plan, "snapshot")) snapshot = TRY(tx.find_snapshot(*id));
  TRY(tx.commit());

  // A program that cannot run must not cost the one that does. Once that has been asked to stop, it is too late.
  if (!snapshot || snapshot->incarnation.value() == 0) {
    const Status runnable = check_program(context, application, version, operation);
    if (!runnable.ok()) {
      return give_up(context, application, operation, snapshot, false,
                     Error(runnable.error().code(),
                           "The new version cannot run, the former one goes on: " + runnable.error().message()));
    }
  }

  SavepointResult result = {.outcome = SavepointOutcome::kComplete, .failure = ""};
  if (snapshot) {
    result = TRY(stop_with_savepoint(context, application, run, *snapshot, operation));
  } else {
    TRY(bring_down(context, application, application.run));
  }
  switch (result.outcome) {
    case SavepointOutcome::kInterrupted: return {};
    case SavepointOutcome::kJobFinished:
      return succeed<ApplicationStatus::kUpdating, ApplicationStatus::kReady>(
          context, operation,
          [&](Transaction& change, Application&) { return store_snapshot(change, snapshot, result.outcome); });
    case SavepointOutcome::kWorkerGone:
    case SavepointOutcome::kFailed: {
      const Error cause(ErrorCode::kEngine,
                        "The snapshot before the update failed, the former version goes on: " + result.failure);
      return give_up(context, application, operation, snapshot, true, cause);
    }
    case SavepointOutcome::kComplete: break;
  }
  return store_step(context, operation, std::string(kStart), [&](Transaction& change, Application& changed) -> Status {
    TRY(store_snapshot(change, snapshot, result.outcome));
    const RestoreChoice choice = TRY(read_restore_choice(operation.plan));
    return insert_next_run(change, changed, choice);
  });
}

// The new version could not be started and rollback is on: a second operation brings the former one back.
Status roll_back(Context& context, Operation operation, const Error& cause) {
  Operation rollback = begin_operation(context, operation.application, kRollbackApplication);
  operation.rollback_operation = rollback.id;
  return end_operation(context, operation, OperationStatus::kFailed, cause.message(),
                       [&](Transaction& tx, Application& application) -> Status {
                         rollback.version_from = application.version;
                         TRY(step_back(tx, application, context.now_ms()));
                         rollback.version_to = application.version;
                         rollback.step = kStart;
                         TRY((tx.move<ApplicationStatus::kUpdating, ApplicationStatus::kRollingBack>(application)));
                         TRY(insert_next_run(tx, application, RestoreChoice{.type = RestoreType::kLatest}));
                         // The update ends first: only one operation may be in flight.
                         operation.status = OperationStatus::kFailed;
                         TRY(tx.update_operation(operation));
                         return tx.insert_operation(rollback);
                       });
}

Status start(Context& context, const Operation& operation) {
  Transaction tx = TRY(context.store.begin());
  const auto application = TRY(tx.find_application(operation.application));
  CHECK(application.has_value());
  Run run = TRY(tx.require_run(application->id, application->run));
  const Version version = TRY(tx.require_version(application->id, application->version));
  TRY(tx.commit());

  const Status up = bring_up(context, *application, run, &operation);
  if (context.stop.stopping() && !up.ok()) return {};
  if (up.ok()) {
    TRY((succeed<ApplicationStatus::kUpdating, ApplicationStatus::kRunning>(context, operation)));
    return remove_old_runs(context, *application);
  }
  TRY(bring_down(context, *application, application->run));
  if (configuration::rollback_enabled(version.configuration)) return roll_back(context, operation, up.error());
  return fail<ApplicationStatus::kUpdating, ApplicationStatus::kReady>(context, operation, up.error());
}

}  // namespace

Status drive_updating(Context& context, const Application& application, Operation operation) {
  if (operation.step == kRescale || operation.step == kScale) {
    TRY(drive_rescaling(context, application, operation));
    if (superseded(context, operation)) return {};
  }
  if (operation.step == kSave) TRY(save(context, application, operation));
  if (operation.step != kStart || superseded(context, operation)) return {};
  return start(context, operation);
}

Status drive_rolling_back(Context& context, const Application& application, Operation operation) {
  Transaction tx = TRY(context.store.begin());
  Run run = TRY(tx.require_run(application.id, application.run));
  TRY(tx.commit());
  const Status up = bring_up(context, application, run, &operation);
  if (context.stop.stopping() && !up.ok()) return {};
  if (up.ok()) return succeed<ApplicationStatus::kRollingBack, ApplicationStatus::kRunning>(context, operation);
  TRY(bring_down(context, application, application.run));
  return fail<ApplicationStatus::kRollingBack, ApplicationStatus::kReady>(context, operation, up.error());
}

}  // namespace raudal::control::lifecycle
