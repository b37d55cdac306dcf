#include "apps/flink/preparation.h"

#include <cstdlib>

#include "base/str.h"
#include "flink/version.h"

namespace raudal::apps {
namespace {

// An installed Flink outside the data directory, for whoever tries one that is not in the table.
Result<flink::Distribution> distribution_in(Fs& fs, const std::string& home, const std::string& release) {
  flink::Distribution found{.release = release, .home = home, .plugins_directory = join_path(home, "plugins")};
  std::vector<std::string> jars;
  for (const FileInfo& file : TRY(fs.list(join_path(home, "lib")))) {
    if (file.name.ends_with(".jar")) jars.push_back(join_path(join_path(home, "lib"), file.name));
  }
  found.class_path = join(jars, ":");
  const auto optional = fs.list(join_path(home, "opt"));
  if (!optional.ok()) return found;
  for (const FileInfo& file : *optional) {
    if (file.name.starts_with("flink-python")) found.python_jar = join_path(join_path(home, "opt"), file.name);
  }
  return found;
}

}  // namespace

std::string data_directory_of(const std::string& run_directory) {
  std::string path = run_directory;
  for (int level = 0; level < 4; ++level) path = parent_directory(path);
  return path;
}

Result<cluster::ClusterSpec> prepare_cluster(Fs& fs, Process& process, const std::string& run_directory) {
  (void)process;
  cluster::ClusterSpec spec;
  spec.run_directory = run_directory;
  spec.launch = TRY(engine::read_launch_file(fs, run_directory));
  spec.program = TRY(cluster::resolve_program(fs, run_directory, spec.launch));
  const flink::FlinkVersion* version = TRY(flink::require_flink_version(spec.launch.flink.version));
  const char* home = ::getenv("RAUDAL_FLINK_HOME");
  spec.distribution = TRY(distribution_in(fs, home ? home : "", std::string(version->release)));
  spec.release = TRY(cluster::parse_release(spec.distribution.release));
  spec.jdk = TRY(flink::find_jdk(fs, flink::Surroundings::of_this_process(), version->java_majors));
  spec.task_manager_memory = TRY(cluster::divide_memory(spec.launch.memory_bytes_max, spec.launch.engine_options));
  spec.job_manager_heap = TRY(cluster::job_manager_heap(spec.launch.memory_bytes_max, spec.launch.engine_options));
  if (const char* python = ::getenv("RAUDAL_FLINK_PYTHON")) spec.python = python;
  return spec;
}

}  // namespace raudal::apps
