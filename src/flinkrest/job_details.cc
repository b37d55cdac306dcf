#include "flinkrest/job_details.h"

#include <array>

#include "flinkrest/job_list.h"
#include "flinkrest/json_members.h"

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

IoMetrics io_metrics_from_json(const codec::JsonObject& json) {
  return {.read_bytes = int64_of(json, "read-bytes"),
          .write_bytes = int64_of(json, "write-bytes"),
          .read_records = int64_of(json, "read-records"),
          .write_records = int64_of(json, "write-records"),
          .back_pressured_ms = int64_of(json, "accumulated-backpressured-time"),
          .idle_ms = int64_of(json, "accumulated-idle-time"),
          .busy_ms = codec::find_double(json, "accumulated-busy-time").value_or(0)};
}

JobVertex vertex_from_json(const codec::JsonObject& json) {
  JobVertex vertex{.id = text_of(json, "id"),
                   .name = text_of(json, "name"),
                   .parallelism = int_of(json, "parallelism"),
                   .max_parallelism = int_of(json, "maxParallelism"),
                   .status = text_of(json, "status"),
                   .start_time_ms = int64_of(json, "start-time", -1),
                   .end_time_ms = int64_of(json, "end-time", -1),
                   .duration_ms = int64_of(json, "duration")};
  if (const codec::JsonObject* tasks = codec::find_object(json, "tasks")) {
    for (const auto& [state, count] : *tasks) {
      if (count.is_int64() && count.get_int64() != 0) vertex.tasks[state] = static_cast<int>(count.get_int64());
    }
  }
  if (const codec::JsonObject* metrics = codec::find_object(json, "metrics")) {
    vertex.metrics = io_metrics_from_json(*metrics);
  }
  return vertex;
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

Result<JobDetails> job_details_from_json(const codec::JsonObject& json) {
  JobDetails job{.id = TRY(codec::require_string(json, "jid")),
                 .name = TRY(codec::require_string(json, "name")),
                 .state = TRY(codec::require_string(json, "state")),
                 .start_time_ms = int64_of(json, "start-time"),
                 .end_time_ms = int64_of(json, "end-time", -1),
                 .duration_ms = int64_of(json, "duration"),
                 .now_ms = int64_of(json, "now"),
                 .max_parallelism = int_of(json, "maxParallelism", -1)};
  if (const codec::JsonObject* timestamps = codec::find_object(json, "timestamps")) {
    for (const auto& [state, entered] : *timestamps) {
      if (entered.is_int64() && entered.get_int64() != 0) job.timestamps_ms[state] = entered.get_int64();
    }
  }
  for_each_object(json, "vertices",
                  [&](const codec::JsonObject& vertex) { job.vertices.push_back(vertex_from_json(vertex)); });
  if (const codec::Json* plan = json.if_contains("plan")) job.plan = *plan;
  return job;
}

}  // namespace raudal::flinkrest
