#include "sql/scope.h"

#include <fmt/core.h>

#include "base/str.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using expr::Expr;
using expr::ExprKind;

namespace {

// The field of a ROW; empty where there is none of that name.
std::optional<Expr> field_access(Expr row, const std::string& name) {
  const auto& fields = row.type.fields();
  for (size_t i = 0; row.type.kind() == column::TypeKind::kRow && i < fields.size(); ++i) {
    if (fields[i].name != name) continue;
    Expr access;
    access.kind = ExprKind::kField;
    access.column = static_cast<int>(i);
    access.type = fields[i].type.with_nullable(fields[i].type.nullable() || row.type.nullable());
    access.args.push_back(std::move(row));
    return access;
  }
  return std::nullopt;
}

}  // namespace

const ScopeTable* Scope::find_table(const std::vector<std::string>& qualifier, size_t parts) const {
  for (const ScopeTable& table : tables) {
    if (table.name.size() < parts) continue;
    if (std::equal(qualifier.begin(), qualifier.begin() + static_cast<long>(parts),
                   table.name.end() - static_cast<long>(parts))) {
      return &table;
    }
  }
  return nullptr;
}

int Scope::find_column(const NameAst& name, size_t part, int first, int count) const {
  int found = -1;
  for (int i = first; i < first + count; ++i) {
    if (columns[static_cast<size_t>(i)].name != name.parts[part]) continue;
    if (found >= 0) fail_validation(fmt::format("Column '{}' is ambiguous", name.parts[part]), name.spans[part]);
    found = i;
  }
  return found;
}

Expr Scope::resolve(const NameAst& name) const {
  const auto access = [&](int column, size_t next) {
    Expr expr = Expr::input(column, columns[static_cast<size_t>(column)].type);
    if (next == 1 && name.parts.size() > 1 && expr.type.kind() != column::TypeKind::kRow) {
      fail_validation(fmt::format("Table '{}' not found", name.parts[0]), name.spans[0]);
    }
    for (size_t part = next; part < name.parts.size(); ++part) {
      auto field = field_access(std::move(expr), name.parts[part]);
      if (!field) {
        fail_validation(fmt::format("Column '{}' not found in any table", join(name.parts, ".")), name.span());
      }
      expr = std::move(*field);
    }
    return expr;
  };
  for (size_t parts = name.parts.size() - 1; parts > 0; --parts) {
    const ScopeTable* table = find_table(name.parts, parts);
    if (!table) continue;
    const int column = find_column(name, parts, table->first, table->count);
    if (column >= 0) return access(column, parts + 1);
    fail_validation(fmt::format("Column '{}' not found in table '{}'", name.parts[parts], name.parts[parts - 1]),
                    name.spans[parts]);
  }
  const int column = find_column(name, 0, 0, static_cast<int>(columns.size()));
  if (column >= 0) return access(column, 1);
  if (name.parts.size() > 1) fail_validation(fmt::format("Table '{}' not found", name.parts[0]), name.spans[0]);
  fail_validation(fmt::format("Column '{}' not found in any table", name.parts[0]), name.spans[0]);
}

const ScopeTable& Scope::table_of_star(const NameAst& qualifier) const {
  const ScopeTable* table = find_table(qualifier.parts, qualifier.parts.size());
  if (!table) fail_validation(fmt::format("Unknown identifier '{}'", qualifier.parts[0]), qualifier.spans[0]);
  return *table;
}

}  // namespace raudal::sql
