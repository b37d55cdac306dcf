#include "apps/flink/commands.h"
#include "apps/flink/preparation.h"

namespace raudal::apps {

int check_package(const std::string& run_directory) {
  auto fs = posix_fs();
  auto process = posix_process();
  const Status status = check_cluster(*fs, *process, run_directory);
  if (status.ok())
    answer_ready();
  else
    answer_error(status.error());
  return status.ok() ? 0 : 1;
}

}  // namespace raudal::apps
