// The rows of the metadata store, as values. Times are milliseconds since 1970; JSON members hold parsed objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "codec/json.h"
#include "control/metadata/status.h"

namespace raudal::control::metadata {

using ApplicationId = StrongInt<struct ApplicationIdTag>;

// One application. What its versions have in common, and where it stands.
struct Application {
  ApplicationId id;
  std::string name;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  ApplicationStatus status = ApplicationStatus::kReady;
  int64_t version = 1;                                 // the current one
  RunNumber run;                                       // the newest; 0: never started
  std::optional<std::string> description;              // "" is not the same as none
  std::string mode;                                    // "STREAMING", "INTERACTIVE"
  std::string maintenance_start;                       // "06:00"
  std::optional<codec::JsonObject> run_configuration;  // as Describe shows it; none before the first start
};

// One version of an application's configuration. Never changed but for its status.
struct Version {
  int64_t number = 1;
  int64_t created_ms = 0;
  std::string runtime;  // "FLINK-1_20"
  std::string role;
  codec::JsonObject configuration;   // ApplicationConfigurationDescription without its run configuration
  codec::JsonArray logging_options;  // CloudWatchLoggingOptionDescriptions
  std::string inline_code;           // path of an uploaded ZIP below the data directory; empty: none
  std::string conditional_token;
  std::string final_status;  // when a newer one took its place: READY, RUNNING or ROLLED_BACK
  std::optional<int64_t> updated_from;
  std::optional<int64_t> rolled_back_from;
  std::optional<int64_t> rolled_back_to;
};

enum class OperationStatus { kInProgress, kCancelled, kSuccessful, kFailed };

// A durable operation: stored before anything is done for it. `step` and `plan` say where it stands, so that another
// process can go on with it.
struct Operation {
  int64_t sequence = 0;  // order of beginning, over all applications
  std::string id;
  ApplicationId application;
  std::string kind;  // "StartApplication", ...
  OperationStatus status = OperationStatus::kInProgress;
  int64_t started_ms = 0;
  int64_t ended_ms = 0;
  std::optional<int64_t> version_from;
  std::optional<int64_t> version_to;
  std::string error;
  std::string rollback_operation;  // the operation that undid this one
  std::string step;
  codec::JsonObject plan;
};

enum class SnapshotStatus { kCreating, kReady, kDeleting, kFailed };

// A savepoint in the catalogue.
struct Snapshot {
  int64_t id = 0;
  ApplicationId application;
  std::string name;
  SnapshotStatus status = SnapshotStatus::kCreating;
  int64_t version = 1;  // of the application, when it was made
  std::string runtime;
  int64_t created_ms = 0;
  std::string directory;    // absolute; of the newest attempt
  std::string trigger_id;   // of the newest attempt
  Incarnation incarnation;  // asked for it; 0: not asked yet
  int64_t size_bytes = 0;
  int max_parallelism = 128;  // of the state in it
  bool automatic = false;     // made by the service, by Stop or Update
};

// One run: a run directory and what its next incarnation is told.
struct Run {
  ApplicationId application;
  RunNumber number;
  int64_t version = 1;
  int parallelism = 1;
  int max_parallelism = 128;
  std::string restore_path;                 // empty: starts empty
  std::optional<int64_t> restore_snapshot;  // the snapshot's id, while it exists
  bool allow_non_restored_state = false;
  Incarnation incarnation;  // the newest that was launched; stored before the launch
};

// A user's tag; one without a value is not the same as one with "".
struct Tag {
  std::string key;
  std::optional<std::string> value;
};

// Who asked: goes into the audit of each mutation.
struct AuditEvent {
  std::string action;
  std::string application;
  std::string access_key;
  std::string request_id;
  std::string request;  // the body, without code
};

std::string_view to_string(OperationStatus status);
std::string_view to_string(SnapshotStatus status);

}  // namespace raudal::control::metadata
