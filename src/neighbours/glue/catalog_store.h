// The rows behind the Data Catalog: databases and their tables, each a JSON document with a version. One SQLite file;
// a commit survives power loss. The service locks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "codec/json.h"
#include "sqlite/database.h"

namespace raudal::neighbours::glue {

// A database, or a table of one.
struct Entity {
  std::string database;
  std::string table;        // empty: the database itself
  codec::JsonObject input;  // DatabaseInput or TableInput
  int64_t version = 0;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
};

// Reads and writes them by name.
class CatalogStore {
 public:
  static Result<std::unique_ptr<CatalogStore>> open(Fs& fs, const std::string& directory);

  Result<std::optional<Entity>> find(const std::string& database, const std::string& table);
  // All databases by name; with a name, the tables of that one.
  Result<std::vector<Entity>> databases();
  Result<std::vector<Entity>> tables(const std::string& database);
  Status insert(const Entity& entity);
  // Replaces the document if the version is still the one that was read; false if it is not.
  Result<bool> replace(const Entity& entity, int64_t version_before);
  // Removes a table, or a database with all its tables.
  Status remove(const std::string& database, const std::string& table);

 private:
  explicit CatalogStore(sqlite::Database database) : database_(std::move(database)) {}

  sqlite::Database database_;
};

}  // namespace raudal::neighbours::glue
