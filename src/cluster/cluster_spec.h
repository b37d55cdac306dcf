// All that one incarnation of a run's cluster is made of, decided before the first JVM starts: from the launch file,
// the installed Flink, the room and the checkpoints that are there. Configuration and command lines are functions of
// it.
#pragma once

#include <string>
#include <vector>

#include "cluster/memory.h"
#include "cluster/program.h"
#include "cluster/restore_choice.h"
#include "engine/run_directory.h"
#include "flink/distributions.h"
#include "flink/surroundings.h"

namespace raudal::cluster {

// "1.20.3" as numbers, so that what changed with a release can be asked for.
struct Release {
  int major = 1;
  int minor = 20;
  bool at_least(int other_major, int other_minor) const {
    return major != other_major ? major > other_major : minor >= other_minor;
  }
};
Result<Release> parse_release(const std::string& text);

// One incarnation's cluster.
struct ClusterSpec {
  std::string run_directory;
  engine::LaunchFile launch;
  flink::Distribution distribution;
  Release release;
  flink::Jdk jdk;
  std::string python;  // interpreter with PyFlink; only for Python programs
  Program program;
  Restore restore;
  std::string address;  // where the room's processes listen
  int rest_port = 0;
  int rpc_port = 0;
  std::vector<std::string> jvm_options;  // of the room
  std::string s3_endpoint;               // where Flink's own S3 file system finds the service's S3; empty: at AWS
  TaskManagerMemory task_manager_memory;
  int64_t job_manager_heap = 0;

  std::string job_id() const { return engine::job_id_of(launch.identity); }
  int num_task_managers() const { return num_task_managers(launch.parallelism); }
  int num_task_managers(int parallelism) const {
    const int slots = launch.flink.parallelism_per_kpu;
    return (parallelism + slots - 1) / slots;
  }
  // What one process has: the launch file says what the KPUs of all TaskManagers have together.
  int64_t kpu_memory_bytes() const { return launch.memory_bytes_max / num_task_managers(); }
};

// Names below the run directory that belong to the cluster.
inline constexpr char kClusterDirectory[] = "flink";        // conf/, usrlib/
inline constexpr char kTemporaryDirectory[] = "flink/tmp";  // io.tmp.dirs: RocksDB's files, spills, blobs

// The folder of Flink's own checkpoints of this run: chk-N/, shared/, taskowned/.
std::string checkpoints_of(const std::string& run_directory, const std::string& job_id);

}  // namespace raudal::cluster
