#include <fmt/core.h>

#include "control/actions/describe.h"
#include "control/actions/request.h"

namespace raudal::control::actions {

Answer describe_application_snapshot(Services& services, const Caller&, const Request& request) {
  const auto name = codec::find_string(request, "SnapshotName").value_or("");
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const auto snapshot = TRY(tx.find_snapshot(application.id, name));
  if (!snapshot) return Error(ErrorCode::kResourceNotFound, fmt::format("Snapshot not found: {}", name));
  const auto version = TRY(tx.require_version(application.id, snapshot->version));
  codec::JsonObject answer;
  answer["SnapshotDetails"] = describe_snapshot(*snapshot, version);
  return answer;
}

}  // namespace raudal::control::actions
