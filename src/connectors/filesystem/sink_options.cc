#include "connectors/filesystem/sink_options.h"

#include <fmt/core.h>

#include "connector/options.h"

namespace raudal::connectors::filesystem {
namespace {

Error unsupported(const std::string& name, const std::string& value, std::string_view instead) {
  return Error(ErrorCode::kSqlUnsupported,
               fmt::format("The filesystem connector does not support '{}' = '{}'; {}", name, value, instead));
}

Status read_positive(Result<std::optional<int64_t>> read, const connector::Options& options, const std::string& name,
                     int64_t* value) {
  const std::optional<int64_t> found = TRY(std::move(read));
  if (!found) return {};
  if (*found <= 0) return connector::option_error(name, options.at(name), "greater than nothing");
  *value = *found;
  return {};
}

// A partition is announced with its first part, in the order of commits: trigger process-time, delay 0.
Status read_partition_commit(const connector::Options& options, SinkOptions* read) {
  const std::string prefix = "sink.partition-commit.";
  const auto kind = connector::option(options, prefix + "policy.kind");
  if (kind && *kind != "success-file") return unsupported(prefix + "policy.kind", *kind, "only success-file");
  const auto trigger = connector::option(options, prefix + "trigger");
  if (trigger && *trigger != "process-time") return unsupported(prefix + "trigger", *trigger, "only process-time");
  if (TRY(connector::duration_option(options, prefix + "delay")).value_or(0) != 0) {
    return unsupported(prefix + "delay", options.at(prefix + "delay"), "only '0 s'");
  }
  if (kind) read->success_file = connector::option(options, prefix + "success-file.name").value_or("_SUCCESS");
  return {};
}

}  // namespace

Result<SinkOptions> read_sink_options(const connector::Options& options) {
  using connector::duration_option;
  SinkOptions read;
  const std::string prefix = "sink.rolling-policy.";
  const std::string size = prefix + "file-size";
  TRY(read_positive(connector::bytes_option(options, size), options, size, &read.file_size_bytes));
  const std::string rollover = prefix + "rollover-interval";
  TRY(read_positive(duration_option(options, rollover), options, rollover, &read.rollover_interval_ms));
  const std::string inactivity = prefix + "inactivity-interval";
  TRY(read_positive(duration_option(options, inactivity), options, inactivity, &read.inactivity_interval_ms));
  const std::string check = prefix + "check-interval";
  TRY(read_positive(duration_option(options, check), options, check, &read.check_interval_ms));
  read.default_partition = connector::option(options, "partition.default-name").value_or(read.default_partition);
  for (const char* name : {"auto-compaction", "sink.shuffle-by-partition.enable"}) {
    if (TRY(connector::bool_option(options, name, false))) return unsupported(name, "true", "leave it out");
  }
  TRY(read_partition_commit(options, &read));
  return read;
}

}  // namespace raudal::connectors::filesystem
