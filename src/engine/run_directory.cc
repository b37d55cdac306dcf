#include "engine/run_directory.h"

#include <boost/json.hpp>

#include "codec/digest.h"
#include "codec/json.h"

namespace raudal::engine {
namespace {

constexpr int kFormatVersion = 1;
constexpr std::string_view kEngineNames[] = {"native", "flink-local", "flink-remote"};
constexpr std::string_view kProgramNames[] = {"sql", "jar", "python"};

template <typename Kind, size_t n>
Result<Kind> kind_named(const std::string_view (&names)[n], std::string_view name) {
  for (size_t i = 0; i < n; ++i) {
    if (names[i] == name) return static_cast<Kind>(i);
  }
  return Error(ErrorCode::kCorrupt, "launch.json names an unknown kind: " + std::string(name));
}

codec::JsonObject flink_to_json(const FlinkLaunch& flink) {
  codec::JsonArray ports;
  for (const int port : flink.host_ports) ports.push_back(port);
  return {{"version", flink.version},
          {"parallelismPerKpu", flink.parallelism_per_kpu},
          {"manyJobs", flink.many_jobs},
          {"mainClass", flink.main_class},
          {"remoteAddress", flink.remote_address},
          {"hostPorts", ports},
          {"metricsLevel", flink.metrics_level}};
}

Result<FlinkLaunch> flink_from_json(const codec::JsonObject& object) {
  FlinkLaunch flink;
  flink.version = TRY(codec::require_string(object, "version"));
  flink.parallelism_per_kpu = static_cast<int>(TRY(codec::require_int(object, "parallelismPerKpu")));
  flink.many_jobs = TRY(codec::require_bool(object, "manyJobs"));
  flink.main_class = TRY(codec::require_string(object, "mainClass"));
  flink.remote_address = TRY(codec::require_string(object, "remoteAddress"));
  for (const codec::Json& port : *TRY(codec::require_array(object, "hostPorts"))) {
    if (port.is_int64()) flink.host_ports.push_back(static_cast<int>(port.get_int64()));
  }
  flink.metrics_level = TRY(codec::require_string(object, "metricsLevel"));
  return flink;
}

codec::JsonObject service_to_json(const ServiceAccess& service) {
  codec::JsonArray direct;
  for (const std::string& name : service.direct) direct.push_back(codec::Json(name));
  return {{"tlsSocket", service.tls_socket},
          {"httpSocket", service.http_socket},
          {"caFile", service.ca_file},
          {"roleArn", service.role_arn},
          {"credentialsToken", service.credentials_token},
          {"direct", direct}};
}

Result<ServiceAccess> service_from_json(const codec::JsonObject& object) {
  ServiceAccess service;
  service.tls_socket = TRY(codec::require_string(object, "tlsSocket"));
  service.http_socket = TRY(codec::require_string(object, "httpSocket"));
  service.ca_file = TRY(codec::require_string(object, "caFile"));
  service.role_arn = TRY(codec::require_string(object, "roleArn"));
  service.credentials_token = TRY(codec::require_string(object, "credentialsToken"));
  for (const codec::Json& name : *TRY(codec::require_array(object, "direct"))) {
    if (name.is_string()) service.direct.emplace_back(name.get_string());
  }
  return service;
}

}  // namespace

Status write_launch_file(Fs& fs, const std::string& run_directory, const LaunchFile& launch) {
  codec::JsonObject options;
  for (const auto& [key, value] : launch.engine_options) options[key] = value;
  const codec::JsonObject object = {
      {"formatVersion", kFormatVersion},
      {"application", launch.identity.application},
      {"run", launch.identity.run.value()},
      {"incarnation", launch.identity.incarnation.value()},
      {"applicationArn", launch.application_arn},
      {"applicationVersion", launch.application_version},
      {"region", launch.region},
      {"engine", kEngineNames[static_cast<size_t>(launch.engine)]},
      {"program", kProgramNames[static_cast<size_t>(launch.program)]},
      {"programFile", launch.program_file},
      {"parallelism", launch.parallelism},
      {"maxParallelism", launch.max_parallelism},
      {"checkpointingEnabled", launch.checkpointing_enabled},
      {"checkpointIntervalMs", launch.checkpoint_interval_ms},
      {"minPauseBetweenCheckpointsMs", launch.min_pause_between_checkpoints_ms},
      {"restorePath", launch.restore_path},
      {"allowNonRestoredState", launch.allow_non_restored_state},
      {"logLevel", launch.log_level},
      {"memoryBytesMax", launch.memory_bytes_max},
      {"engineOptions", options},
      {"flink", flink_to_json(launch.flink)},
      {"service", service_to_json(launch.service)},
  };
  return write_file_durably(fs, join_path(run_directory, "launch.json"), codec::write_json_pretty(object));
}

Result<LaunchFile> read_launch_file(Fs& fs, const std::string& run_directory) {
  const std::string path = join_path(run_directory, "launch.json");
  const codec::JsonObject object = TRY(codec::parse_json_object(TRY(read_file(fs, path))));
  const int64_t version = TRY(codec::require_int(object, "formatVersion"));
  if (version != kFormatVersion) {
    return Error(ErrorCode::kCorrupt, "Format version of launch.json is not known: " + std::to_string(version));
  }
  LaunchFile launch;
  launch.identity = {.application = TRY(codec::require_string(object, "application")),
                     .run = RunNumber(TRY(codec::require_int(object, "run"))),
                     .incarnation = Incarnation(TRY(codec::require_int(object, "incarnation")))};
  launch.application_arn = TRY(codec::require_string(object, "applicationArn"));
  launch.application_version = TRY(codec::require_int(object, "applicationVersion"));
  launch.region = TRY(codec::require_string(object, "region"));
  launch.engine = TRY(kind_named<EngineKind>(kEngineNames, codec::find_string(object, "engine").value_or("native")));
  launch.program = TRY(kind_named<ProgramKind>(kProgramNames, codec::find_string(object, "program").value_or("sql")));
  launch.program_file = TRY(codec::require_string(object, "programFile"));
  launch.parallelism = static_cast<int>(TRY(codec::require_int(object, "parallelism")));
  launch.max_parallelism = static_cast<int>(TRY(codec::require_int(object, "maxParallelism")));
  launch.checkpointing_enabled = TRY(codec::require_bool(object, "checkpointingEnabled"));
  launch.checkpoint_interval_ms = TRY(codec::require_int(object, "checkpointIntervalMs"));
  launch.min_pause_between_checkpoints_ms = TRY(codec::require_int(object, "minPauseBetweenCheckpointsMs"));
  launch.restore_path = TRY(codec::require_string(object, "restorePath"));
  launch.allow_non_restored_state = TRY(codec::require_bool(object, "allowNonRestoredState"));
  launch.log_level = TRY(codec::require_string(object, "logLevel"));
  launch.memory_bytes_max = TRY(codec::require_int(object, "memoryBytesMax"));
  for (const auto& member : *TRY(codec::require_object(object, "engineOptions"))) {
    if (member.value().is_string()) launch.engine_options[member.key()] = std::string(member.value().get_string());
  }
  // Files of releases that knew no Flink lack these.
  if (const auto* flink = codec::find_object(object, "flink")) launch.flink = TRY(flink_from_json(*flink));
  if (const auto* service = codec::find_object(object, "service")) launch.service = TRY(service_from_json(*service));
  return launch;
}

std::string job_id_of(const RunIdentity& identity) {
  const std::string name = identity.application + "/" + std::to_string(identity.run.value());
  return codec::sha256_hex(name).substr(0, 32);
}

std::string properties_to_json(const PropertyGroups& groups) {
  codec::JsonArray array;
  for (const auto& [id, properties] : groups) {
    codec::JsonObject map;
    for (const auto& [key, value] : properties) map[key] = value;
    array.push_back(codec::JsonObject{{"PropertyGroupId", id}, {"PropertyMap", map}});
  }
  return codec::write_json_pretty(array);
}

Result<PropertyGroups> properties_from_json(const std::string& text) {
  const codec::Json json = TRY(codec::parse_json(text));
  PropertyGroups groups;
  if (!json.is_array()) return Error(ErrorCode::kSerialization, "application_properties.json is not an array");
  for (const codec::Json& entry : json.get_array()) {
    if (!entry.is_object()) return Error(ErrorCode::kSerialization, "A property group is not an object");
    auto& group = groups[TRY(codec::require_string(entry.get_object(), "PropertyGroupId"))];
    for (const auto& member : *TRY(codec::require_object(entry.get_object(), "PropertyMap"))) {
      if (member.value().is_string()) group[member.key()] = std::string(member.value().get_string());
    }
  }
  return groups;
}

}  // namespace raudal::engine
