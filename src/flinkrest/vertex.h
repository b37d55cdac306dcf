// GET /jobs/:jobid/vertices/:vertexid and what hangs below it: subtasks, their times, watermarks, back-pressure.
#pragma once

#include <string>
#include <vector>

#include "codec/json.h"
#include "flinkrest/job_details.h"

namespace raudal::flinkrest {

// One parallel piece of a vertex. Rates are parts of 1.
struct Subtask {
  std::string status;
  int64_t start_time_ms = -1;
  int64_t end_time_ms = -1;
  int64_t duration_ms = 0;
  IoMetrics metrics;
  double busy = 0;
  double idle = 0;
  double back_pressured = 0;
  bool has_watermark = false;
  int64_t watermark_ms = 0;
};

// A vertex with its subtasks: all five answers are made of it.
struct Vertex {
  std::string id;
  std::string name;
  int parallelism = 1;
  int max_parallelism = 128;
  int64_t now_ms = 0;
  std::string status;
  std::string endpoint;  // of the process
  std::string taskmanager_id;
  std::vector<Subtask> subtasks;
};

codec::JsonObject vertex_details(const Vertex& vertex);       // GET …/vertices/:vertexid
codec::JsonObject vertex_times(const Vertex& vertex);         // GET …/subtasktimes
codec::JsonObject vertex_taskmanagers(const Vertex& vertex);  // GET …/taskmanagers
codec::JsonArray vertex_watermarks(const Vertex& vertex);     // GET …/watermarks
codec::JsonObject vertex_backpressure(const Vertex& vertex);  // GET …/backpressure

}  // namespace raudal::flinkrest
