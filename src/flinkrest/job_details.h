// GET /jobs/:jobid: a job with its vertices and their metrics.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace raudal::flinkrest {

// Sums over the subtasks of a vertex, or the figures of one subtask.
struct IoMetrics {
  int64_t read_bytes = 0;
  int64_t write_bytes = 0;
  int64_t read_records = 0;
  int64_t write_records = 0;
  int64_t back_pressured_ms = 0;
  int64_t idle_ms = 0;
  double busy_ms = 0;
};
codec::JsonObject to_json(const IoMetrics& metrics);

// One vertex, with sums over its subtasks.
struct JobVertex {
  std::string id;
  std::string name;
  int parallelism = 1;
  int max_parallelism = 128;
  std::string status;
  int64_t start_time_ms = -1;
  int64_t end_time_ms = -1;
  int64_t duration_ms = 0;
  std::map<std::string, int> tasks;
  IoMetrics metrics;
};

// The whole answer.
struct JobDetails {
  std::string id;
  std::string name;
  std::string state;
  int64_t start_time_ms = 0;
  int64_t end_time_ms = -1;
  int64_t duration_ms = 0;
  int64_t now_ms = 0;
  int max_parallelism = -1;
  std::map<std::string, int64_t> timestamps_ms;  // by job state; absent ones are shown as 0
  std::vector<JobVertex> vertices;
  codec::Json plan;
};
codec::JsonObject to_json(const JobDetails& job);
// An error without id, name or state; all else may be absent.
Result<JobDetails> job_details_from_json(const codec::JsonObject& json);

}  // namespace raudal::flinkrest
