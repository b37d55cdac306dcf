#include "apps/flink/commands.h"
#include "base/fs.h"
#include "cluster/restore_choice.h"

namespace raudal::apps {
namespace {

Result<int64_t> verified_size(const std::string& directory) {
  auto fs = posix_fs();
  const std::string folder = TRY(cluster::savepoint_folder(*fs, directory));
  return TRY(cluster::inspect_snapshot(*fs, folder)).size_bytes;
}

}  // namespace

int verify_savepoint(const std::string& directory) {
  const Result<int64_t> bytes = verified_size(directory);
  if (bytes.ok())
    answer_ready(std::to_string(*bytes));
  else
    answer_error(bytes.error());
  return bytes.ok() ? 0 : 1;
}

}  // namespace raudal::apps
