// Another parallelism for a job that runs on a Flink cluster of ours, without a new run: Flink's adaptive scheduler is
// told over REST (1.18 and later), and the cluster's supervisor, by RUN/scale.json, how many TaskManagers that takes.
// Flink restarts the job from its newest checkpoint, in the same processes. The invariant: a vertex whose parallelism
// the program itself has fixed keeps it.
#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "base/ids.h"
#include "base/result.h"
#include "engine/flink_rest_client.h"

namespace raudal::engine {

// RUN/scale.json: what one incarnation was asked for after its launch. Of no meaning to any other incarnation.
struct ScaleFile {
  Incarnation incarnation;
  int parallelism = 1;
  std::vector<std::string> vertices;  // ids of those that follow the application's parallelism
};

Status write_scale_file(Fs& fs, const std::string& run_directory, const ScaleFile& scale);
// kNotFound where nothing was asked for.
Result<ScaleFile> read_scale_file(Fs& fs, const std::string& run_directory);

// As Engine::check_rescale and Engine::rescale (engine.h); the endpoint is the run directory's.
Status check_rescaling(Fs& fs, const RestEndpoint& endpoint, int parallelism);
Result<bool> rescale_in_place(Fs& fs, const RestEndpoint& endpoint, int parallelism);

}  // namespace raudal::engine
