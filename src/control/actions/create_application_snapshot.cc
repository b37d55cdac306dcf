#include <fmt/core.h>

#include "control/actions/request.h"
#include "control/configuration/programs.h"
#include "control/configuration/settings.h"
#include "control/lifecycle/automatic_snapshot.h"

namespace raudal::control::actions {
namespace {

using metadata::Application;
using metadata::ApplicationStatus;

constexpr int64_t kSnapshotsMax = 1000;

Status check_snapshottable(const Application& application, const metadata::Version& version) {
  if (application.status == ApplicationStatus::kReady) {
    return Error(ErrorCode::kInvalidApplicationConfiguration,
                 fmt::format("A snapshot needs a running application: {}", application.name));
  }
  if (application.status != ApplicationStatus::kRunning) {
    return in_use("CreateApplicationSnapshot is not possible", application);
  }
  if (!configuration::snapshots_enabled(version.configuration)) {
    return Error(ErrorCode::kInvalidApplicationConfiguration,
                 fmt::format("Snapshots are disabled for the application: {}", application.name));
  }
  const std::string reason = configuration::no_snapshots_reason(version);
  if (!reason.empty()) return Error(ErrorCode::kInvalidApplicationConfiguration, "No snapshot is possible: " + reason);
  return {};
}

}  // namespace

Answer create_application_snapshot(Services& services, const Caller& caller, const Request& request) {
  const std::string name(codec::find_string(request, "SnapshotName").value_or(""));
  auto tx = TRY(services.context.store.begin());
  const Application application = TRY(tx.require_application(application_name(request)));
  const auto version = TRY(tx.require_version(application.id, application.version));
  TRY(check_snapshottable(application, version));
  if (TRY(tx.find_snapshot(application.id, name))) {
    return Error(ErrorCode::kResourceInUse, fmt::format("Snapshot already exists: {}", name));
  }
  if (TRY(tx.count_snapshots(application.id)) >= kSnapshotsMax) {
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("An application may have at most {} snapshots: delete some first", kSnapshotsMax));
  }
  const auto run = TRY(tx.require_run(application.id, application.run));
  auto snapshot = lifecycle::new_snapshot(services.context, application, run, version, name);
  TRY(tx.insert_snapshot(snapshot));
  TRY(audit(tx, services, caller, "CreateApplicationSnapshot", request));
  TRY(tx.commit());
  services.lifecycle.wake(application.id);
  return codec::JsonObject();
}

}  // namespace raudal::control::actions
