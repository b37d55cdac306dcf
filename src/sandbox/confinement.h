// What a process gives up for good before it runs a user's program: capabilities, the way to new ones, and the system
// calls that reach beyond a room (mounts, namespaces, tracing, kernel settings). Children inherit all of it.
#pragma once

#include "base/result.h"

namespace raudal::sandbox {

// Confines the calling process, which must have one thread.
Status confine();

}  // namespace raudal::sandbox
