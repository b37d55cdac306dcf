// From which state a run begins: the choice a client makes, and the run that follows from it.
#pragma once

#include <optional>
#include <string>

#include "codec/json.h"
#include "control/metadata/store.h"

namespace raudal::control::lifecycle {

enum class RestoreType { kSkip, kLatest, kCustom };

// ApplicationRestoreConfiguration and FlinkRunConfiguration together.
struct RestoreChoice {
  RestoreType type = RestoreType::kLatest;
  std::string snapshot_name;  // kCustom only
  bool allow_non_restored_state = false;
};

// From a RunConfiguration, a RunConfigurationUpdate or an operation's plan; absent members have the service's defaults.
// kInvalidArgument for a snapshot's name that is missing or does not belong.
Result<RestoreChoice> read_restore_choice(const codec::JsonObject& run_configuration);
// RunConfigurationDescription of it; also the form in which a plan keeps it.
codec::JsonObject describe_restore_choice(const RestoreChoice& choice);

// The snapshot that is meant, if there is one. kResourceNotFound, or kInvalidArgument for one that is not READY.
Result<std::optional<metadata::Snapshot>> find_restore_snapshot(metadata::Transaction& tx,
                                                                metadata::ApplicationId application,
                                                                const RestoreChoice& choice);

// Stores the next run of the application's current version, and that it is the newest.
Status insert_next_run(metadata::Transaction& tx, metadata::Application& application, const RestoreChoice& choice);

}  // namespace raudal::control::lifecycle
