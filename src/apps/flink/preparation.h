// Turns a run directory into the spec of its cluster: the program, the Flink that runs it, and what it restores.
// `check` asks for the first two, `run` for all.
#pragma once

#include <string>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "cluster/cluster_spec.h"

namespace raudal::apps {

// Without restore, address, ports and what the room gives.
Result<cluster::ClusterSpec> prepare_cluster(Fs& fs, Process& process, const std::string& run_directory);

// The service's data directory, of which a run directory is DATA/applications/<application>/runs/<run>.
std::string data_directory_of(const std::string& run_directory);

}  // namespace raudal::apps
