#include "control/configuration/settings.h"

#include <algorithm>
#include <bit>

#include <fmt/core.h>

#include "base/str.h"
#include "control/configuration/programs.h"

namespace raudal::control::configuration {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

constexpr int64_t kMemoryBytesPerKpu = int64_t{4} << 30;
constexpr int kMaxParallelismFloor = 128;
constexpr int kMaxParallelismCeiling = 32'768;

const JsonObject kNothing;

// The object at a path below the configuration; an empty one where there is none.
const JsonObject& block(const JsonObject& configuration, std::initializer_list<std::string_view> path) {
  const JsonObject* object = &configuration;
  for (const std::string_view name : path) {
    object = codec::find_object(*object, name);
    if (object == nullptr) return kNothing;
  }
  return *object;
}

const JsonObject& flink_block(const JsonObject& configuration, std::string_view name) {
  return block(configuration, {"FlinkApplicationConfigurationDescription", name});
}

std::string text_of(const JsonObject& object, std::string_view name) {
  return std::string(codec::find_string(object, name).value_or(""));
}

}  // namespace

CodeLocation code_location(const metadata::Version& version) {
  CodeLocation location;
  const JsonObject& content =
      block(version.configuration, {"ApplicationCodeConfigurationDescription", "CodeContentDescription"});
  if (!version.inline_code.empty()) {
    location.kind = CodeLocation::Kind::kInlineZip;
  } else if (const JsonObject* s3 = codec::find_object(content, "S3ApplicationCodeLocationDescription")) {
    location.kind = CodeLocation::Kind::kS3;
    const std::string arn = text_of(*s3, "BucketARN");
    location.bucket = arn.substr(arn.rfind(':') + 1);
    location.key = text_of(*s3, "FileKey");
    const auto object_version = codec::find_string(*s3, "ObjectVersion");
    if (object_version && !object_version->empty()) location.object_version = *object_version;
  } else if (content.contains("TextContent")) {
    location.kind = CodeLocation::Kind::kText;
    location.text = text_of(content, "TextContent");
  }
  return location;
}

engine::PropertyGroups property_groups(const JsonObject& configuration) {
  engine::PropertyGroups groups;
  const JsonArray* list =
      codec::find_array(block(configuration, {"EnvironmentPropertyDescriptions"}), "PropertyGroupDescriptions");
  if (list == nullptr) return groups;
  for (const Json& element : *list) {
    const JsonObject& group = element.get_object();
    auto& properties = groups[text_of(group, "PropertyGroupId")];
    for (const auto& [key, value] : block(group, {"PropertyMap"})) properties[key] = value.get_string();
  }
  return groups;
}

int parallelism(const JsonObject& configuration) {
  const JsonObject& settings = flink_block(configuration, "ParallelismConfigurationDescription");
  return static_cast<int>(codec::find_int(settings, "Parallelism").value_or(1));
}

bool snapshots_enabled(const JsonObject& configuration) {
  const JsonObject& settings = block(configuration, {"ApplicationSnapshotConfigurationDescription"});
  return codec::find_bool(settings, "SnapshotsEnabled").value_or(false);
}

bool rollback_enabled(const JsonObject& configuration) {
  const JsonObject& settings = block(configuration, {"ApplicationSystemRollbackConfigurationDescription"});
  return codec::find_bool(settings, "RollbackEnabled").value_or(false);
}

int max_parallelism_for(int parallelism) {
  const auto rounded = static_cast<int>(std::bit_ceil(static_cast<unsigned>(parallelism + parallelism / 2)));
  return std::clamp(rounded, kMaxParallelismFloor, kMaxParallelismCeiling);
}

engine::LaunchFile launch_file(const metadata::Version& version, engine::ProgramKind program) {
  const JsonObject& configuration = version.configuration;
  const JsonObject& checkpoints = flink_block(configuration, "CheckpointConfigurationDescription");
  const JsonObject& parallel = flink_block(configuration, "ParallelismConfigurationDescription");
  const JsonObject& monitoring = flink_block(configuration, "MonitoringConfigurationDescription");
  const auto groups = property_groups(configuration);
  engine::LaunchFile launch;
  launch.application_version = version.number;
  launch.program = program;
  launch.program_file = program_file(groups, program);
  launch.parallelism = parallelism(configuration);
  launch.checkpointing_enabled = codec::find_bool(checkpoints, "CheckpointingEnabled").value_or(true);
  launch.checkpoint_interval_ms = codec::find_int(checkpoints, "CheckpointInterval").value_or(60'000);
  launch.min_pause_between_checkpoints_ms = codec::find_int(checkpoints, "MinPauseBetweenCheckpoints").value_or(5'000);
  launch.log_level = codec::find_string(monitoring, "LogLevel").value_or("INFO");
  const int64_t per_kpu = codec::find_int(parallel, "ParallelismPerKPU").value_or(1);
  launch.memory_bytes_max = (launch.parallelism + per_kpu - 1) / per_kpu * kMemoryBytesPerKpu;
  launch.flink.version = flink_version(version.runtime);
  launch.flink.parallelism_per_kpu = static_cast<int>(per_kpu);
  launch.flink.metrics_level = codec::find_string(monitoring, "MetricsLevel").value_or("APPLICATION");
  const auto options = read_run_options(groups);
  if (!options.ok()) return launch;  // refused before, by check_runnable
  launch.engine = engine_of(*options, program);
  launch.engine_options = options->flink_options;
  launch.flink.main_class = options->main_class;
  launch.flink.many_jobs = options->many_jobs;
  launch.flink.remote_address = options->remote_address;
  launch.flink.host_ports = options->host_ports;
  return launch;
}

}  // namespace raudal::control::configuration
