// Turns a run directory into the spec of its cluster: the program, the Flink that runs it, its Java and Python. `check`
// asks whether that can be had, `run` installs what is missing.
#pragma once

#include <functional>
#include <string>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "cluster/cluster_spec.h"

namespace raudal::apps {

// What is done where something is not installed: told, in words, while it is being installed; or nothing is installed.
using TellProgress = std::function<void(const std::string&)>;

// Without restore, address, ports and what the room gives.
Result<cluster::ClusterSpec> prepare_cluster(Fs& fs, Process& process, const std::string& run_directory,
                                             const TellProgress& tell);

// Whether the package can run, as far as that can be said without installing anything.
Status check_cluster(Fs& fs, Process& process, const std::string& run_directory);

// The service's data directory, of which a run directory is DATA/applications/<application>/runs/<run>.
std::string data_directory_of(const std::string& run_directory);

}  // namespace raudal::apps
