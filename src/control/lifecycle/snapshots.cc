#include <fmt/core.h>

#include "control/lifecycle/savepoints.h"
#include "control/lifecycle/states.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Run;
using metadata::Snapshot;
using metadata::SnapshotStatus;
using metadata::Transaction;

Status end_snapshot(Context& context, const Application& application, Snapshot snapshot,
                    const SavepointResult& result) {
  if (result.outcome == SavepointOutcome::kInterrupted) return {};
  const bool complete = result.outcome == SavepointOutcome::kComplete;
  snapshot.status = complete ? SnapshotStatus::kReady : SnapshotStatus::kFailed;
  Transaction tx = TRY(context.store.begin());
  const auto stored = TRY(tx.find_snapshot(snapshot.id));
  if (!stored || stored->status != SnapshotStatus::kCreating) return {};
  TRY(tx.update_snapshot(snapshot));
  TRY(tx.commit());
  if (complete) {
    context.log.info(
        fmt::format("{}: snapshot {} is ready, {} bytes", application.name, snapshot.name, snapshot.size_bytes));
  } else {
    context.log.warn(fmt::format("{}: snapshot {} failed: {}", application.name, snapshot.name, result.failure));
  }
  return {};
}

Status create(Context& context, const Application& application, const Run& run, Snapshot snapshot) {
  // A successor of the incarnation that was asked knows nothing of it; what that one wrote may be complete.
  const bool asked_before = snapshot.incarnation.value() != 0;
  if (asked_before && snapshot.incarnation != run.incarnation) {
    const bool complete = TRY(complete_on_disk(context, snapshot));
    const SavepointResult result{.outcome = complete ? SavepointOutcome::kComplete : SavepointOutcome::kFailed,
                                 .failure = "the worker died"};
    return end_snapshot(context, application, snapshot, result);
  }
  const SavepointResult result = TRY(take_savepoint(context, application, run, snapshot, false, nullptr));
  return end_snapshot(context, application, snapshot, result);
}

// Whether a worker may still restore from it: until its run has a checkpoint of its own.
bool needed(Context& context, const Application& application, const Run& run, const Snapshot& snapshot) {
  if (application.status == ApplicationStatus::kReady || run.restore_snapshot != snapshot.id) return false;
  const auto checkpoints = context.engine.job(run_directory(context.options, application, run.number))->checkpoints();
  return !checkpoints.ok() || !checkpoints->latest_completed_id;
}

Status remove(Context& context, const Application& application, const Snapshot& snapshot) {
  if (!snapshot.directory.empty()) TRY(context.fs.remove_all(snapshot.directory));
  Transaction tx = TRY(context.store.begin());
  TRY(tx.remove_snapshot(snapshot.id));
  TRY(tx.commit());
  context.log.info(fmt::format("{}: snapshot {} is deleted", application.name, snapshot.name));
  return {};
}

}  // namespace

Status drive_snapshots(Context& context, const Application& application) {
  Transaction tx = TRY(context.store.begin());
  // What an operation stored meanwhile is its own business: its snapshot stops the job.
  if (TRY(tx.operation_in_flight(application.id))) return {};
  const auto creating = TRY(tx.snapshots_in(application.id, SnapshotStatus::kCreating));
  const auto deleting = TRY(tx.snapshots_in(application.id, SnapshotStatus::kDeleting));
  if (creating.empty() && deleting.empty()) return {};
  const Run run = TRY(tx.find_run(application.id, application.run)).value_or(Run());
  TRY(tx.commit());
  for (const Snapshot& snapshot : creating) {
    if (application.status == ApplicationStatus::kRunning) {
      TRY(create(context, application, run, snapshot));
    } else {
      TRY(end_snapshot(context, application, snapshot,
                       {.outcome = SavepointOutcome::kFailed, .failure = "the application was stopped"}));
    }
  }
  for (const Snapshot& snapshot : deleting) {
    if (!needed(context, application, run, snapshot)) TRY(remove(context, application, snapshot));
  }
  return {};
}

}  // namespace raudal::control::lifecycle
