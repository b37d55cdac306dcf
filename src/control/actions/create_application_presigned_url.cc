#include <fmt/core.h>

#include "control/actions/dashboard_sessions.h"
#include "control/actions/request.h"

namespace raudal::control::actions {
namespace {

constexpr int64_t kSessionSeconds = 43'200;
constexpr std::string_view kDashboard = "FLINK_DASHBOARD_URL";

}  // namespace

Answer create_application_presigned_url(Services& services, const Caller& caller, const Request& request) {
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const std::string_view type = codec::find_string(request, "UrlType").value_or("");
  if (type != kDashboard) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("UrlType does not fit the application: {}", type));
  }
  if (application.status != metadata::ApplicationStatus::kRunning) {
    return in_use("CreateApplicationPresignedUrl is not possible", application);
  }
  const int64_t seconds = codec::find_int(request, "SessionExpirationDurationInSeconds").value_or(kSessionSeconds);
  codec::JsonObject answer;
  answer["AuthorizedUrl"] = fmt::format("{}://{}{}{}/", caller.over_tls ? "https" : "http", caller.host, kDashboardPath,
                                        services.dashboards.issue(application.id, seconds));
  return answer;
}

}  // namespace raudal::control::actions
