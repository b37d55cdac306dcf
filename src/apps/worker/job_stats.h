// Figures of the jobs that a script ran, for benchmarks: per job its metrics and checkpoints, as JSON.
#pragma once

#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "codec/json.h"
#include "obs/metrics.h"
#include "runtime/job.h"

namespace raudal::apps {

class JobStats {
 public:
  void add(const runtime::Job& job, const obs::MetricRegistry& metrics);
  Status write(Fs& fs, const std::string& path) const;

 private:
  codec::JsonArray jobs_;
};

}  // namespace raudal::apps
