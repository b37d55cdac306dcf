#include "control/metadata/status.h"

#include <utility>

#include "base/check.h"

namespace raudal::control::metadata {
namespace {

constexpr std::pair<ApplicationStatus, std::string_view> kNames[] = {
    {ApplicationStatus::kDeleting, "DELETING"},        {ApplicationStatus::kStarting, "STARTING"},
    {ApplicationStatus::kStopping, "STOPPING"},        {ApplicationStatus::kReady, "READY"},
    {ApplicationStatus::kRunning, "RUNNING"},          {ApplicationStatus::kUpdating, "UPDATING"},
    {ApplicationStatus::kAutoscaling, "AUTOSCALING"},  {ApplicationStatus::kForceStopping, "FORCE_STOPPING"},
    {ApplicationStatus::kRollingBack, "ROLLING_BACK"}, {ApplicationStatus::kMaintenance, "MAINTENANCE"},
    {ApplicationStatus::kRolledBack, "ROLLED_BACK"},
};

}  // namespace

std::string_view to_string(ApplicationStatus status) {
  for (const auto& [value, name] : kNames) {
    if (value == status) return name;
  }
  check_failed("every status has a name", __FILE__, __LINE__);
}

std::optional<ApplicationStatus> parse_application_status(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace raudal::control::metadata
