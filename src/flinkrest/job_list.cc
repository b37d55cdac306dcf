#include "flinkrest/job_list.h"

#include <array>

#include "base/str.h"

namespace raudal::flinkrest {

constexpr std::array<const char*, 10> kTaskStates = {"CREATED",     "SCHEDULED",   "DEPLOYING", "RUNNING",
                                                     "FINISHED",    "CANCELING",   "CANCELED",  "FAILED",
                                                     "RECONCILING", "INITIALIZING"};

codec::JsonObject task_counts(const std::map<std::string, int>& tasks, bool lower_case) {
  codec::JsonObject counts;
  int total = 0;
  for (const auto& [state, count] : tasks) total += count;
  if (lower_case) counts["total"] = total;
  for (const char* state : kTaskStates) {
    const auto found = tasks.find(state);
    counts[lower_case ? to_lower(state) : std::string(state)] = found == tasks.end() ? 0 : found->second;
  }
  return counts;
}

codec::JsonObject job_ids(const std::vector<JobSummary>& jobs) {
  codec::JsonArray list;
  for (const JobSummary& job : jobs) list.push_back(codec::JsonObject{{"id", job.id}, {"status", job.state}});
  return {{"jobs", std::move(list)}};
}

codec::JsonObject jobs_overview(const std::vector<JobSummary>& jobs) {
  codec::JsonArray list;
  for (const JobSummary& job : jobs) {
    list.push_back(codec::JsonObject{{"jid", job.id},
                                     {"name", job.name},
                                     {"state", job.state},
                                     {"start-time", job.start_time_ms},
                                     {"end-time", job.end_time_ms},
                                     {"duration", job.duration_ms},
                                     {"last-modification", job.last_modification_ms},
                                     {"tasks", task_counts(job.tasks, true)}});
  }
  return {{"jobs", std::move(list)}};
}

}  // namespace raudal::flinkrest
