#include "control/lifecycle/restore.h"

#include <utility>

#include <fmt/core.h>

#include "control/configuration/settings.h"

namespace raudal::control::lifecycle {
namespace {

using codec::JsonObject;
using metadata::Application;
using metadata::Run;
using metadata::Snapshot;
using metadata::SnapshotStatus;
using metadata::Transaction;
using metadata::Version;

constexpr std::pair<RestoreType, std::string_view> kNames[] = {
    {RestoreType::kSkip, "SKIP_RESTORE_FROM_SNAPSHOT"},
    {RestoreType::kLatest, "RESTORE_FROM_LATEST_SNAPSHOT"},
    {RestoreType::kCustom, "RESTORE_FROM_CUSTOM_SNAPSHOT"},
};

// The first of two names that is there: requests and descriptions differ in them.
const JsonObject* either(const JsonObject& object, std::string_view name, std::string_view other) {
  const JsonObject* found = codec::find_object(object, name);
  return found ? found : codec::find_object(object, other);
}

}  // namespace

Result<RestoreChoice> read_restore_choice(const JsonObject& run_configuration) {
  RestoreChoice choice;
  if (const auto* flink = either(run_configuration, "FlinkRunConfiguration", "FlinkRunConfigurationDescription")) {
    choice.allow_non_restored_state = codec::find_bool(*flink, "AllowNonRestoredState").value_or(false);
  }
  const JsonObject* restore =
      either(run_configuration, "ApplicationRestoreConfiguration", "ApplicationRestoreConfigurationDescription");
  if (restore == nullptr) return choice;
  const auto type = codec::find_string(*restore, "ApplicationRestoreType");
  for (const auto& [value, name] : kNames) {
    if (type == name) choice.type = value;
  }
  if (restore->contains("SnapshotArn")) {
    return Error(ErrorCode::kUnsupportedOperation, "Enhanced snapshots are not available here: SnapshotArn");
  }
  choice.snapshot_name = codec::find_string(*restore, "SnapshotName").value_or("");
  if (choice.type == RestoreType::kCustom && choice.snapshot_name.empty()) {
    return Error(ErrorCode::kInvalidArgument, "SnapshotName is required for RESTORE_FROM_CUSTOM_SNAPSHOT");
  }
  if (choice.type != RestoreType::kCustom && !choice.snapshot_name.empty()) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("SnapshotName does not belong to {}", type.value_or("")));
  }
  return choice;
}

JsonObject describe_restore_choice(const RestoreChoice& choice) {
  JsonObject restore;
  for (const auto& [value, name] : kNames) {
    if (choice.type == value) restore["ApplicationRestoreType"] = name;
  }
  if (choice.type == RestoreType::kCustom) restore["SnapshotName"] = choice.snapshot_name;
  JsonObject flink;
  flink["AllowNonRestoredState"] = choice.allow_non_restored_state;
  JsonObject description;
  description["ApplicationRestoreConfigurationDescription"] = std::move(restore);
  description["FlinkRunConfigurationDescription"] = std::move(flink);
  return description;
}

Result<std::optional<Snapshot>> find_restore_snapshot(Transaction& tx, metadata::ApplicationId application,
                                                      const RestoreChoice& choice) {
  if (choice.type == RestoreType::kSkip) return std::optional<Snapshot>();
  if (choice.type == RestoreType::kLatest) return tx.newest_ready_snapshot(application);
  auto snapshot = TRY(tx.find_snapshot(application, choice.snapshot_name));
  if (!snapshot) {
    return Error(ErrorCode::kResourceNotFound, fmt::format("Snapshot not found: {}", choice.snapshot_name));
  }
  if (snapshot->status != SnapshotStatus::kReady) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("Snapshot is {}, not READY: {}", to_string(snapshot->status), choice.snapshot_name));
  }
  return snapshot;
}

Status insert_next_run(Transaction& tx, Application& application, const RestoreChoice& choice) {
  const Version version = TRY(tx.require_version(application.id, application.version));
  const auto snapshot = TRY(find_restore_snapshot(tx, application.id, choice));
  Run run;
  run.application = application.id;
  run.number = application.run.next();
  run.version = application.version;
  run.parallelism = configuration::parallelism(version.configuration);
  run.max_parallelism = configuration::max_parallelism_for(run.parallelism);
  run.allow_non_restored_state = choice.allow_non_restored_state;
  if (snapshot) {
    run.restore_path = snapshot->directory;
    run.restore_snapshot = snapshot->id;
    run.max_parallelism = snapshot->max_parallelism;
  }
  application.run = run.number;
  TRY(tx.insert_run(run));
  return tx.update_application(application);
}

}  // namespace raudal::control::lifecycle
