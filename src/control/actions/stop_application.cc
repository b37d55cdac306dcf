#include <fmt/core.h>

#include "control/actions/request.h"
#include "control/configuration/programs.h"
#include "control/configuration/settings.h"
#include "control/lifecycle/automatic_snapshot.h"
#include "control/lifecycle/operations.h"

namespace raudal::control::actions {
namespace {

using codec::JsonObject;
using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::OperationStatus;
using metadata::SnapshotStatus;
using metadata::Transaction;

Status plan_stop(Services& services, Transaction& tx, Application& application, Operation& operation) {
  if (application.status != ApplicationStatus::kRunning) {
    return in_use("StopApplication is not possible without Force", application);
  }
  const auto run = TRY(tx.require_run(application.id, application.run));
  const auto version = TRY(tx.require_version(application.id, run.version));
  if (configuration::snapshots_enabled(version.configuration)) {
    const std::string reason = configuration::no_snapshots_reason(version);
    if (!reason.empty()) {
      return Error(
          ErrorCode::kInvalidApplicationConfiguration,
          fmt::format("StopApplication begins with a snapshot, and {}: disable snapshots, or stop with Force", reason));
    }
    operation.plan["snapshot"] = TRY(lifecycle::insert_automatic_snapshot(services.context, tx, application, run));
  }
  return tx.move<ApplicationStatus::kRunning, ApplicationStatus::kStopping>(application);
}

Status begin_force(Transaction& tx, Application& application) {
  switch (application.status) {
    case ApplicationStatus::kStarting:
      return tx.move<ApplicationStatus::kStarting, ApplicationStatus::kForceStopping>(application);
    case ApplicationStatus::kRunning:
      return tx.move<ApplicationStatus::kRunning, ApplicationStatus::kForceStopping>(application);
    case ApplicationStatus::kStopping:
      return tx.move<ApplicationStatus::kStopping, ApplicationStatus::kForceStopping>(application);
    case ApplicationStatus::kUpdating:
      return tx.move<ApplicationStatus::kUpdating, ApplicationStatus::kForceStopping>(application);
    default: return in_use("StopApplication is not possible", application);
  }
}

// What is in flight ends here: its operation is cancelled. What becomes of its snapshots is seen when the run is dead.
Status plan_force(Services& services, Transaction& tx, Application& application) {
  TRY(begin_force(tx, application));
  if (auto cancelled = TRY(tx.operation_in_flight(application.id))) {
    cancelled->status = OperationStatus::kCancelled;
    cancelled->ended_ms = services.context.now_ms();
    TRY(tx.update_operation(*cancelled));
  }
  return {};
}

}  // namespace

Answer stop_application(Services& services, const Caller& caller, const Request& request) {
  const bool force = codec::find_bool(request, "Force").value_or(false);
  Transaction tx = TRY(services.context.store.begin());
  Application application = TRY(tx.require_application(application_name(request)));
  Operation operation = lifecycle::begin_operation(services.context, application.id, lifecycle::kStopApplication);
  if (force) {
    TRY(plan_force(services, tx, application));
  } else {
    TRY(plan_stop(services, tx, application, operation));
  }
  TRY(tx.insert_operation(operation));
  TRY(audit(tx, services, caller, lifecycle::kStopApplication, request));
  TRY(tx.commit());
  if (force) services.lifecycle.interrupt(application);
  services.lifecycle.wake(application.id);
  JsonObject answer;
  answer["OperationId"] = operation.id;
  return answer;
}

}  // namespace raudal::control::actions
