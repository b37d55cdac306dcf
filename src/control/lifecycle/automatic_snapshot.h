// Snapshots that the service makes by itself, before it stops a run.
#pragma once

#include "control/lifecycle/context.h"

namespace raudal::control::lifecycle {

// Stores a snapshot that is to be made of the run; its id. They count towards the limit but are never refused by it.
Result<int64_t> insert_automatic_snapshot(Context& context, metadata::Transaction& tx,
                                          const metadata::Application& application, const metadata::Run& run);

// A snapshot of the run that is to be made now, not stored yet.
metadata::Snapshot new_snapshot(const Context& context, const metadata::Application& application,
                                const metadata::Run& run, const metadata::Version& version, std::string name);

}  // namespace raudal::control::lifecycle
