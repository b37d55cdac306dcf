// What a stored configuration means to an engine: parallelism, checkpoints, log level and properties. Which engine, and
// what its program is: programs.h.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "codec/json.h"
#include "control/metadata/records.h"
#include "engine/run_directory.h"

namespace raudal::control::configuration {

// Where a version's code is.
struct CodeLocation {
  enum class Kind { kNone, kText, kInlineZip, kS3 };
  Kind kind = Kind::kNone;
  std::string text;
  std::string bucket;
  std::string key;
  std::optional<std::string> object_version;
};

CodeLocation code_location(const metadata::Version& version);
engine::PropertyGroups property_groups(const codec::JsonObject& configuration);
int parallelism(const codec::JsonObject& configuration);
bool snapshots_enabled(const codec::JsonObject& configuration);
bool rollback_enabled(const codec::JsonObject& configuration);

// Key groups for state that begins empty: Flink's rule, so that the same job gets the same number there.
int max_parallelism_for(int parallelism);

// Everything of launch.json that the version decides, which check_runnable (programs.h) has admitted; identity, restore
// path, state limits and the way to the service are the run's.
engine::LaunchFile launch_file(const metadata::Version& version, engine::ProgramKind program);

}  // namespace raudal::control::configuration
