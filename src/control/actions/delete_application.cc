#include <fmt/core.h>

#include "control/actions/request.h"
#include "control/lifecycle/operations.h"

namespace raudal::control::actions {
namespace {

using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Transaction;

Status begin_deletion(Transaction& tx, Application& application) {
  switch (application.status) {
    case ApplicationStatus::kReady:
      return tx.move<ApplicationStatus::kReady, ApplicationStatus::kDeleting>(application);
    case ApplicationStatus::kRunning:
      return tx.move<ApplicationStatus::kRunning, ApplicationStatus::kDeleting>(application);
    default: return in_use("DeleteApplication is not possible", application);
  }
}

}  // namespace

Answer delete_application(Services& services, const Caller& caller, const Request& request) {
  Transaction tx = TRY(services.context.store.begin());
  Application application = TRY(tx.require_application(application_name(request)));
  const auto operation = lifecycle::begin_operation(services.context, application.id, lifecycle::kDeleteApplication);
  TRY(begin_deletion(tx, application));
  const double created = codec::find_double(request, "CreateTimestamp").value_or(0);
  if (!same_second(application.created_ms, created)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("CreateTimestamp is not that of the application: {}", application.name));
  }
  TRY(tx.insert_operation(operation));
  TRY(audit(tx, services, caller, lifecycle::kDeleteApplication, request));
  TRY(tx.commit());
  services.lifecycle.interrupt(application);
  services.lifecycle.wake(application.id);
  return codec::JsonObject();
}

}  // namespace raudal::control::actions
