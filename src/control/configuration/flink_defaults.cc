#include "control/configuration/flink_defaults.h"

#include <fmt/core.h>

namespace raudal::control::configuration {
namespace {

using codec::Json;
using codec::JsonObject;

constexpr int64_t kParallelismMax = 256;
constexpr int64_t kParallelismPerKpuMax = 8;
constexpr int64_t kKpusMax = 64;

struct Setting {
  std::string_view block;
  std::string_view member;
  Json value;
};

const Setting kDefaults[] = {
    {"CheckpointConfigurationDescription", "CheckpointingEnabled", true},
    {"CheckpointConfigurationDescription", "CheckpointInterval", 60'000},
    {"CheckpointConfigurationDescription", "MinPauseBetweenCheckpoints", 5'000},
    {"MonitoringConfigurationDescription", "MetricsLevel", "APPLICATION"},
    {"MonitoringConfigurationDescription", "LogLevel", "INFO"},
    {"ParallelismConfigurationDescription", "Parallelism", 1},
    {"ParallelismConfigurationDescription", "ParallelismPerKPU", 1},
    {"ParallelismConfigurationDescription", "AutoScalingEnabled", true},
};

JsonObject& block_of(JsonObject& description, std::string_view name) {
  Json& block = description[name];
  if (!block.is_object()) block = JsonObject();
  JsonObject& object = block.get_object();
  if (!object.contains("ConfigurationType")) object["ConfigurationType"] = "DEFAULT";
  return object;
}

}  // namespace

void apply_flink_defaults(JsonObject& flink_description) {
  for (const Setting& setting : kDefaults) {
    JsonObject& block = block_of(flink_description, setting.block);
    if (block["ConfigurationType"] == "DEFAULT" || !block.contains(setting.member)) {
      block[setting.member] = setting.value;
    }
  }
}

Status check_parallelism(const JsonObject& flink_description) {
  const JsonObject* block = codec::find_object(flink_description, "ParallelismConfigurationDescription");
  if (block == nullptr) return {};
  const int64_t parallelism = codec::find_int(*block, "Parallelism").value_or(1);
  const int64_t per_kpu = codec::find_int(*block, "ParallelismPerKPU").value_or(1);
  if (parallelism > kParallelismMax) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("Parallelism must be at most {}: {}", kParallelismMax, parallelism));
  }
  if (per_kpu > kParallelismPerKpuMax) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("ParallelismPerKPU must be at most {}: {}", kParallelismPerKpuMax, per_kpu));
  }
  if ((parallelism + per_kpu - 1) / per_kpu > kKpusMax) {
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("Parallelism must be at most ParallelismPerKPU times the {} KPUs of an application: {}",
                             kKpusMax, parallelism));
  }
  return {};
}

}  // namespace raudal::control::configuration
