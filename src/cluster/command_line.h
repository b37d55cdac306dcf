// The command lines of a cluster's JVMs. They are started by main class, without Flink's shell scripts: no shell, no
// second JVM that computes memory sizes, and the process that is watched is the JVM itself.
#pragma once

#include "base/process.h"
#include "cluster/cluster_spec.h"

namespace raudal::cluster {

ProcessSpec job_manager_command(const ClusterSpec& spec);

// `index` counts from 1. A successor of a dead TaskManager gets the same one, and with it the same resource id: the
// JobManager then knows at once that the predecessor is gone, and state that lies on the disk is found again.
ProcessSpec task_manager_command(const ClusterSpec& spec, int index);

// Under which id REST shows it.
std::string task_manager_id(int index);

}  // namespace raudal::cluster
