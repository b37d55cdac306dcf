// SQLite as this program uses it: a database file, its statements with their bound values, transactions, and our
// errors. Used by the metadata store and the S3 index; no other module knows sqlite3.
// kDiskFull for a full disk, kCorrupt for a damaged file, kMetadata for all else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace raudal::sqlite {

// How texts are bound. Blobs compare byte by byte, and are what a STRICT column of blobs takes.
enum class TextAs { kText, kBlob };

// What a database is to its owner.
struct Settings {
  const char* name;  // a literal, for errors: "metadata store"
  TextAs text_as = TextAs::kText;
};

// One prepared statement. Parameters are bound in their order, then step() goes to the next row. Columns count from 0.
class Statement {
 public:
  Statement(sqlite3_stmt* handle, const Settings& settings) : handle_(handle), settings_(settings) {}
  ~Statement();
  Statement(Statement&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), settings_(other.settings_), bound_(other.bound_) {}

  Statement& bind(int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
  Statement& bind(const char* text) { return bind(std::string_view(text)); }
  // Nothing is NULL.
  Statement& bind(std::optional<int64_t> value);
  Statement& bind(const std::optional<std::string>& text);

  // True: a row is there. False: done.
  Result<bool> step();
  Status run();  // steps to the end

  int64_t int_at(int column) const;
  std::string text_at(int column) const;  // of a text or a blob; empty for NULL
  bool null_at(int column) const;
  std::optional<int64_t> optional_int_at(int column) const;
  std::optional<std::string> optional_text_at(int column) const;

 private:
  sqlite3_stmt* handle_;
  Settings settings_;
  int bound_ = 0;
};

// A database file in WAL mode whose commits survive power loss. Not thread-safe: the owner locks. It outlives its
// statements.
class Database {
 public:
  // Opens or creates the file.
  static Result<Database> open(const std::string& path, const Settings& settings);
  ~Database();
  Database(Database&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), settings_(other.settings_) {}

  Status execute(const std::string& sql);  // any number of statements without parameters
  Result<Statement> prepare(std::string_view sql);
  // A statement with the values bound in their order.
  template <class... Values>
  Result<Statement> query(std::string_view sql, const Values&... values) {
    Statement statement = TRY(prepare(sql));
    (statement.bind(values), ...);
    return statement;
  }
  // The same, run to its end.
  template <class... Values>
  Status run(std::string_view sql, const Values&... values) {
    Statement statement = TRY(query(sql, values...));
    return statement.run();
  }
  int64_t last_row_id() const;

 private:
  Database(sqlite3* handle, const Settings& settings) : handle_(handle), settings_(settings) {}

  sqlite3* handle_;
  Settings settings_;
};

// A write transaction; rolled back by the destructor unless committed. The database stays where it is meanwhile.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  ~Transaction();

  Status commit();  // once

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  // null when committed
};

}  // namespace raudal::sqlite
