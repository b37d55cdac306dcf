#include <fmt/core.h>

#include "control/actions/request.h"

namespace raudal::control::actions {

using metadata::ApplicationStatus;
using metadata::SnapshotStatus;

Answer delete_application_snapshot(Services& services, const Caller& caller, const Request& request) {
  const auto name = codec::find_string(request, "SnapshotName").value_or("");
  const double created = codec::find_double(request, "SnapshotCreationTimestamp").value_or(0);
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  auto snapshot = TRY(tx.find_snapshot(application.id, name));
  if (!snapshot) return Error(ErrorCode::kResourceNotFound, fmt::format("Snapshot not found: {}", name));
  const bool idle =
      application.status == ApplicationStatus::kReady || application.status == ApplicationStatus::kRunning;
  if (!idle) return in_use("DeleteApplicationSnapshot is not possible", application);
  if (snapshot->status != SnapshotStatus::kReady && snapshot->status != SnapshotStatus::kFailed) {
    return Error(ErrorCode::kResourceInUse, fmt::format("Snapshot is {}: {}", to_string(snapshot->status), name));
  }
  if (!same_second(snapshot->created_ms, created)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("SnapshotCreationTimestamp is not that of the snapshot: {}", name));
  }
  snapshot->status = SnapshotStatus::kDeleting;
  TRY(tx.update_snapshot(*snapshot));
  TRY(audit(tx, services, caller, "DeleteApplicationSnapshot", request));
  TRY(tx.commit());
  services.lifecycle.wake(application.id);
  return codec::JsonObject();
}

}  // namespace raudal::control::actions
