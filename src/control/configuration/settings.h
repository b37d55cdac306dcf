// What a stored configuration means to an engine: parallelism, checkpoints, log level, properties and which file of the
// code package is the program.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "codec/json.h"
#include "control/metadata/records.h"
#include "engine/run_directory.h"

namespace raudal::control::configuration {

inline constexpr std::string_view kRunOptionsGroup = "raudal.run.options";

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
// The program's name in the package: what the group raudal.run.options names `sql`, else main.sql.
std::string program_file(const engine::PropertyGroups& groups);
int parallelism(const codec::JsonObject& configuration);
bool snapshots_enabled(const codec::JsonObject& configuration);
bool rollback_enabled(const codec::JsonObject& configuration);

// Key groups for state that begins empty: Flink's rule, so that the same job gets the same number there.
int max_parallelism_for(int parallelism);

// kInvalidApplicationConfiguration when no engine here runs this kind of application, with what to do.
Status check_runnable(const metadata::Version& version);

// Everything of launch.json that the version decides; identity, restore path and state limits are the run's.
engine::LaunchFile launch_file(const metadata::Version& version);

}  // namespace raudal::control::configuration
