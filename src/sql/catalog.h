// Tables and views of a session, in memory, under default_catalog.default_database.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connector/table.h"
#include "expr/expr.h"
#include "sql/ast.h"

namespace raudal::sql {

inline constexpr std::string_view kDefaultCatalog = "default_catalog";
inline constexpr std::string_view kDefaultDatabase = "default_database";

// A column as queries see it. Computed ones carry their expression over the table's physical columns.
struct TableColumn {
  std::string name;
  column::Type type;
  std::optional<expr::Expr> computed;
  std::string expr_text;
  std::string comment;
};

// A watermark: its expression is over all columns of the table.
struct TableWatermark {
  int column = -1;
  expr::Expr expr;
  std::string expr_text;
};

// A table, resolved.
struct CatalogTable {
  connector::Table table;            // what the connector gets: physical columns, options, keys
  std::vector<TableColumn> columns;  // all, in order
  std::optional<TableWatermark> watermark;
  std::string comment;
  bool temporary = false;
};

// A view: its query is bound anew wherever it is read.
struct CatalogView {
  QueryPtr query;
  std::vector<std::string> columns;  // names given to the query's columns; empty: its own
  std::string text;
  std::string comment;
  bool temporary = false;
};

// What a session has created. Pointers it gives hold until the entry is dropped.
class Catalog {
 public:
  // The name inside the default database; empty where the qualifier names another catalog or database.
  static std::optional<std::string> local_name(const NameAst& name);
  static std::string full_name(const std::string& name);    // default_catalog.default_database.t
  static std::string quoted_name(const std::string& name);  // with backticks

  const CatalogTable* find_table(const std::string& name) const;
  const CatalogView* find_view(const std::string& name) const;
  bool contains(const std::string& name) const { return find_table(name) || find_view(name); }

  void add_table(const std::string& name, CatalogTable table);
  void add_view(const std::string& name, CatalogView view);
  bool drop_table(const std::string& name);
  bool drop_view(const std::string& name);

  std::vector<std::string> table_names() const;  // views included, as in SHOW TABLES
  std::vector<std::string> view_names() const;

 private:
  std::map<std::string, CatalogTable> tables_;
  std::map<std::string, CatalogView> views_;
};

}  // namespace raudal::sql
