#include "control/lifecycle/operations.h"
#include "control/lifecycle/runs.h"
#include "control/lifecycle/states.h"

namespace raudal::control::lifecycle {

using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::Run;
using metadata::Transaction;

Status drive_starting(Context& context, const Application& application, Operation operation) {
  Run run;
  {
    Transaction tx = TRY(context.store.begin());
    run = TRY(tx.require_run(application.id, application.run));
  }
  const Status up = bring_up(context, application, run, &operation);
  if (context.stop.stopping() && !up.ok()) return {};  // the next process goes on
  if (up.ok()) {
    TRY((succeed<ApplicationStatus::kStarting, ApplicationStatus::kRunning>(context, operation)));
    return remove_old_runs(context, application);
  }
  TRY(bring_down(context, application, application.run));
  return fail<ApplicationStatus::kStarting, ApplicationStatus::kReady>(context, operation, up.error());
}

}  // namespace raudal::control::lifecycle
