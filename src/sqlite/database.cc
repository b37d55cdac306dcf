#include "sqlite/database.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include "base/check.h"

namespace raudal::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5000;

Error error_of(sqlite3* handle, const std::string& what) {
  const int code = sqlite3_errcode(handle) & 0xFF;
  if (code == SQLITE_FULL) return Error(ErrorCode::kDiskFull, what + ": the disk is full, free some space on it");
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  return Error(damaged ? ErrorCode::kCorrupt : ErrorCode::kMetadata,
               fmt::format("{}: {}", what, sqlite3_errmsg(handle)));
}

Error failure_of(sqlite3* handle, const Settings& settings) {
  return error_of(handle, fmt::format("The {} failed", settings.name));
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(int64_t value) {
  CHECK(sqlite3_bind_int64(handle_, ++bound_, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // An empty view may have a null pointer, which SQLite would take for NULL.
  const char* data = text.empty() ? "" : text.data();
  const int code =
      settings_.text_as == TextAs::kText
          ? sqlite3_bind_text64(handle_, ++bound_, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8)
          : sqlite3_bind_blob64(handle_, ++bound_, data, text.size(), SQLITE_TRANSIENT);
  CHECK(code == SQLITE_OK);
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
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure_of(sqlite3_db_handle(handle_), settings_);
}

Status Statement::run() {
  while (TRY(step())) {}
  return {};
}

int64_t Statement::int_at(int column) const { return sqlite3_column_int64(handle_, column); }

std::string Statement::text_at(int column) const {
  const void* bytes = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

bool Statement::null_at(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

std::optional<int64_t> Statement::optional_int_at(int column) const {
  if (null_at(column)) return std::nullopt;
  return int_at(column);
}

std::optional<std::string> Statement::optional_text_at(int column) const {
  if (null_at(column)) return std::nullopt;
  return text_at(column);
}

Result<Database> Database::open(const std::string& path, const Settings& settings) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle, settings);
  if (code != SQLITE_OK) return error_of(handle, fmt::format("Cannot open the {} {}", settings.name, path));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  TRY(database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"));
  return database;
}

Database::~Database() { sqlite3_close(handle_); }

Status Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure_of(handle_, settings_);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK) {
    return failure_of(handle_, settings_);
  }
  return Statement(statement, settings_);
}

int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_); }

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_) (void)database_->execute("ROLLBACK").ok();
}

Status Transaction::commit() {
  CHECK(database_ != nullptr);
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace raudal::sqlite
