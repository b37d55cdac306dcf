// A thin layer over SQLite: a connection and its statements, with our errors. The one place that includes sqlite3.h.
// kDiskFull for a full disk, kMetadata for all else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace raudal::control::metadata {

// A prepared statement. Parameters are bound in their order; then step() once a row.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  Statement& bind(int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind(std::optional<int64_t> value);
  Statement& bind(const std::optional<std::string>& text);

  // True: a row is there. False: done.
  Result<bool> step();
  Status run();  // steps to the end

  int64_t int_at(int column) const;
  std::string text_at(int column) const;
  bool null_at(int column) const;
  std::optional<int64_t> optional_int_at(int column) const;
  std::optional<std::string> optional_text_at(int column) const;

 private:
  struct Close {
    void operator()(sqlite3_stmt* handle) const;
  };
  std::unique_ptr<sqlite3_stmt, Close> handle_;
  int bound_ = 0;
};

// An open database; used by one thread at a time.
class Connection {
 public:
  // Opens or creates the file, with a write-ahead log and a sync at each commit.
  static Result<std::unique_ptr<Connection>> open(const std::string& path);

  Status execute(const std::string& sql);  // any number of statements without parameters
  Result<Statement> prepare(std::string_view sql);
  int64_t last_row_id() const;

 private:
  explicit Connection(sqlite3* handle) : handle_(handle) {}

  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace raudal::control::metadata
