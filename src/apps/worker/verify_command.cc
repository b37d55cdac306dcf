#include "apps/worker/commands.h"
#include "base/fs.h"
#include "state/checkpoint_log.h"

namespace raudal::apps {
namespace {

Result<int64_t> verified_size(const std::string& directory) {
  auto fs = posix_fs();
  TRY(state::read_savepoint(*fs, directory));
  return state::savepoint_size_bytes(*fs, directory);
}

}  // namespace

int verify_savepoint(const std::string& directory) {
  const Result<int64_t> bytes = verified_size(directory);
  if (bytes.ok()) answer_ready(std::to_string(*bytes));
  else answer_error(bytes.error());
  return bytes.ok() ? 0 : 1;
}

}  // namespace raudal::apps
