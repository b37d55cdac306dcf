#include "neighbours/glue/catalog_store.h"

#include <utility>

#include "sqlite/schema.h"

namespace raudal::neighbours::glue {
namespace {

constexpr sqlite::Settings kSettings = {.name = "data catalog"};
constexpr int64_t kSchemaVersion = 1;
// The table '' of a database is the database itself.
constexpr const char* kSchema = R"(
CREATE TABLE entity (
  database TEXT NOT NULL, tab TEXT NOT NULL, input TEXT NOT NULL,
  version INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL,
  PRIMARY KEY (database, tab)
) STRICT, WITHOUT ROWID;
)";
constexpr const char* kColumns = "SELECT database, tab, input, version, created_ms, updated_ms FROM entity ";

Result<Entity> read_entity(const sqlite::Statement& row) {
  return Entity{.database = row.text_at(0),
                .table = row.text_at(1),
                .input = TRY(codec::parse_json_object(row.text_at(2))),
                .version = row.int_at(3),
                .created_ms = row.int_at(4),
                .updated_ms = row.int_at(5)};
}

Result<std::vector<Entity>> read_all(sqlite::Statement rows) {
  std::vector<Entity> entities;
  while (TRY(rows.step())) entities.push_back(TRY(read_entity(rows)));
  return std::move(entities);
}

}  // namespace

Result<std::unique_ptr<CatalogStore>> CatalogStore::open(Fs& fs, const std::string& directory) {
  TRY(fs.make_directories(directory));
  auto database = TRY(sqlite::Database::open(join_path(directory, "catalog.sqlite"), kSettings));
  TRY(sqlite::create_schema(database, kSchemaVersion, kSchema));
  return std::unique_ptr<CatalogStore>(new CatalogStore(std::move(database)));
}

Result<std::optional<Entity>> CatalogStore::find(const std::string& database, const std::string& table) {
  auto row = TRY(database_.query(std::string(kColumns) + "WHERE database = ? AND tab = ?", database, table));
  if (!TRY(row.step())) return std::optional<Entity>();
  return std::optional<Entity>(TRY(read_entity(row)));
}

Result<std::vector<Entity>> CatalogStore::databases() {
  return read_all(TRY(database_.prepare(std::string(kColumns) + "WHERE tab = '' ORDER BY database")));
}

Result<std::vector<Entity>> CatalogStore::tables(const std::string& database) {
  return read_all(
      TRY(database_.query(std::string(kColumns) + "WHERE database = ? AND tab <> '' ORDER BY tab", database)));
}

Status CatalogStore::insert(const Entity& entity) {
  return database_.run("INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?)", entity.database, entity.table,
                       codec::write_json(entity.input), entity.version, entity.created_ms, entity.updated_ms);
}

Result<bool> CatalogStore::replace(const Entity& entity, int64_t version_before) {
  auto transaction = TRY(sqlite::Transaction::begin(database_));
  const auto now = TRY(find(entity.database, entity.table));
  if (!now || now->version != version_before) return false;
  TRY(database_.run("UPDATE entity SET input = ?, version = ?, updated_ms = ? WHERE database = ? AND tab = ?",
                    codec::write_json(entity.input), entity.version, entity.updated_ms, entity.database, entity.table));
  TRY(transaction.commit());
  return true;
}

Status CatalogStore::remove(const std::string& database, const std::string& table) {
  if (table.empty()) return database_.run("DELETE FROM entity WHERE database = ?", database);
  return database_.run("DELETE FROM entity WHERE database = ? AND tab = ?", database, table);
}

}  // namespace raudal::neighbours::glue
