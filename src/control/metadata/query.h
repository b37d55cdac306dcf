// How the parts of Transaction speak SQL: a statement with its parameters bound. Included by their .cc files alone.
#pragma once

#include "control/metadata/store.h"

namespace raudal::control::metadata {

using sqlite::Statement;

template <class... Values>
Result<Statement> Transaction::query(std::string_view sql, const Values&... values) {
  return database_->query(sql, values...);
}

template <class... Values>
Status Transaction::execute(std::string_view sql, const Values&... values) {
  return database_->run(sql, values...);
}

// All rows of a statement, each read by `read`.
template <class Row>
Result<std::vector<Row>> read_rows(Statement& statement, Result<Row> (*read)(const Statement&)) {
  std::vector<Row> rows;
  while (TRY(statement.step())) rows.push_back(TRY(read(statement)));
  return rows;
}

// The first row, if there is one.
template <class Row>
Result<std::optional<Row>> read_row(Statement& statement, Result<Row> (*read)(const Statement&)) {
  if (!TRY(statement.step())) return std::optional<Row>();
  return std::optional<Row>(TRY(read(statement)));
}

}  // namespace raudal::control::metadata
