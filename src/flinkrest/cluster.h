// GET /overview and GET /config: the cluster in a few numbers, and what a dashboard must know before its first poll.
#pragma once

#include <string>

#include "codec/json.h"

namespace raudal::flinkrest {

// GET /overview
struct ClusterOverview {
  int taskmanagers = 1;
  int slots_total = 1;
  int slots_available = 0;
  int jobs_running = 0;
  int jobs_finished = 0;
  int jobs_cancelled = 0;
  int jobs_failed = 0;
};
codec::JsonObject to_json(const ClusterOverview& overview);

// GET /config
struct DashboardConfig {
  int refresh_interval_ms = 3000;
};
codec::JsonObject to_json(const DashboardConfig& config);

// The Flink release whose API and semantics are spoken.
inline constexpr const char* kFlinkVersion = "1.20.0";

}  // namespace raudal::flinkrest
