#include "flinkrest/vertex.h"

#include <algorithm>

#include "flinkrest/job_list.h"

namespace raudal::flinkrest {
namespace {

// Flink's levels: up to 10 % ok, up to 50 % low.
const char* level_of(double back_pressured) {
  if (back_pressured <= 0.1) return "ok";
  return back_pressured <= 0.5 ? "low" : "high";
}

IoMetrics sum_of(const Vertex& vertex) {
  IoMetrics sum;
  for (const Subtask& each : vertex.subtasks) {
    sum.read_bytes += each.metrics.read_bytes;
    sum.write_bytes += each.metrics.write_bytes;
    sum.read_records += each.metrics.read_records;
    sum.write_records += each.metrics.write_records;
    sum.back_pressured_ms += each.metrics.back_pressured_ms;
    sum.idle_ms += each.metrics.idle_ms;
    sum.busy_ms += each.metrics.busy_ms;
  }
  return sum;
}

}  // namespace

codec::JsonObject vertex_details(const Vertex& vertex) {
  codec::JsonArray subtasks;
  for (size_t i = 0; i < vertex.subtasks.size(); ++i) {
    const Subtask& each = vertex.subtasks[i];
    subtasks.push_back(codec::JsonObject{{"subtask", i},
                                         {"status", each.status},
                                         {"attempt", 0},
                                         {"endpoint", vertex.endpoint},
                                         {"host", vertex.endpoint},
                                         {"start-time", each.start_time_ms},
                                         {"end-time", each.end_time_ms},
                                         {"duration", each.duration_ms},
                                         {"metrics", to_json(each.metrics)},
                                         {"taskmanager-id", vertex.taskmanager_id},
                                         {"status-duration", codec::JsonObject{{each.status, each.duration_ms}}}});
  }
  return {{"id", vertex.id},
          {"name", vertex.name},
          {"parallelism", vertex.parallelism},
          {"maxParallelism", vertex.max_parallelism},
          {"now", vertex.now_ms},
          {"subtasks", std::move(subtasks)}};
}

codec::JsonObject vertex_times(const Vertex& vertex) {
  codec::JsonArray subtasks;
  for (size_t i = 0; i < vertex.subtasks.size(); ++i) {
    const Subtask& each = vertex.subtasks[i];
    subtasks.push_back(codec::JsonObject{{"subtask", i},
                                         {"endpoint", vertex.endpoint},
                                         {"host", vertex.endpoint},
                                         {"duration", each.duration_ms},
                                         {"timestamps", codec::JsonObject{{each.status, each.start_time_ms}}}});
  }
  return {{"id", vertex.id}, {"name", vertex.name}, {"now", vertex.now_ms}, {"subtasks", std::move(subtasks)}};
}

codec::JsonObject vertex_taskmanagers(const Vertex& vertex) {
  std::map<std::string, int> statuses;
  for (const Subtask& each : vertex.subtasks) ++statuses[each.status];
  codec::JsonObject process{{"endpoint", vertex.endpoint},
                            {"host", vertex.endpoint},
                            {"status", vertex.status},
                            {"start-time", vertex.subtasks.empty() ? -1 : vertex.subtasks.front().start_time_ms},
                            {"end-time", vertex.subtasks.empty() ? -1 : vertex.subtasks.front().end_time_ms},
                            {"duration", vertex.subtasks.empty() ? 0 : vertex.subtasks.front().duration_ms},
                            {"metrics", to_json(sum_of(vertex))},
                            {"status-counts", task_counts(statuses, false)},
                            {"taskmanager-id", vertex.taskmanager_id}};
  return {{"id", vertex.id},
          {"name", vertex.name},
          {"now", vertex.now_ms},
          {"taskmanagers", codec::JsonArray{std::move(process)}}};
}

codec::JsonArray vertex_watermarks(const Vertex& vertex) {
  codec::JsonArray watermarks;
  for (size_t i = 0; i < vertex.subtasks.size(); ++i) {
    if (!vertex.subtasks[i].has_watermark) continue;
    watermarks.push_back(codec::JsonObject{{"id", std::to_string(i) + ".currentInputWatermark"},
                                           {"value", std::to_string(vertex.subtasks[i].watermark_ms)}});
  }
  return watermarks;
}

codec::JsonObject vertex_backpressure(const Vertex& vertex) {
  double highest = 0;
  codec::JsonArray subtasks;
  for (size_t i = 0; i < vertex.subtasks.size(); ++i) {
    const Subtask& each = vertex.subtasks[i];
    highest = std::max(highest, each.back_pressured);
    subtasks.push_back(codec::JsonObject{{"subtask", i},
                                         {"attempt-number", 0},
                                         {"backpressureLevel", level_of(each.back_pressured)},
                                         {"backpressure-level", level_of(each.back_pressured)},
                                         {"ratio", each.back_pressured},
                                         {"idleRatio", each.idle},
                                         {"busyRatio", each.busy}});
  }
  return {{"status", "ok"},
          {"backpressureLevel", level_of(highest)},
          {"backpressure-level", level_of(highest)},
          {"end-timestamp", vertex.now_ms},
          {"subtasks", std::move(subtasks)}};
}

}  // namespace raudal::flinkrest
