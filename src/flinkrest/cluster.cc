#include "flinkrest/cluster.h"

namespace raudal::flinkrest {

codec::JsonObject to_json(const ClusterOverview& overview) {
  return {{"taskmanagers", overview.taskmanagers},
          {"slots-total", overview.slots_total},
          {"slots-available", overview.slots_available},
          {"jobs-running", overview.jobs_running},
          {"jobs-finished", overview.jobs_finished},
          {"jobs-cancelled", overview.jobs_cancelled},
          {"jobs-failed", overview.jobs_failed},
          {"flink-version", kFlinkVersion},
          {"flink-commit", "raudal"}};
}

codec::JsonObject to_json(const DashboardConfig& config) {
  return {
      {"refresh-interval", config.refresh_interval_ms},
      {"timezone-name", "Coordinated Universal Time"},
      {"timezone-offset", 0},
      {"flink-version", kFlinkVersion},
      {"flink-revision", "raudal"},
      {"features",
       codec::JsonObject{{"web-submit", false}, {"web-cancel", true}, {"web-rescale", false}, {"web-history", false}}}};
}

}  // namespace raudal::flinkrest
