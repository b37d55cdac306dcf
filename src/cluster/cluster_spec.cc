#include "cluster/cluster_spec.h"

#include "base/str.h"

namespace raudal::cluster {

Result<Release> parse_release(const std::string& text) {
  const std::vector<std::string> parts = split(text, '.');
  const auto major = parts.empty() ? std::nullopt : parse_int(parts[0]);
  const auto minor = parts.size() < 2 ? std::nullopt : parse_int(parts[1]);
  if (!major || !minor) return Error(ErrorCode::kInvalidArgument, "Not a release of Flink: " + text);
  return Release{.major = static_cast<int>(*major), .minor = static_cast<int>(*minor)};
}

std::string checkpoints_of(const std::string& run_directory, const std::string& job_id) {
  return join_path(join_path(run_directory, engine::kCheckpointDirectory), job_id);
}

}  // namespace raudal::cluster
