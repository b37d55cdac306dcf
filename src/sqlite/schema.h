// The schema of a database that one module owns: made in an empty file, and checked in one that is there already.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "sqlite/database.h"

namespace raudal::sqlite {

// Runs `statements` in an empty database and records the version. kMetadata when the file has a newer version than
// this release knows.
Status create_schema(Database& database, int64_t version, const char* statements);

}  // namespace raudal::sqlite
