#include "neighbours/s3/sqlite.h"

#include <utility>

#include <fmt/core.h>
#include <sqlite3.h>

namespace raudal::neighbours::s3 {
namespace {

Error sqlite_error(sqlite3* handle, std::string_view what) {
  const int code = sqlite3_errcode(handle) & 0xFF;
  ErrorCode mapped = ErrorCode::kMetadata;
  if (code == SQLITE_FULL) mapped = ErrorCode::kDiskFull;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) mapped = ErrorCode::kCorrupt;
  return Error(mapped, fmt::format("S3 index failed, {}: {}", sqlite3_errmsg(handle), what));
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(int64_t value) {
  CHECK(sqlite3_bind_int64(handle_, next_++, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::string_view bytes) {
  // An empty view may have a null pointer, which SQLite would take for NULL.
  const char* data = bytes.empty() ? "" : bytes.data();
  CHECK(sqlite3_bind_blob64(handle_, next_++, data, bytes.size(), SQLITE_TRANSIENT) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(sqlite3_db_handle(handle_), sqlite3_sql(handle_));
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

Result<Database> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return sqlite_error(handle, path);
  sqlite3_busy_timeout(handle, 5000);
  TRY(database.execute("PRAGMA journal_mode = WAL"));
  TRY(database.execute("PRAGMA synchronous = FULL"));
  TRY(database.execute("PRAGMA foreign_keys = ON"));
  return database;
}

Database::~Database() { sqlite3_close(handle_); }

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK) {
    return sqlite_error(handle_, sql);
  }
  return Statement(statement);
}

Status Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return sqlite_error(handle_, sql);
  return {};
}

int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }

Status Transaction::begin() {
  TRY(database_.execute("BEGIN IMMEDIATE"));
  open_ = true;
  return {};
}

Status Transaction::commit() {
  TRY(database_.execute("COMMIT"));
  open_ = false;
  return {};
}

}  // namespace raudal::neighbours::s3
