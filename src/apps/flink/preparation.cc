#include "apps/flink/preparation.h"

#include <fmt/core.h>

#include "flink/distributions.h"
#include "flink/python_environments.h"
#include "flink/version.h"

namespace raudal::apps {
namespace {

// Says each stage, and in a long one once in a while that it goes on.
flink::ProgressSink progress_to(const TellProgress& tell, const std::string& what) {
  constexpr double kTellEverySeconds = 5;
  return [&tell, what, stage = std::string(), told_at = -kTellEverySeconds](const flink::Progress& progress) mutable {
    if (progress.stage == stage && progress.seconds < told_at + kTellEverySeconds) return true;
    stage = progress.stage;
    told_at = progress.seconds;
    tell(fmt::format("{}: {}, {} MiB after {:.0f} s", what, stage, progress.bytes_done >> 20, progress.seconds));
    return true;
  };
}

// What the launch file alone decides.
Result<cluster::ClusterSpec> spec_of(Fs& fs, const std::string& run_directory) {
  cluster::ClusterSpec spec;
  spec.run_directory = run_directory;
  spec.launch = TRY(engine::read_launch_file(fs, run_directory));
  spec.program = TRY(cluster::resolve_program(fs, run_directory, spec.launch));
  spec.task_manager_memory = TRY(cluster::divide_memory(spec.kpu_memory_bytes(), spec.launch.engine_options));
  spec.job_manager_heap = TRY(cluster::job_manager_heap(spec.kpu_memory_bytes(), spec.launch.engine_options));
  return spec;
}

}  // namespace

std::string data_directory_of(const std::string& run_directory) {
  std::string path = run_directory;
  for (int level = 0; level < 4; ++level) path = parent_directory(path);
  return path;
}

Result<cluster::ClusterSpec> prepare_cluster(Fs& fs, Process& process, const std::string& run_directory,
                                             const TellProgress& tell) {
  cluster::ClusterSpec spec = TRY(spec_of(fs, run_directory));
  const flink::FlinkVersion* version = TRY(flink::require_flink_version(spec.launch.flink.version));
  const std::string data = data_directory_of(run_directory);
  flink::Distributions distributions(fs, process, data);
  spec.jdk = TRY(distributions.jdk_for(*version));
  Result<flink::Distribution> found = distributions.find(spec.launch.flink.version);
  if (!found.ok() && found.error().code() == ErrorCode::kNotFound) {
    const std::string what = fmt::format("Installing Flink {}", version->release);
    found = distributions.install(spec.launch.flink.version, progress_to(tell, what));
  }
  spec.distribution = TRY(std::move(found));
  spec.release = TRY(cluster::parse_release(spec.distribution.release));
  if (!spec.program.python) return spec;
  if (spec.distribution.python_jar.empty()) {
    return Error(ErrorCode::kUnsupportedOperation,
                 fmt::format("The installed Flink {} has no flink-python: Python programs do not run on it",
                             spec.distribution.release));
  }
  flink::PythonEnvironments pythons(fs, process, data);
  const auto python = TRY(pythons.provide(*version, progress_to(tell, "Making a Python environment")));
  spec.python = python.python;
  return spec;
}

Status check_cluster(Fs& fs, Process& process, const std::string& run_directory) {
  const cluster::ClusterSpec spec = TRY(spec_of(fs, run_directory));
  const flink::FlinkVersion* version = TRY(flink::require_flink_version(spec.launch.flink.version));
  flink::Distributions distributions(fs, process, data_directory_of(run_directory));
  TRY(distributions.jdk_for(*version));
  const Result<flink::Distribution> found = distributions.find(spec.launch.flink.version);
  if (!found.ok() && found.error().code() != ErrorCode::kNotFound) return found.error();
  return {};
}

}  // namespace raudal::apps
