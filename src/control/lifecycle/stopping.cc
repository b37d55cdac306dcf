#include <fmt/core.h>

#include "control/lifecycle/operations.h"
#include "control/lifecycle/runs.h"
#include "control/lifecycle/savepoints.h"
#include "control/lifecycle/states.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::Run;
using metadata::Snapshot;
using metadata::SnapshotStatus;
using metadata::Transaction;

// The plan of a Stop: {"snapshot": id}, or {} when snapshots are off.
Status stop_without_snapshot(Context& context, const Application& application, const Operation& operation) {
  TRY(bring_down(context, application, application.run));
  return succeed<ApplicationStatus::kStopping, ApplicationStatus::kReady>(context, operation);
}

Status end_stop(Context& context, const Operation& operation, Snapshot snapshot, const SavepointResult& result) {
  switch (result.outcome) {
    case SavepointOutcome::kComplete:
      snapshot.status = SnapshotStatus::kReady;
      return succeed<ApplicationStatus::kStopping, ApplicationStatus::kReady>(
          context, operation, [&](Transaction& tx, Application&) { return tx.update_snapshot(snapshot); });
    case SavepointOutcome::kJobFinished:
      return succeed<ApplicationStatus::kStopping, ApplicationStatus::kReady>(
          context, operation, [&](Transaction& tx, Application&) { return tx.remove_snapshot(snapshot.id); });
    case SavepointOutcome::kInterrupted: return {};
    case SavepointOutcome::kWorkerGone:
    case SavepointOutcome::kFailed: break;
  }
  snapshot.status = SnapshotStatus::kFailed;
  const Error cause(ErrorCode::kEngine, fmt::format("The snapshot before the stop failed, the application goes on: {}. "
                                                    "StopApplication with Force stops it without one",
                                                    result.failure));
  return fail<ApplicationStatus::kStopping, ApplicationStatus::kRunning>(
      context, operation, cause, [&](Transaction& tx, Application&) { return tx.update_snapshot(snapshot); });
}

// The snapshots that the stop has cut off: one whose savepoint was complete before is one, since its job has stopped
// with it and nothing older holds what it has done.
Result<std::vector<Snapshot>> judge_snapshots(Context& context, const Application& application) {
  Transaction tx = TRY(context.store.begin());
  std::vector<Snapshot> snapshots = TRY(tx.snapshots_in(application.id, SnapshotStatus::kCreating));
  TRY(tx.commit());
  for (Snapshot& snapshot : snapshots) {
    const bool complete = TRY(complete_on_disk(context, snapshot));
    snapshot.status = complete ? SnapshotStatus::kReady : SnapshotStatus::kFailed;
  }
  return snapshots;
}

}  // namespace

Status drive_stopping(Context& context, const Application& application, Operation operation) {
  const auto id = codec::find_int(operation.plan, "snapshot");
  if (!id) return stop_without_snapshot(context, application, operation);
  Transaction tx = TRY(context.store.begin());
  Run run = TRY(tx.require_run(application.id, application.run));
  auto snapshot = TRY(tx.find_snapshot(*id));
  TRY(tx.commit());
  CHECK(snapshot.has_value());
  const SavepointResult result = TRY(stop_with_savepoint(context, application, run, *snapshot, operation));
  return end_stop(context, operation, *snapshot, result);
}

Status drive_force_stopping(Context& context, const Application& application, Operation operation) {
  TRY(bring_down(context, application, application.run));
  const std::vector<Snapshot> snapshots = TRY(judge_snapshots(context, application));
  return succeed<ApplicationStatus::kForceStopping, ApplicationStatus::kReady>(
      context, operation, [&](Transaction& tx, Application&) -> Status {
        for (const Snapshot& snapshot : snapshots) TRY(tx.update_snapshot(snapshot));
        return {};
      });
}

}  // namespace raudal::control::lifecycle
