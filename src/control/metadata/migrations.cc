#include "control/metadata/migrations.h"

#include <fmt/core.h>

namespace raudal::control::metadata {
namespace {

constexpr const char* kSteps[] = {
    R"sql(
CREATE TABLE applications (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  run INTEGER NOT NULL,
  description TEXT,
  mode TEXT NOT NULL,
  maintenance_start TEXT NOT NULL,
  run_configuration TEXT
);
CREATE TABLE tags (
  application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT,
  PRIMARY KEY (application, key)
);
CREATE TABLE versions (
  application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
  number INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  runtime TEXT NOT NULL,
  role TEXT NOT NULL,
  configuration TEXT NOT NULL,
  logging_options TEXT NOT NULL,
  inline_code TEXT NOT NULL,
  conditional_token TEXT NOT NULL,
  final_status TEXT NOT NULL,
  updated_from INTEGER,
  rolled_back_from INTEGER,
  rolled_back_to INTEGER,
  PRIMARY KEY (application, number)
);
CREATE TABLE operations (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  version_from INTEGER,
  version_to INTEGER,
  error TEXT NOT NULL,
  rollback_operation TEXT NOT NULL,
  step TEXT NOT NULL,
  plan TEXT NOT NULL
);
CREATE INDEX operations_of_application ON operations (application, sequence);
CREATE UNIQUE INDEX one_operation_in_flight ON operations (application) WHERE status = 'IN_PROGRESS';
CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  runtime TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  directory TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  max_parallelism INTEGER NOT NULL,
  automatic INTEGER NOT NULL,
  UNIQUE (application, name)
);
CREATE TABLE runs (
  application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
  number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  parallelism INTEGER NOT NULL,
  max_parallelism INTEGER NOT NULL,
  restore_path TEXT NOT NULL,
  restore_snapshot INTEGER,
  allow_non_restored_state INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  PRIMARY KEY (application, number)
);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  action TEXT NOT NULL,
  application TEXT NOT NULL,
  access_key TEXT NOT NULL,
  request_id TEXT NOT NULL,
  request TEXT NOT NULL
);
)sql",
};

constexpr int64_t kNewest = std::size(kSteps);

Result<int64_t> current_step(sqlite::Database& database) {
  sqlite::Statement read = TRY(database.prepare("SELECT coalesce(max(step), 0) FROM migrations"));
  TRY(read.step());
  return read.int_at(0);
}

}  // namespace

Status migrate(sqlite::Database& database, const Clock& clock) {
  TRY(database.execute(
      "CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY, applied_ms INTEGER NOT NULL)"));
  const int64_t current = TRY(current_step(database));
  if (current > kNewest) {
    return Error(
        ErrorCode::kMetadata,
        fmt::format("The metadata store was written by a newer release (schema {}, this one knows {}): run that "
                    "release, or give another --data",
                    current, kNewest));
  }
  for (int64_t step = current; step < kNewest; ++step) {
    const std::string record = fmt::format("INSERT INTO migrations VALUES ({}, {});", step + 1, clock.wall_us() / 1000);
    TRY(database.execute(std::string("BEGIN IMMEDIATE;") + kSteps[step] + record + "COMMIT;"));
  }
  return {};
}

}  // namespace raudal::control::metadata
