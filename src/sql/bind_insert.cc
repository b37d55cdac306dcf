// INSERT: which column of the query goes where, and as what type.
#include <fmt/core.h>

#include "base/str.h"
#include "sql/bind_ddl.h"
#include "sql/implicit_cast.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using expr::Expr;

namespace {

std::string print_schema(const column::Schema& schema) {
  std::vector<std::string> columns;
  for (const column::Field& field : schema)
    columns.push_back(fmt::format("{}: {}", field.name, field.type.to_string()));
  return "[" + join(columns, ", ") + "]";
}

[[noreturn]] void fail_types(const std::string& sink, const std::string& cause, const column::Schema& query,
                             const column::Schema& columns) {
  fail_validation(
      fmt::format("Column types of query result and sink for '{}' do not match. Cause: {}. Query schema: {} "
                  "Sink schema: {}",
                  Catalog::full_name(sink), cause, print_schema(query), print_schema(columns)));
}

// For each column of the sink the query's column, or -1 where it is filled with NULL.
std::vector<int> map_columns(const InsertAst& insert, const CatalogTable& sink, const column::Schema& query) {
  const column::Schema& columns = sink.table.columns;
  std::vector<int> map(columns.size(), -1);
  if (insert.columns.empty()) {
    if (query.size() != columns.size()) fail_types(sink.table.name, "Different number of columns", query, columns);
    for (size_t i = 0; i < map.size(); ++i) map[i] = static_cast<int>(i);
    return map;
  }
  for (size_t i = 0; i < insert.columns.size(); ++i) {
    const auto& [name, span] = insert.columns[i];
    size_t at = 0;
    while (at < columns.size() && columns[at].name != name) ++at;
    if (at == columns.size()) fail_validation(fmt::format("Unknown target column '{}'", name), span);
    if (map[at] >= 0) fail_validation(fmt::format("Target column '{}' is assigned more than once", name), span);
    map[at] = static_cast<int>(i);
  }
  if (insert.columns.size() != query.size()) {
    fail_validation("Number of columns must match number of query columns", insert.query->span);
  }
  for (size_t i = 0; i < map.size(); ++i) {
    if (map[i] < 0 && !columns[i].type.nullable()) {
      fail_validation(fmt::format("Column '{}' has no default value and does not allow NULLs", columns[i].name),
                      insert.target.span());
    }
  }
  return map;
}

}  // namespace

const CatalogTable& find_sink(const InsertAst& insert, const Catalog& catalog) {
  const auto name = Catalog::local_name(insert.target);
  if (name) {
    if (const CatalogTable* table = catalog.find_table(*name)) return *table;
    if (catalog.find_view(*name)) {
      fail_validation(fmt::format("'{}' is a view: rows cannot be inserted into it", *name), insert.target.span());
    }
  }
  fail_validation(fmt::format("Cannot find table '{}' in any of the catalogs [{}], nor as a temporary table",
                              name ? Catalog::quoted_name(*name) : join(insert.target.parts, "."), kDefaultCatalog),
                  insert.target.span());
}

PlanPtr bind_insert(const InsertAst& insert, const CatalogTable& sink, const BindContext& context) {
  PlanPtr plan = QueryBinder(context).bind(*insert.query);
  const column::Schema& columns = sink.table.columns;
  const std::vector<int> map = map_columns(insert, sink, plan->output);
  std::vector<Expr> projections;
  std::vector<std::string> names;
  for (size_t i = 0; i < columns.size(); ++i) {
    const Type& wanted = columns[i].type;
    names.push_back(columns[i].name);
    if (map[i] < 0) {
      projections.push_back(Expr::null_of(wanted.with_nullable(true)));
      continue;
    }
    const auto from = static_cast<size_t>(map[i]);
    const Type& given = plan->output[from].type;
    if (!can_cast_implicitly(given, wanted)) {
      fail_types(sink.table.name,
                 fmt::format("Incompatible types for sink column '{}' at position {}", columns[i].name, i + 1),
                 plan->output, columns);
    }
    Expr value = Expr::input(static_cast<int>(from), given);
    if (given.same_as(wanted)) {
      projections.push_back(std::move(value));
    } else {
      projections.push_back(cast_or_fail(std::move(value), wanted.with_nullable(given.nullable()), insert.span));
    }
  }
  return make_projection(std::move(plan), std::move(projections), std::move(names));
}

}  // namespace raudal::sql
