#include "control/actions/actions.h"

namespace raudal::control::actions {
namespace {

constexpr Action kActions[] = {
    {"CreateApplication", create_application},
    {"CreateApplicationPresignedUrl", create_application_presigned_url},
    {"CreateApplicationSnapshot", create_application_snapshot},
    {"DeleteApplication", delete_application},
    {"DeleteApplicationSnapshot", delete_application_snapshot},
    {"DescribeApplication", describe_application},
    {"DescribeApplicationOperation", describe_application_operation},
    {"DescribeApplicationSnapshot", describe_application_snapshot},
    {"DescribeApplicationVersion", describe_application_version},
    {"ListApplicationOperations", list_application_operations},
    {"ListApplicationSnapshots", list_application_snapshots},
    {"ListApplicationVersions", list_application_versions},
    {"ListApplications", list_applications},
    {"StartApplication", start_application},
    {"StopApplication", stop_application},
    {"UpdateApplication", update_application},
};

}  // namespace

const Action* find_action(std::string_view name) {
  for (const Action& action : kActions) {
    if (action.name == name) return &action;
  }
  return nullptr;
}

}  // namespace raudal::control::actions
