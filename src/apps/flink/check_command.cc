#include "apps/flink/commands.h"
#include "apps/flink/preparation.h"

namespace raudal::apps {

int check_package(const std::string& run_directory) {
  auto fs = posix_fs();
  auto process = posix_process();
  const auto spec = prepare_cluster(*fs, *process, run_directory);
  if (spec.ok())
    answer_ready();
  else
    answer_error(spec.error());
  return spec.ok() ? 0 : 1;
}

}  // namespace raudal::apps
