// GET /jobs and GET /jobs/overview: the jobs of a cluster, and how far their tasks are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codec/json.h"

namespace raudal::flinkrest {

// One job, as both calls list it.
struct JobSummary {
  std::string id;
  std::string name;
  std::string state;
  int64_t start_time_ms = 0;
  int64_t end_time_ms = -1;
  int64_t duration_ms = 0;
  int64_t last_modification_ms = 0;
  std::map<std::string, int> tasks;  // by state in upper case
};
codec::JsonObject job_ids(const std::vector<JobSummary>& jobs);        // GET /jobs
codec::JsonObject jobs_overview(const std::vector<JobSummary>& jobs);  // GET /jobs/overview

// All task states with their counts, zeros too. Keys in lower case for overviews, in upper case elsewhere.
codec::JsonObject task_counts(const std::map<std::string, int>& tasks, bool lower_case);

}  // namespace raudal::flinkrest
