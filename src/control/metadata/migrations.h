// The schema of the metadata store as a list of steps. A released step is never edited; a change is a new step at the
// end. Each runs in a transaction of its own, together with the row that records it.
#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace raudal::control::metadata {

class Connection;

// Brings an empty or older store up to date. kMetadata when a newer release has written it.
Status migrate(Connection& connection, const Clock& clock);

}  // namespace raudal::control::metadata
