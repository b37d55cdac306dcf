// A session cluster of Flink's that is there already, by its address: uploads the JAR, runs it, asks for its job. There
// is no process of ours. What may run is written to the run directory before the cluster is asked, so that a run never
// has two jobs:
//
//   remote.json   {"attempt": n, "checkpoint": path}
//
// The job id follows from run and attempt. An attempt is over only when the cluster has shown its job as ended; until
// then every submission is made under the same id, of which a cluster takes one.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/fs.h"
#include "engine/engine.h"

namespace raudal::engine {

struct RemoteEngineOptions {
  int start_timeout_ms = 300'000;  // from the upload to a running job
  int rest_timeout_ms = 10'000;    // of one REST call
  int cancel_timeout_ms = 60'000;  // from asking a job to end to its end
};

std::unique_ptr<Engine> remote_engine(Fs& fs, const Clock& clock, RemoteEngineOptions options);

}  // namespace raudal::engine
