// Rows of the store as the API describes them.
#pragma once

#include <optional>
#include <string>

#include "control/actions/actions.h"

namespace raudal::control::actions {

// ApplicationDetail of one version. `run` is the newest run, if the application is up.
codec::JsonObject describe_version(const Services& services, const metadata::Application& application,
                                   const metadata::Version& version, const std::optional<metadata::Run>& run);

// The status that a version shows: the application's for the current one, else what it had when it was replaced.
std::string version_status(const metadata::Application& application, const metadata::Version& version);

codec::JsonObject describe_snapshot(const metadata::Snapshot& snapshot, const metadata::Version& version);
codec::JsonObject describe_operation(const metadata::Operation& operation);

// The newest run of an application that is up.
Result<std::optional<metadata::Run>> find_current_run(metadata::Transaction& tx,
                                                      const metadata::Application& application);

// The hour at which a region's maintenance window begins, "06:00".
std::string default_maintenance_start(std::string_view region);

}  // namespace raudal::control::actions
