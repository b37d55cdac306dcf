#include "control/actions/describe.h"
#include "control/actions/request.h"

namespace raudal::control::actions {

// Newest first.
Answer list_application_snapshots(Services& services, const Caller&, const Request& request) {
  const auto page = TRY(read_page(request));
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const auto snapshots = TRY(tx.list_snapshots(application.id, page));
  codec::JsonArray summaries;
  for (const metadata::Snapshot& snapshot : snapshots) {
    const auto version = TRY(tx.require_version(application.id, snapshot.version));
    summaries.push_back(describe_snapshot(snapshot, version));
  }
  codec::JsonObject answer;
  answer["SnapshotSummaries"] = std::move(summaries);
  if (!snapshots.empty()) write_next_token(answer, page, snapshots.size(), snapshots.back().id);
  return answer;
}

}  // namespace raudal::control::actions
