// What names mean inside a SELECT: the tables of FROM with their aliases, and the columns they give.
#pragma once

#include <string>
#include <vector>

#include "column/type.h"
#include "expr/expr.h"
#include "sql/ast.h"

namespace raudal::sql {

// A table of FROM: columns [first, first + count) of the scope.
struct ScopeTable {
  std::vector<std::string> name;  // its qualified name or its alias; empty: anonymous
  int first = 0;
  int count = 0;
};

// The names that expressions of one SELECT can use.
struct Scope {
  std::vector<ScopeTable> tables;
  column::Schema columns;

  // The column of a possibly qualified name, with accesses to ROW fields behind it. Throws SqlError.
  expr::Expr resolve(const NameAst& name) const;
  // The table of `t.*`.
  const ScopeTable& table_of_star(const NameAst& qualifier) const;

 private:
  const ScopeTable* find_table(const std::vector<std::string>& qualifier, size_t parts) const;
  int find_column(const NameAst& name, size_t part, int first, int count) const;
};

}  // namespace raudal::sql
