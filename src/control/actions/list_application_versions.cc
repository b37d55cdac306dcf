#include "control/actions/describe.h"
#include "control/actions/request.h"

namespace raudal::control::actions {

// Newest first.
Answer list_application_versions(Services& services, const Caller&, const Request& request) {
  const auto page = TRY(read_page(request));
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const auto versions = TRY(tx.list_versions(application.id, page));
  codec::JsonArray summaries;
  for (const metadata::Version& version : versions) {
    codec::JsonObject summary;
    summary["ApplicationVersionId"] = version.number;
    summary["ApplicationStatus"] = version_status(application, version);
    summaries.push_back(std::move(summary));
  }
  codec::JsonObject answer;
  answer["ApplicationVersionSummaries"] = std::move(summaries);
  if (!versions.empty()) write_next_token(answer, page, versions.size(), versions.back().number);
  return answer;
}

}  // namespace raudal::control::actions
