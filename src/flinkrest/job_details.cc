#include "flinkrest/job_details.h"

#include <array>

#include "flinkrest/job_list.h"

namespace raudal::flinkrest {
namespace {

constexpr std::array<const char*, 11> kJobStates = {"INITIALIZING", "CREATED",    "RUNNING",    "FAILING",
                                                    "FAILED",       "CANCELLING", "CANCELED",   "FINISHED",
                                                    "RESTARTING",   "SUSPENDED",  "RECONCILING"};

codec::JsonObject to_json(const JobVertex& vertex) {
  return {{"id", vertex.id},
          {"slotSharingGroupId", vertex.id},
          {"name", vertex.name},
          {"maxParallelism", vertex.max_parallelism},
          {"parallelism", vertex.parallelism},
          {"status", vertex.status},
          {"start-time", vertex.start_time_ms},
          {"end-time", vertex.end_time_ms},
          {"duration", vertex.duration_ms},
          {"tasks", task_counts(vertex.tasks, false)},
          {"metrics", to_json(vertex.metrics)}};
}

}  // namespace

codec::JsonObject to_json(const IoMetrics& metrics) {
  return {{"read-bytes", metrics.read_bytes},
          {"read-bytes-complete", true},
          {"write-bytes", metrics.write_bytes},
          {"write-bytes-complete", true},
          {"read-records", metrics.read_records},
          {"read-records-complete", true},
          {"write-records", metrics.write_records},
          {"write-records-complete", true},
          {"accumulated-backpressured-time", metrics.back_pressured_ms},
          {"accumulated-idle-time", metrics.idle_ms},
          {"accumulated-busy-time", metrics.busy_ms}};
}

codec::JsonObject to_json(const JobDetails& job) {
  codec::JsonObject timestamps;
  for (const char* state : kJobStates) {
    const auto entered = job.timestamps_ms.find(state);
    timestamps[state] = entered == job.timestamps_ms.end() ? 0 : entered->second;
  }
  codec::JsonArray vertices;
  std::map<std::string, int> statuses;
  for (const JobVertex& vertex : job.vertices) {
    vertices.push_back(to_json(vertex));
    ++statuses[vertex.status];
  }
  return {{"jid", job.id},
          {"name", job.name},
          {"isStoppable", false},
          {"state", job.state},
          {"job-type", "STREAMING"},
          {"start-time", job.start_time_ms},
          {"end-time", job.end_time_ms},
          {"duration", job.duration_ms},
          {"maxParallelism", job.max_parallelism},
          {"now", job.now_ms},
          {"timestamps", std::move(timestamps)},
          {"vertices", std::move(vertices)},
          {"status-counts", task_counts(statuses, false)},
          {"plan", job.plan},
          {"pending-operators", 0}};
}

}  // namespace raudal::flinkrest
