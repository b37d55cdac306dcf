#include "control/lifecycle/rescaling.h"

#include <fmt/core.h>

#include "base/failpoint.h"
#include "control/configuration/settings.h"
#include "control/configuration/versions.h"
#include "control/lifecycle/automatic_snapshot.h"
#include "control/lifecycle/code.h"
#include "control/lifecycle/operations.h"
#include "control/lifecycle/savepoints.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::Run;
using metadata::Snapshot;
using metadata::SnapshotStatus;
using metadata::Transaction;
using metadata::Version;

constexpr int64_t kPollMs = 100;

// What the steps work with, as stored.
struct Rescaling {
  Run run;
  Snapshot snapshot;
  int parallelism = 1;  // the new one
  std::string folder;
};

Result<Rescaling> read_rescaling(Context& context, const Application& application, const Operation& operation) {
  Transaction tx = TRY(context.store.begin());
  Rescaling read;
  read.run = TRY(tx.require_run(application.id, application.run));
  const Version next = TRY(tx.require_version(application.id, application.version));
  read.parallelism = configuration::parallelism(next.configuration);
  const auto snapshot = TRY(tx.find_snapshot(TRY(codec::require_int(operation.plan, "snapshot"))));
  if (!snapshot) return Error(ErrorCode::kInternal, "The store lacks the snapshot of an update");
  read.snapshot = *snapshot;
  read.folder = run_directory(context.options, application, read.run.number);
  return read;
}

// The run is stopped after all. Its savepoint is a new one: the job may have gone on since the first.
Status restart_instead(Context& context, const Application& application, Operation& operation, Rescaling& rescaling,
                       const std::string& why) {
  context.log.info(fmt::format("{}: restarts at parallelism {}, since it is not scaled in place: {}", application.name,
                               rescaling.parallelism, why));
  // Should that fail, the former version goes on, as large as it was.
  if (operation.step == kScale) (void)context.engine.rescale(rescaling.folder, rescaling.run.parallelism);
  Snapshot& first = rescaling.snapshot;
  return store_step(context, operation, std::string(kSave), [&](Transaction& tx, Application& changed) -> Status {
    if (first.incarnation.value() == 0) return {};
    if (first.status == SnapshotStatus::kCreating) {
      first.status = SnapshotStatus::kFailed;
      TRY(tx.update_snapshot(first));
    }
    operation.plan["snapshot"] = TRY(insert_automatic_snapshot(context, tx, changed, rescaling.run));
    return {};
  });
}

Status snapshot_first(Context& context, const Application& application, Operation& operation, Rescaling& rescaling) {
  const Status can = context.engine.check_rescale(rescaling.folder, rescaling.parallelism);
  if (!can.ok()) return restart_instead(context, application, operation, rescaling, can.error().message());
  const SavepointResult made =
      TRY(take_savepoint(context, application, rescaling.run, rescaling.snapshot, false, &operation));
  if (made.outcome == SavepointOutcome::kInterrupted) return {};
  if (made.outcome != SavepointOutcome::kComplete) {
    return restart_instead(context, application, operation, rescaling, "its snapshot failed: " + made.failure);
  }
  rescaling.snapshot.status = SnapshotStatus::kReady;
  return store_step(context, operation, std::string(kScale),
                    [&](Transaction& tx, Application&) { return tx.update_snapshot(rescaling.snapshot); });
}

// Asks until the job runs as wanted. kCancelled: nobody wants it any more, or not now.
Status await_scaled(Context& context, const Operation& operation, const Rescaling& rescaling) {
  const int64_t deadline_ns = context.clock.monotonic_ns() + context.options.rescale_timeout_ms * 1'000'000;
  for (;;) {
    const Result<bool> scaled = context.engine.rescale(rescaling.folder, rescaling.parallelism);
    if (scaled.ok() && *scaled) return {};
    const ErrorCode code = scaled.ok() ? ErrorCode::kTimeout : scaled.error().code();
    if (code == ErrorCode::kUnsupportedOperation || code == ErrorCode::kInvalidRequest) return scaled.error();
    if (!scaled.ok() && !TRY(context.engine.alive(rescaling.folder))) return scaled.error();
    if (context.clock.monotonic_ns() >= deadline_ns) {
      return scaled.ok() ? Error(ErrorCode::kTimeout, "it took too long") : scaled.error();
    }
    if (!context.stop.pause_ms(kPollMs) || superseded(context, operation)) return Error(ErrorCode::kCancelled, "");
  }
}

Status scale(Context& context, const Application& application, Operation& operation, Rescaling& rescaling) {
  FAILPOINT("control.after_intent");
  const Status scaled = await_scaled(context, operation, rescaling);
  FAILPOINT("control.after_engine_call");
  if (!scaled.ok() && scaled.error().code() == ErrorCode::kCancelled) return {};
  if (!scaled.ok()) return restart_instead(context, application, operation, rescaling, scaled.error().message());
  // From now on the run's next incarnation is one of the new version.
  TRY((succeed<ApplicationStatus::kUpdating, ApplicationStatus::kRunning>(
      context, operation, [&](Transaction& tx, Application& changed) {
        rescaling.run.version = changed.version;
        rescaling.run.parallelism = rescaling.parallelism;
        return tx.update_run(rescaling.run);
      })));
  return context.fs.remove_all(staging_directory(context, application, operation.id));
}

}  // namespace

std::string first_step_of_update(const Version& running, const Version& next, const RestoreChoice& choice) {
  const bool alone =
      configuration::only_parallelism_differs(running, next) &&
      configuration::parallelism(running.configuration) != configuration::parallelism(next.configuration);
  // Without snapshots the new version begins from an older one, or with nothing; and a choice is the client's.
  const bool goes_on = configuration::snapshots_enabled(running.configuration) && choice.type == RestoreType::kLatest &&
                       !choice.allow_non_restored_state;
  return std::string(alone && goes_on ? kRescale : kSave);
}

Status drive_rescaling(Context& context, const Application& application, Operation& operation) {
  Rescaling rescaling = TRY(read_rescaling(context, application, operation));
  if (operation.step == kRescale) TRY(snapshot_first(context, application, operation, rescaling));
  if (operation.step != kScale || superseded(context, operation)) return {};
  return scale(context, application, operation, rescaling);
}

}  // namespace raudal::control::lifecycle
