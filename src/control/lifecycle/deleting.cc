#include <fmt/core.h>

#include "control/lifecycle/runs.h"
#include "control/lifecycle/states.h"

namespace raudal::control::lifecycle {

using metadata::Application;
using metadata::Transaction;

// Processes first, then files, then rows: whoever comes after a crash finds the rows and does it again.
Status drive_deleting(Context& context, const Application& application) {
  TRY(bring_down(context, application, application.run));
  Transaction tx = TRY(context.store.begin());
  // Some may lie in a folder that is shared with a cluster.
  for (const auto& snapshot : TRY(tx.list_snapshots(application.id, {.before = 0, .limit = INT64_MAX}))) {
    if (!snapshot.directory.empty()) TRY(context.fs.remove_all(snapshot.directory));
  }
  TRY(context.fs.remove_all(application_directory(context.options, application)));
  TRY(tx.remove_application(application.id));
  TRY(tx.commit());
  context.log.info(fmt::format("{}: deleted", application.name));
  return {};
}

}  // namespace raudal::control::lifecycle
