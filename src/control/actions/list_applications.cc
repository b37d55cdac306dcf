#include "control/actions/request.h"

namespace raudal::control::actions {

using codec::JsonArray;
using codec::JsonObject;

// NextToken has the shape of a name: it is the last one listed.
Answer list_applications(Services& services, const Caller&, const Request& request) {
  const int64_t limit = codec::find_int(request, "Limit").value_or(50);
  auto tx = TRY(services.context.store.begin());
  auto applications = TRY(tx.list_applications(codec::find_string(request, "NextToken").value_or(""), limit + 1));
  JsonObject answer;
  if (static_cast<int64_t>(applications.size()) > limit) {
    applications.pop_back();
    answer["NextToken"] = applications.back().name;
  }
  JsonArray summaries;
  for (const metadata::Application& application : applications) {
    const auto version = TRY(tx.require_version(application.id, application.version));
    JsonObject summary;
    summary["ApplicationName"] = application.name;
    summary["ApplicationARN"] = lifecycle::application_arn(services.context.options, application.name);
    summary["ApplicationStatus"] = to_string(application.status);
    summary["ApplicationVersionId"] = application.version;
    summary["RuntimeEnvironment"] = version.runtime;
    summary["ApplicationMode"] = application.mode;
    summaries.push_back(std::move(summary));
  }
  answer["ApplicationSummaries"] = std::move(summaries);
  return answer;
}

}  // namespace raudal::control::actions
