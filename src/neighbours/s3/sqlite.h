// SQLite as the S3 index needs it: statements, bound values, transactions. The only header here that knows sqlite3.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace raudal::neighbours::s3 {

// One prepared statement. Positions are numbered from 1 when binding, columns from 0 when reading.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  ~Statement();
  Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), next_(other.next_) {}

  // Binds the next parameter. Texts are bound as blobs, which compare byte by byte.
  Statement& bind(int64_t value);
  Statement& bind(std::string_view bytes);
  // True when there is a row.
  Result<bool> step();
  int64_t integer(int column) const;
  std::string text(int column) const;

 private:
  sqlite3_stmt* handle_;
  int next_ = 1;
};

// A database file in WAL mode whose commits survive power loss. Not thread-safe: the owner locks.
class Database {
 public:
  static Result<Database> open(const std::string& path);
  ~Database();
  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

  Result<Statement> prepare(std::string_view sql);
  Status execute(const char* sql);
  // Binds the arguments in order and runs the statement to its end.
  template <class... Arguments>
  Status run(std::string_view sql, const Arguments&... arguments) {
    Statement statement = TRY(prepare(sql));
    (statement.bind(arguments), ...);
    TRY(statement.step());
    return {};
  }
  template <class... Arguments>
  Result<Statement> query(std::string_view sql, const Arguments&... arguments) {
    Statement statement = TRY(prepare(sql));
    (statement.bind(arguments), ...);
    return statement;
  }
  int64_t last_insert_id() const;

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

// BEGIN IMMEDIATE; rolled back by the destructor unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  ~Transaction() {
    if (open_) (void)database_.execute("ROLLBACK").ok();
  }
  Status begin();
  Status commit();

 private:
  Database& database_;
  bool open_ = false;
};

}  // namespace raudal::neighbours::s3
