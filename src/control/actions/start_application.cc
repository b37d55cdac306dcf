#include "control/actions/request.h"
#include "control/lifecycle/code.h"
#include "control/lifecycle/operations.h"
#include "control/lifecycle/restore.h"

namespace raudal::control::actions {
namespace {

using codec::JsonObject;
using lifecycle::RestoreChoice;
using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Transaction;

// An application that may be started, and from what.
struct Startable {
  Application application;
  RestoreChoice choice;
};

// The same checks before and after the code was fetched.
Result<Startable> require_startable(Transaction& tx, const Request& request) {
  Startable found{.application = TRY(tx.require_application(application_name(request))), .choice = {}};
  if (found.application.status != ApplicationStatus::kReady) {
    return in_use("StartApplication is not possible", found.application);
  }
  if (const JsonObject* given = codec::find_object(request, "RunConfiguration")) {
    found.choice = TRY(lifecycle::read_restore_choice(*given));
  }
  TRY(lifecycle::find_restore_snapshot(tx, found.application.id, found.choice));
  return found;
}

Status store_intent(Services& services, const Caller& caller, const Request& request,
                    const metadata::Operation& operation) {
  Transaction tx = TRY(services.context.store.begin());
  auto [application, choice] = TRY(require_startable(tx, request));
  application.run_configuration = lifecycle::describe_restore_choice(choice);
  TRY((tx.move<ApplicationStatus::kReady, ApplicationStatus::kStarting>(application)));
  TRY(lifecycle::insert_next_run(tx, application, choice));
  TRY(tx.insert_operation(operation));
  TRY(audit(tx, services, caller, lifecycle::kStartApplication, request));
  return tx.commit();
}

}  // namespace

Answer start_application(Services& services, const Caller& caller, const Request& request) {
  lifecycle::Context& context = services.context;
  Transaction tx = TRY(context.store.begin());
  const Application application = TRY(require_startable(tx, request)).application;
  const auto version = TRY(tx.require_version(application.id, application.version));
  TRY(tx.commit());

  const auto operation = lifecycle::begin_operation(context, application.id, lifecycle::kStartApplication);
  const std::string staging = lifecycle::staging_directory(context, application, operation.id);
  Status stored = lifecycle::stage_code(context, application, version, join_path(staging, engine::kCodeDirectory));
  if (stored.ok()) stored = store_intent(services, caller, request, operation);
  if (!stored.ok()) {
    TRY(context.fs.remove_all(staging));
    return stored.error();
  }
  services.lifecycle.wake(application.id);
  JsonObject answer;
  answer["OperationId"] = operation.id;
  return answer;
}

}  // namespace raudal::control::actions
