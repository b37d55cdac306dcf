#include "control/actions/describe.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "control/actions/request.h"
#include "control/configuration/versions.h"

namespace raudal::control::actions {
namespace {

using codec::Json;
using codec::JsonObject;
using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::Snapshot;
using metadata::Version;

constexpr int kWindowHours = 8;
constexpr size_t kErrorBytesMax = 512;

// Regions whose maintenance window does not begin at 03:00 UTC.
constexpr std::pair<std::string_view, std::string_view> kWindows[] = {
    {"us-west-1", "06:00"},      {"us-west-2", "06:00"},      {"us-gov-west-1", "06:00"},  {"eu-central-1", "06:00"},
    {"ap-south-2", "06:30"},     {"ap-southeast-2", "12:00"}, {"ap-southeast-3", "12:00"}, {"ap-east-1", "13:00"},
    {"ap-northeast-1", "13:00"}, {"ap-northeast-2", "13:00"}, {"cn-north-1", "13:00"},     {"cn-northwest-1", "13:00"},
    {"af-south-1", "13:00"},     {"me-south-1", "13:00"},     {"me-central-1", "13:00"},   {"ap-southeast-1", "14:00"},
    {"ap-south-1", "16:30"},     {"eu-central-2", "02:00"},   {"eu-south-2", "02:00"},     {"eu-south-1", "21:00"},
    {"eu-west-3", "23:00"},      {"sa-east-1", "19:00"},      {"eu-west-1", "22:00"},      {"eu-west-2", "22:00"},
    {"eu-north-1", "21:00"},
};

JsonObject maintenance_window(const std::string& start) {
  const int64_t hour = parse_int(std::string_view(start).substr(0, 2)).value_or(0);
  JsonObject window;
  window["ApplicationMaintenanceWindowStartTime"] = start;
  window["ApplicationMaintenanceWindowEndTime"] =
      fmt::format("{:02}{}", (hour + kWindowHours) % 24, std::string_view(start).substr(2));
  return window;
}

JsonObject configuration_of(const Application& application, const Version& version,
                            const std::optional<metadata::Run>& run) {
  JsonObject configuration = version.configuration;
  if (application.run_configuration) configuration["RunConfigurationDescription"] = *application.run_configuration;
  Json* flink = configuration.if_contains("FlinkApplicationConfigurationDescription");
  if (flink != nullptr) {
    JsonObject& parallelism = flink->get_object()["ParallelismConfigurationDescription"].get_object();
    parallelism["CurrentParallelism"] = run ? Json(run->parallelism) : parallelism["Parallelism"];
  }
  return configuration;
}

}  // namespace

std::string default_maintenance_start(std::string_view region) {
  for (const auto& [name, start] : kWindows) {
    if (name == region) return std::string(start);
  }
  return "03:00";
}

std::string version_status(const Application& application, const Version& version) {
  if (version.number == application.version) return std::string(to_string(application.status));
  return version.final_status.empty() ? std::string(to_string(ApplicationStatus::kReady)) : version.final_status;
}

JsonObject describe_version(const Services& services, const Application& application, const Version& version,
                            const std::optional<metadata::Run>& run) {
  JsonObject detail;
  detail["ApplicationARN"] = lifecycle::application_arn(services.context.options, application.name);
  if (application.description) detail["ApplicationDescription"] = *application.description;
  detail["ApplicationName"] = application.name;
  detail["RuntimeEnvironment"] = version.runtime;
  detail["ServiceExecutionRole"] = version.role;
  detail["ApplicationStatus"] = version_status(application, version);
  detail["ApplicationVersionId"] = version.number;
  detail["CreateTimestamp"] = to_seconds(application.created_ms);
  detail["LastUpdateTimestamp"] = to_seconds(application.updated_ms);
  detail["ApplicationConfigurationDescription"] = configuration_of(application, version, run);
  if (!version.logging_options.empty()) detail["CloudWatchLoggingOptionDescriptions"] = version.logging_options;
  if (configuration::is_flink(version.runtime)) {
    detail["ApplicationMaintenanceConfigurationDescription"] = maintenance_window(application.maintenance_start);
  }
  if (version.updated_from) detail["ApplicationVersionUpdatedFrom"] = *version.updated_from;
  if (version.rolled_back_from) detail["ApplicationVersionRolledBackFrom"] = *version.rolled_back_from;
  if (version.rolled_back_to) detail["ApplicationVersionRolledBackTo"] = *version.rolled_back_to;
  detail["ApplicationVersionCreateTimestamp"] = to_seconds(version.created_ms);
  detail["ConditionalToken"] = version.conditional_token;
  detail["ApplicationMode"] = application.mode;
  return detail;
}

JsonObject describe_snapshot(const Snapshot& snapshot, const Version& version) {
  JsonObject detail;
  detail["SnapshotName"] = snapshot.name;
  detail["SnapshotStatus"] = to_string(snapshot.status);
  detail["ApplicationVersionId"] = snapshot.version;
  detail["SnapshotCreationTimestamp"] = to_seconds(snapshot.created_ms);
  detail["RuntimeEnvironment"] = snapshot.runtime;
  constexpr std::string_view kEncryption = "ApplicationEncryptionConfigurationDescription";
  if (const JsonObject* encryption = codec::find_object(version.configuration, kEncryption)) {
    detail[kEncryption] = *encryption;
  }
  return detail;
}

JsonObject describe_operation(const Operation& operation) {
  JsonObject detail;
  detail["Operation"] = operation.kind;
  detail["StartTime"] = to_seconds(operation.started_ms);
  detail["EndTime"] = to_seconds(operation.ended_ms);
  detail["OperationStatus"] = to_string(operation.status);
  if (operation.version_from && operation.version_to) {
    JsonObject change;
    change["ApplicationVersionUpdatedFrom"] = *operation.version_from;
    change["ApplicationVersionUpdatedTo"] = *operation.version_to;
    detail["ApplicationVersionChangeDetails"] = std::move(change);
  }
  if (!operation.error.empty() || !operation.rollback_operation.empty()) {
    JsonObject failure;
    if (!operation.rollback_operation.empty()) failure["RollbackOperationId"] = operation.rollback_operation;
    if (!operation.error.empty()) {
      size_t cut = std::min(operation.error.size(), kErrorBytesMax);
      while (cut < operation.error.size() && (operation.error[cut] & 0xC0) == 0x80) --cut;
      JsonObject error;
      error["ErrorString"] = operation.error.substr(0, cut);
      failure["ErrorInfo"] = std::move(error);
    }
    detail["OperationFailureDetails"] = std::move(failure);
  }
  return detail;
}

Result<std::optional<metadata::Run>> find_current_run(metadata::Transaction& tx, const Application& application) {
  if (application.status == ApplicationStatus::kReady) return std::optional<metadata::Run>();
  return tx.find_run(application.id, application.run);
}

}  // namespace raudal::control::actions
