#include <fmt/core.h>

#include "base/rng.h"
#include "control/actions/describe.h"
#include "control/actions/inline_code.h"
#include "control/actions/request.h"
#include "control/configuration/programs.h"
#include "control/configuration/settings.h"
#include "control/configuration/versions.h"
#include "control/lifecycle/automatic_snapshot.h"
#include "control/lifecycle/code.h"
#include "control/lifecycle/operations.h"
#include "control/lifecycle/rescaling.h"
#include "control/lifecycle/restore.h"

namespace raudal::control::actions {
namespace {

using codec::JsonObject;
using configuration::DraftVersion;
using lifecycle::RestoreChoice;
using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::OperationStatus;
using metadata::Transaction;
using metadata::Version;

// The optimistic lock: the client names the version that it has seen, by number or token, or both.
Status check_version(const Request& request, const Version& current) {
  const auto number = codec::find_int(request, "CurrentApplicationVersionId");
  const auto token = codec::find_string(request, "ConditionalToken");
  if (!number && !token) {
    return Error(ErrorCode::kInvalidArgument, "CurrentApplicationVersionId or ConditionalToken is required");
  }
  if (number && *number != current.number) {
    return Error(ErrorCode::kConcurrentModification,
                 fmt::format("The current version is {}, the request names {}", current.number, *number));
  }
  if (token && *token != current.conditional_token) {
    return Error(ErrorCode::kConcurrentModification, "ConditionalToken is not that of the current version");
  }
  return {};
}

// An application that may be updated, its current version, and what its next run begins from.
struct Updatable {
  Application application;
  Version current;
  RestoreChoice choice;
};

// The same checks before and after the code was fetched.
Result<Updatable> require_updatable(Transaction& tx, const Request& request) {
  Updatable found;
  found.application = TRY(tx.require_application(application_name(request)));
  found.current = TRY(tx.require_version(found.application.id, found.application.version));
  TRY(check_version(request, found.current));
  const ApplicationStatus status = found.application.status;
  if (status != ApplicationStatus::kReady && status != ApplicationStatus::kRunning) {
    return in_use("UpdateApplication is not possible", found.application);
  }
  if (const JsonObject* given = codec::find_object(request, "RunConfigurationUpdate")) {
    found.choice = TRY(lifecycle::read_restore_choice(*given));
  }
  TRY(lifecycle::find_restore_snapshot(tx, found.application.id, found.choice));
  return found;
}

// kInvalidApplicationConfiguration where state or parallelism would have to move and cannot.
Status check_redeployable(const metadata::Version& running, const metadata::Version& next) {
  const std::string reason = configuration::no_snapshots_reason(running);
  if (reason.empty()) return {};
  if (configuration::snapshots_enabled(running.configuration)) {
    return Error(ErrorCode::kInvalidApplicationConfiguration,
                 fmt::format("UpdateApplication of a running application begins with a snapshot, and {}: stop it with "
                             "Force first, or disable snapshots",
                             reason));
  }
  if (configuration::parallelism(running.configuration) != configuration::parallelism(next.configuration)) {
    return Error(ErrorCode::kInvalidApplicationConfiguration,
                 fmt::format("A running application cannot be scaled where {}: stop it first", reason));
  }
  return {};
}

// The object at the same place may be another one by now.
bool names_code(const Request& request) {
  const JsonObject* update = codec::find_object(request, "ApplicationConfigurationUpdate");
  return update != nullptr && update->contains("ApplicationCodeConfigurationUpdate");
}

// A running application is redeployed: the plan says from what, and whether a snapshot comes first.
Status plan_redeployment(Services& services, Transaction& tx, Application& application, const RestoreChoice& choice,
                         Operation& operation) {
  const auto run = TRY(tx.require_run(application.id, application.run));
  const auto running = TRY(tx.require_version(application.id, run.version));
  const auto next = TRY(tx.require_version(application.id, application.version));
  TRY(check_redeployable(running, next));
  operation.plan = lifecycle::describe_restore_choice(choice);
  if (configuration::snapshots_enabled(running.configuration)) {
    operation.plan["snapshot"] = TRY(lifecycle::insert_automatic_snapshot(services.context, tx, application, run));
  }
  operation.step = lifecycle::first_step_of_update(running, next, choice);
  return tx.move<ApplicationStatus::kRunning, ApplicationStatus::kUpdating>(application);
}

Result<Application> store_intent(Services& services, const Caller& caller, const Request& request,
                                 const DraftVersion& draft, Operation& operation) {
  Transaction tx = TRY(services.context.store.begin());
  auto [application, current, choice] = TRY(require_updatable(tx, request));
  if (draft.version.number != current.number + 1) {
    return Error(ErrorCode::kConcurrentModification, "The application was updated meanwhile");
  }
  TRY(tx.insert_version(application.id, draft.version));
  TRY(tx.set_final_status(application.id, current.number, to_string(application.status)));
  application.version = draft.version.number;
  application.updated_ms = draft.version.created_ms;
  if (request.contains("RunConfigurationUpdate") || application.status == ApplicationStatus::kRunning) {
    application.run_configuration = lifecycle::describe_restore_choice(choice);
  }
  TRY(tx.update_application(application));
  operation.version_from = current.number;
  operation.version_to = draft.version.number;
  if (application.status == ApplicationStatus::kRunning) {
    TRY(plan_redeployment(services, tx, application, choice, operation));
    if (names_code(request)) operation.step = lifecycle::kSave;
  } else {
    operation.status = OperationStatus::kSuccessful;
  }
  TRY(tx.insert_operation(operation));
  TRY(audit(tx, services, caller, lifecycle::kUpdateApplication, request));
  TRY(tx.commit());
  return application;
}

}  // namespace

Answer update_application(Services& services, const Caller& caller, const Request& request) {
  lifecycle::Context& context = services.context;
  Transaction tx = TRY(context.store.begin());
  const auto [application, current, choice] = TRY(require_updatable(tx, request));
  TRY(tx.commit());

  DraftVersion draft = TRY(configuration::update_version(current, request));
  draft.version.created_ms = context.now_ms();
  draft.version.conditional_token = secure_random_hex(16);
  TRY(store_inline_code(context, application, draft));

  Operation operation = lifecycle::begin_operation(context, application.id, lifecycle::kUpdateApplication);
  const std::string staging = lifecycle::staging_directory(context, application, operation.id);
  if (application.status == ApplicationStatus::kRunning) {
    const Status staged =
        lifecycle::stage_code(context, application, draft.version, join_path(staging, engine::kCodeDirectory));
    if (!staged.ok()) {
      TRY(context.fs.remove_all(staging));
      return staged.error();
    }
  }
  auto updated = store_intent(services, caller, request, draft, operation);
  if (!updated.ok()) {
    TRY(context.fs.remove_all(staging));
    return updated.error();
  }
  services.lifecycle.wake(application.id);
  JsonObject answer;
  answer["ApplicationDetail"] = describe_version(services, *updated, draft.version, std::nullopt);
  answer["OperationId"] = operation.id;
  return answer;
}

}  // namespace raudal::control::actions
