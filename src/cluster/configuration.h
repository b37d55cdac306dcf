// Flink's configuration of a run: what the guide fixes, what the application's settings ask for, and what Raudal needs
// to supervise the cluster. Written as the file that the release reads, beside a log4j configuration that writes the
// guide's JSON envelope into the run's worker.log.
#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "cluster/cluster_spec.h"

namespace raudal::cluster {

// All options. engine_options of the launch file win over the guide's values, but not over what the supervision rests
// on: kInvalidApplicationConfiguration names such an option.
Result<Options> cluster_options(const ClusterSpec& spec);

// config.yaml (every value quoted) or flink-conf.yaml (bare values), as the release reads it.
std::string configuration_text(const Options& options, bool yaml);

std::string log_configuration_text(const ClusterSpec& spec);

// Makes what the cluster's programs may write to, with an empty temporary folder, and lists it: all else of the
// application's folder is shown to them read-only, since service and supervisor trust it. Before the room is made.
Result<std::vector<std::string>> make_program_folders(Fs& fs, const std::string& run_directory);

// Writes RUN/flink/conf and links the program's JAR into RUN/flink/usrlib, from scratch.
Status write_configuration(Fs& fs, const ClusterSpec& spec);

}  // namespace raudal::cluster
