#include "apps/worker/job_stats.h"

#include <boost/json.hpp>

namespace raudal::apps {

void JobStats::add(const runtime::Job& job, const obs::MetricRegistry& metrics) {
  codec::JsonObject values;
  for (const obs::MetricSample& sample : metrics.snapshot()) {
    std::string name = sample.name;
    if (!sample.scope.operator_name.empty()) name = sample.scope.operator_name + "." + name;
    if (sample.scope.subtask >= 0) name = std::to_string(sample.scope.subtask) + "." + name;
    values[name] = obs::metric_value_text(sample.value);
  }
  const runtime::CheckpointStatistics checkpoints = job.checkpoints();
  codec::JsonArray sizes;
  for (const runtime::CheckpointRecord& record : checkpoints.history) sizes.push_back(record.state_bytes);
  jobs_.push_back(codec::JsonObject{{"name", job.status().name},
                                    {"checkpointsCompleted", checkpoints.num_completed},
                                    {"checkpointsFailed", checkpoints.num_failed},
                                    {"stateBytes", sizes},
                                    {"metrics", values}});
}

Status JobStats::write(Fs& fs, const std::string& path) const {
  return write_file_durably(fs, path, codec::write_json_pretty(jobs_));
}

}  // namespace raudal::apps
