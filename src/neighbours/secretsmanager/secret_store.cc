#include "neighbours/secretsmanager/secret_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "sqlite/schema.h"

namespace raudal::neighbours::secretsmanager {
namespace {

constexpr size_t kVersionsMax = 100;
constexpr size_t kSuffixLetters = 7;  // "-AbCdEf" at the end of an ARN
constexpr sqlite::Settings kSettings = {.name = "secrets' store"};
constexpr int64_t kSchemaVersion = 1;
constexpr const char* kSchema = R"(
CREATE TABLE secret (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, arn TEXT NOT NULL UNIQUE,
  description TEXT, kms_key TEXT, tags TEXT NOT NULL,
  created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, accessed_ms INTEGER, deleted_ms INTEGER, gone_ms INTEGER
) STRICT;
CREATE TABLE version (
  secret INTEGER NOT NULL REFERENCES secret(id) ON DELETE CASCADE, id TEXT NOT NULL,
  is_binary INTEGER NOT NULL, value TEXT NOT NULL, created_ms INTEGER NOT NULL,
  PRIMARY KEY (secret, id)
) STRICT;
CREATE TABLE stage (
  secret INTEGER NOT NULL, label TEXT NOT NULL, version TEXT NOT NULL,
  PRIMARY KEY (secret, label),
  FOREIGN KEY (secret, version) REFERENCES version(secret, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
)";
constexpr const char* kSecretColumns =
    "SELECT id, name, arn, description, kms_key, tags, created_ms, changed_ms, accessed_ms, deleted_ms, gone_ms "
    "FROM secret ";

Result<Secret> read_secret(const sqlite::Statement& row) {
  const codec::Json tags = TRY(codec::parse_json(row.text_at(5)));
  return Secret{.id = row.int_at(0),
                .name = row.text_at(1),
                .arn = row.text_at(2),
                .description = row.optional_text_at(3),
                .kms_key = row.optional_text_at(4),
                .tags = tags.is_array() ? tags.get_array() : codec::JsonArray(),
                .created_ms = row.int_at(6),
                .changed_ms = row.int_at(7),
                .accessed_ms = row.optional_int_at(8),
                .deleted_ms = row.optional_int_at(9),
                .gone_ms = row.optional_int_at(10)};
}

}  // namespace

Result<std::unique_ptr<SecretStore>> SecretStore::open(Fs& fs, const std::string& directory) {
  TRY(fs.make_directories(directory));
  if (::chmod(directory.c_str(), 0700) != 0) return Error(ErrorCode::kIo, "Cannot protect the folder " + directory);
  auto database = TRY(sqlite::Database::open(join_path(directory, "secrets.sqlite"), kSettings));
  TRY(sqlite::create_schema(database, kSchemaVersion, kSchema));
  return std::unique_ptr<SecretStore>(new SecretStore(std::move(database)));
}

Status SecretStore::remove_gone(int64_t now_ms) {
  return database_.run("DELETE FROM secret WHERE gone_ms <= ?", now_ms);
}

Result<std::optional<Secret>> SecretStore::find(const std::string& id) {
  const std::string sql =
      std::string(kSecretColumns) + "WHERE name = ? OR arn = ? OR substr(arn, 1, length(arn) - ?) = ?";
  auto row = TRY(database_.query(sql, id, id, int64_t{kSuffixLetters}, id));
  if (!TRY(row.step())) return std::optional<Secret>();
  return std::optional<Secret>(TRY(read_secret(row)));
}

Result<std::vector<Secret>> SecretStore::list() {
  auto rows = TRY(database_.prepare(std::string(kSecretColumns) + "ORDER BY id"));
  std::vector<Secret> secrets;
  while (TRY(rows.step())) secrets.push_back(TRY(read_secret(rows)));
  return secrets;
}

Result<int64_t> SecretStore::insert(const Secret& secret) {
  TRY(
      database_.run("INSERT INTO secret (name, arn, description, kms_key, tags, created_ms, changed_ms) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    secret.name, secret.arn, secret.description, secret.kms_key, codec::write_json(secret.tags),
                    secret.created_ms, secret.changed_ms));
  return database_.last_row_id();
}

Status SecretStore::update(const Secret& secret) {
  return database_.run(
      "UPDATE secret SET description = ?, kms_key = ?, tags = ?, changed_ms = ?, accessed_ms = ?, "
      "deleted_ms = ?, gone_ms = ? WHERE id = ?",
      secret.description, secret.kms_key, codec::write_json(secret.tags), secret.changed_ms, secret.accessed_ms,
      secret.deleted_ms, secret.gone_ms, secret.id);
}

Status SecretStore::remove(int64_t secret) { return database_.run("DELETE FROM secret WHERE id = ?", secret); }

Result<std::vector<Version>> SecretStore::versions(int64_t secret) {
  std::map<std::string, std::vector<std::string>> stages;
  {
    auto rows = TRY(database_.query("SELECT version, label FROM stage WHERE secret = ? ORDER BY label", secret));
    while (TRY(rows.step())) stages[rows.text_at(0)].push_back(rows.text_at(1));
  }
  auto rows = TRY(database_.query(
      "SELECT id, is_binary, value, created_ms FROM version WHERE secret = ? ORDER BY rowid DESC", secret));
  std::vector<Version> versions;
  while (TRY(rows.step())) {
    Version version{.id = rows.text_at(0),
                    .is_binary = rows.int_at(1) != 0,
                    .value = rows.text_at(2),
                    .created_ms = rows.int_at(3),
                    .stages = {}};
    version.stages = stages[version.id];
    versions.push_back(std::move(version));
  }
  return versions;
}

Status SecretStore::insert_version(int64_t secret, const Version& version) {
  return database_.run("INSERT INTO version (secret, id, is_binary, value, created_ms) VALUES (?, ?, ?, ?, ?)", secret,
                       version.id, int64_t{version.is_binary}, version.value, version.created_ms);
}

Result<std::optional<std::string>> SecretStore::version_at(int64_t secret, const std::string& label) {
  auto row = TRY(database_.query("SELECT version FROM stage WHERE secret = ? AND label = ?", secret, label));
  if (!TRY(row.step())) return std::optional<std::string>();
  return std::optional<std::string>(row.text_at(0));
}

Status SecretStore::move_stage(int64_t secret, const std::string& label, const std::string& version) {
  constexpr const char* kPut = "INSERT OR REPLACE INTO stage (secret, label, version) VALUES (?, ?, ?)";
  const std::optional<std::string> before = TRY(version_at(secret, label));
  if (before == version) return {};
  if (label == kCurrent && before) TRY(database_.run(kPut, secret, kPrevious, *before));
  // A version that becomes the current one is no longer the previous one.
  if (label == kCurrent && TRY(version_at(secret, kPrevious)) == version) TRY(remove_stage(secret, kPrevious));
  return database_.run(kPut, secret, label, version);
}

Status SecretStore::remove_stage(int64_t secret, const std::string& label) {
  return database_.run("DELETE FROM stage WHERE secret = ? AND label = ?", secret, label);
}

Status SecretStore::prune_versions(int64_t secret) {
  const std::vector<Version> all = TRY(versions(secret));
  for (size_t i = kVersionsMax; i < all.size(); ++i) {
    if (all[i].stages.empty()) TRY(database_.run("DELETE FROM version WHERE secret = ? AND id = ?", secret, all[i].id));
  }
  return {};
}

}  // namespace raudal::neighbours::secretsmanager
