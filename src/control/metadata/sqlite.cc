#include "control/metadata/sqlite.h"

#include <sqlite3.h>

#include <fmt/core.h>

namespace raudal::control::metadata {
namespace {

constexpr int kBusyTimeoutMs = 5000;

Error sqlite_error(sqlite3* handle, const std::string& what) {
  const int code = sqlite3_errcode(handle) & 0xFF;
  if (code == SQLITE_FULL) return Error(ErrorCode::kDiskFull, what + ": the disk is full, free some space on it");
  return Error(ErrorCode::kMetadata, fmt::format("{}: {}", what, sqlite3_errmsg(handle)));
}

}  // namespace

void Statement::Close::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Statement& Statement::bind(int64_t value) {
  sqlite3_bind_int64(handle_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text64(handle_.get(), ++bound_, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(std::optional<int64_t> value) {
  if (value) return bind(*value);
  ++bound_;
  return *this;
}

Statement& Statement::bind(const std::optional<std::string>& text) {
  if (text) return bind(std::string_view(*text));
  ++bound_;
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(sqlite3_db_handle(handle_.get()), "The metadata store failed");
}

Status Statement::run() {
  while (TRY(step())) {}
  return {};
}

int64_t Statement::int_at(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string Statement::text_at(int column) const {
  const unsigned char* text = sqlite3_column_text(handle_.get(), column);
  if (text == nullptr) return "";
  return std::string(reinterpret_cast<const char*>(text), sqlite3_column_bytes(handle_.get(), column));
}

bool Statement::null_at(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

std::optional<int64_t> Statement::optional_int_at(int column) const {
  if (null_at(column)) return std::nullopt;
  return int_at(column);
}

std::optional<std::string> Statement::optional_text_at(int column) const {
  if (null_at(column)) return std::nullopt;
  return text_at(column);
}

void Connection::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) return sqlite_error(handle, "Cannot open the metadata store " + path);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  TRY(connection->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"));
  return connection;
}

Status Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return sqlite_error(handle_.get(), "The metadata store failed");
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &handle, nullptr) != SQLITE_OK) {
    return sqlite_error(handle_.get(), "The metadata store failed");
  }
  return Statement(handle);
}

int64_t Connection::last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

}  // namespace raudal::control::metadata
