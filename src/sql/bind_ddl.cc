#include "sql/bind_ddl.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using expr::Expr;

namespace {

// Columns in the order of declaration; LIKE's come first.
void add_columns(const CreateTableAst& create, CatalogTable* table) {
  std::set<std::string> names;
  for (const TableColumn& column : table->columns) names.insert(column.name);
  for (const ColumnAst& column : create.columns) {
    if (!names.insert(column.name).second) {
      fail_validation(fmt::format("A regular Column named '{}' already exists in the table", column.name), column.span);
    }
    TableColumn added;
    added.name = column.name;
    added.type = column.type;
    added.comment = column.comment;
    added.expr_text = column.expr_text;
    if (column.kind == ColumnAst::Kind::kPhysical) table->table.columns.push_back({column.name, column.type});
    table->columns.push_back(std::move(added));
  }
}

void add_primary_key(const CreateTableAst& create, CatalogTable* table) {
  for (size_t i = 0; i < create.primary_key.size(); ++i) {
    const std::string& key = create.primary_key[i];
    bool found = false;
    const auto require = [&](const std::string& name, Type* type) {
      if (name != key) return;
      *type = type->with_nullable(false);
      found = true;
    };
    for (column::Field& field : table->table.columns) require(field.name, &field.type);
    for (TableColumn& column : table->columns) require(column.name, &column.type);
    if (!found) {
      fail_validation(fmt::format("Primary key column '{}' is not defined in the schema", key),
                      create.primary_key_spans[i]);
    }
  }
  if (!create.primary_key.empty()) table->table.primary_key = create.primary_key;
}

// An unknown name is worded differently here than in a query, as in Flink.
Expr bind_column_expr(const ExprAst& ast, const Scope& scope) {
  try {
    return ExprBinder(scope, nullptr, "CREATE TABLE").bind(ast);
  } catch (SqlError& error) {
    constexpr std::string_view kSuffix = " not found in any table";
    const size_t at = error.message.find(kSuffix);
    if (at != std::string::npos) error.message = "Unknown identifier " + error.message.substr(7, at - 7);
    throw;
  }
}

void bind_computed(const CreateTableAst& create, CatalogTable* table) {
  Scope physical;
  physical.columns = table->table.columns;
  physical.tables.push_back({{table->table.name}, 0, static_cast<int>(physical.columns.size())});
  for (const ColumnAst& ast : create.columns) {
    if (ast.kind != ColumnAst::Kind::kComputed) continue;
    for (TableColumn& column : table->columns) {
      if (column.name != ast.name) continue;
      column.computed = bind_column_expr(*ast.expr, physical);
      column.type = column.computed->type;
    }
  }
}

void bind_watermark(const CreateTableAst::Watermark& ast, CatalogTable* table) {
  Scope scope;
  TableWatermark watermark;
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const TableColumn& column = table->columns[i];
    scope.columns.push_back({column.name, column.type});
    if (ast.column.parts.size() == 1 && column.name == ast.column.last()) watermark.column = static_cast<int>(i);
  }
  scope.tables.push_back({{table->table.name}, 0, static_cast<int>(scope.columns.size())});
  if (ast.column.parts.size() > 1) fail_unsupported("A WATERMARK on a nested field", ast.column.span());
  if (watermark.column < 0) {
    fail_validation(
        fmt::format("The rowtime attribute field '{}' is not defined in the table schema", ast.column.last()),
        ast.column.span());
  }
  Type& type = table->columns[static_cast<size_t>(watermark.column)].type;
  if (!type.is_timestamp() || type.precision() > 3) {
    fail_validation(fmt::format("Invalid data type of time field for watermark definition. The field must be of type "
                                "TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, but the "
                                "time field type is {}",
                                type.to_string()),
                    ast.column.span());
  }
  watermark.expr = bind_column_expr(*ast.expr, scope);
  if (!watermark.expr.type.is_timestamp() || watermark.expr.type.kind() != type.kind()) {
    fail_validation(fmt::format("Invalid data type of expression for watermark definition. The expression must be of "
                                "type TIMESTAMP(p) or TIMESTAMP_LTZ(p), but its type is {}",
                                watermark.expr.type.to_string()),
                    ast.expr->span);
  }
  watermark.expr_text = ast.expr_text;
  type = type.with_rowtime(true);
  table->watermark = std::move(watermark);
}

}  // namespace

CatalogTable bind_table(const CreateTableAst& create, const std::string& name, const BindContext& context) {
  CatalogTable table;
  if (create.like) {
    const auto source = Catalog::local_name(*create.like);
    const CatalogTable* found = source ? context.catalog.find_table(*source) : nullptr;
    if (!found) {
      fail_validation(fmt::format("Source table '{}' of the LIKE clause not found in the catalog", create.like->last()),
                      create.like->span());
    }
    table = *found;
  }
  table.table.name = name;
  table.temporary = create.temporary;
  table.comment = create.comment;
  for (const auto& [key, value] : create.options) table.table.options[key] = value;
  add_columns(create, &table);
  if (table.columns.empty()) fail_validation(fmt::format("Table '{}' has no columns", name), create.name.span());
  add_primary_key(create, &table);
  bind_computed(create, &table);
  if (create.watermark) {
    if (table.watermark) {
      fail_validation("There already exists a watermark spec for this table: of the LIKE clause",
                      create.watermark->span);
    }
    bind_watermark(*create.watermark, &table);
  }
  if (!create.partition_keys.empty()) table.table.partition_keys = create.partition_keys;
  for (const std::string& key : create.partition_keys) {
    const auto named = [&](const TableColumn& column) { return column.name == key && !column.computed; };
    if (std::none_of(table.columns.begin(), table.columns.end(), named)) {
      fail_validation(fmt::format("Partition column '{}' not defined in the table schema", key), create.name.span());
    }
  }
  if (table.table.options.empty()) {
    fail_validation(
        "Table options do not contain an option key 'connector' for discovering a connector: write "
        "WITH ('connector' = '…')",
        create.name.span());
  }
  return table;
}

CatalogView bind_view(const CreateViewAst& create, const BindContext& context) {
  const PlanPtr plan = QueryBinder(context).bind(*create.query);
  CatalogView view;
  if (!create.columns.empty() && create.columns.size() != plan->output.size()) {
    fail_validation(fmt::format("VIEW definition and input fields not match: {} columns are named, the query has {}",
                                create.columns.size(), plan->output.size()),
                    create.name.span());
  }
  for (size_t i = 0; i < plan->output.size(); ++i) {
    view.columns.push_back(create.columns.empty() ? plan->output[i].name : create.columns[i]);
  }
  view.query = create.query;
  view.text = create.query->text;
  view.comment = create.comment;
  view.temporary = create.temporary;
  return view;
}

}  // namespace raudal::sql
