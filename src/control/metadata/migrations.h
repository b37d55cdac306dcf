// The schema of the metadata store as a list of steps. A released step is never edited; a change is a new step at the
// end. Each runs in a transaction of its own, together with the row that records it.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "sqlite/database.h"

namespace raudal::control::metadata {

// Brings an empty or older store up to date. kMetadata when a newer release has written it.
Status migrate(sqlite::Database& database, const Clock& clock);

}  // namespace raudal::control::metadata
