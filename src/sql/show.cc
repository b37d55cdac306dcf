#include "sql/show.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/str.h"
#include "expr/function.h"
#include "sql/aggregates.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;

namespace {

Listing one_column(std::string name, const std::vector<std::string>& values) {
  Listing listing;
  listing.columns.push_back(std::move(name));
  for (const std::string& value : values) listing.rows.push_back({value});
  return listing;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string quoted_names(const std::vector<std::string>& names) {
  std::vector<std::string> parts;
  for (const std::string& name : names) parts.push_back(fmt::format("`{}`", name));
  return join(parts, ", ");
}

// SHOW CREATE spells STRING and BYTES out, inside of other types too.
std::string serializable(const Type& type) {
  const std::string text = type.to_string();
  std::string out;
  bool quoted = false;
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (!quoted && rest.starts_with("STRING")) {
      out += "VARCHAR(2147483647)";
      i += 6;
    } else if (!quoted && rest.starts_with("BYTES")) {
      out += "VARBINARY(2147483647)";
      i += 5;
    } else {
      if (text[i] == '`') quoted = !quoted;
      out += text[i++];
    }
  }
  return out;
}

std::vector<std::string> function_names() {
  std::set<std::string> names;
  for (const expr::Function* function : expr::builtin_functions().all()) {
    // Operators are functions too, but nobody calls them by name.
    const bool word = std::isalpha(static_cast<unsigned char>(function->name[0])) != 0;
    if (word && function->name.find(' ') == std::string::npos) names.insert(to_lower(function->name));
  }
  for (const std::string& name : supported_aggregates()) names.insert(to_lower(name));
  for (const char* name : {"coalesce", "if", "ifnull", "nullif"}) names.insert(name);
  return {names.begin(), names.end()};
}

const CatalogTable& table_or_fail(const NameAst& name, const Catalog& catalog, std::string_view statement) {
  const auto local = Catalog::local_name(name);
  if (local) {
    if (const CatalogTable* table = catalog.find_table(*local)) return *table;
    if (catalog.find_view(*local)) {
      fail_validation(
          fmt::format("{} is only supported for tables, but {} is a view. Please use SHOW CREATE VIEW "
                      "instead",
                      statement, Catalog::quoted_name(*local)));
    }
  }
  fail_validation(fmt::format("Could not execute {}. Table with identifier {} does not exist", statement,
                              local ? Catalog::quoted_name(*local) : join(name.parts, ".")),
                  name.span());
}

Listing show_create_view(const NameAst& name, const Catalog& catalog) {
  const auto local = Catalog::local_name(name);
  const CatalogView* view = local ? catalog.find_view(*local) : nullptr;
  if (!view) {
    fail_validation(fmt::format("Could not execute SHOW CREATE VIEW. View with identifier {} does not exist",
                                local ? Catalog::quoted_name(*local) : join(name.parts, ".")),
                    name.span());
  }
  return one_column("result", {fmt::format("CREATE {}VIEW {}({}) as\n{}", view->temporary ? "TEMPORARY " : "",
                                           Catalog::quoted_name(*local), quoted_names(view->columns), view->text)});
}

}  // namespace

std::string show_create_table(const std::string& name, const CatalogTable& table) {
  std::vector<std::string> lines;
  for (const TableColumn& column : table.columns) {
    std::string line = column.computed ? fmt::format("  `{}` AS {}", column.name, column.expr_text)
                                       : fmt::format("  `{}` {}", column.name, serializable(column.type));
    if (!column.comment.empty()) line += " COMMENT " + quoted(column.comment);
    lines.push_back(std::move(line));
  }
  if (table.watermark) {
    lines.push_back(fmt::format("  WATERMARK FOR `{}` AS {}",
                                table.columns[static_cast<size_t>(table.watermark->column)].name,
                                table.watermark->expr_text));
  }
  if (!table.table.primary_key.empty()) {
    lines.push_back(fmt::format("  CONSTRAINT `PK_{}` PRIMARY KEY ({}) NOT ENFORCED",
                                join(table.table.primary_key, "_"), quoted_names(table.table.primary_key)));
  }
  std::vector<std::string> options;
  for (const auto& [key, value] : table.table.options) {
    options.push_back(fmt::format("  {} = {}", quoted(key), quoted(value)));
  }
  std::string text = fmt::format("CREATE {}TABLE {} (\n{}\n)", table.temporary ? "TEMPORARY " : "",
                                 Catalog::quoted_name(name), join(lines, ",\n"));
  const auto& partitions = table.table.partition_keys;
  if (!table.comment.empty())
    text += " COMMENT " + quoted(table.comment) + "\n";
  else if (!partitions.empty())
    text += " ";
  if (!partitions.empty()) text += fmt::format("PARTITIONED BY ({})\n", quoted_names(partitions));
  if (text.back() == ')') text += " ";
  return text + fmt::format("WITH (\n{}\n)\n", join(options, ",\n"));
}

Listing describe_table(const CatalogTable& table) {
  Listing listing{{"name", "type", "null", "key", "extras", "watermark"}, {}};
  const bool comments = std::any_of(table.columns.begin(), table.columns.end(),
                                    [](const TableColumn& column) { return !column.comment.empty(); });
  if (comments) listing.columns.push_back("comment");
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    std::string type = column.type.with_nullable(true).to_string();
    const bool rowtime = table.watermark && table.watermark->column == static_cast<int>(i);
    if (rowtime && type.find('*') == std::string::npos) type += " *ROWTIME*";
    const bool proctime = column.computed && column.computed->kind == expr::ExprKind::kCall &&
                          column.computed->function->name == "PROCTIME";
    if (proctime) type += " *PROCTIME*";
    const auto& keys = table.table.primary_key;
    const bool key = std::find(keys.begin(), keys.end(), column.name) != keys.end();
    std::vector<std::string> row{column.name,
                                 type,
                                 column.type.nullable() ? "TRUE" : "FALSE",
                                 key ? fmt::format("PRI({})", join(keys, ", ")) : "",
                                 column.computed ? "AS " + column.expr_text : "",
                                 rowtime ? table.watermark->expr_text : ""};
    if (comments) row.push_back(column.comment);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

Listing describe_view(const column::Schema& schema) {
  Listing listing{{"name", "type", "null", "key", "extras", "watermark"}, {}};
  for (const column::Field& field : schema) {
    std::string type = field.type.with_nullable(true).to_string();
    if (field.type.rowtime() && type.find('*') == std::string::npos) type += " *ROWTIME*";
    listing.rows.push_back({field.name, type, field.type.nullable() ? "TRUE" : "FALSE", "", "", ""});
  }
  return listing;
}

Listing show(const ShowAst& show, const Catalog& catalog) {
  switch (show.kind) {
    case ShowKind::kTables: return one_column("table name", catalog.table_names());
    case ShowKind::kViews: return one_column("view name", catalog.view_names());
    case ShowKind::kFunctions: return one_column("function name", function_names());
    case ShowKind::kCatalogs: return one_column("catalog name", {std::string(kDefaultCatalog)});
    case ShowKind::kDatabases: return one_column("database name", {std::string(kDefaultDatabase)});
    case ShowKind::kCurrentCatalog: return one_column("current catalog name", {std::string(kDefaultCatalog)});
    case ShowKind::kCurrentDatabase: return one_column("current database name", {std::string(kDefaultDatabase)});
    case ShowKind::kCreateView: return show_create_view(show.name, catalog);
    case ShowKind::kColumns: return describe_table(table_or_fail(show.name, catalog, "SHOW COLUMNS"));
    case ShowKind::kCreateTable: {
      const CatalogTable& table = table_or_fail(show.name, catalog, "SHOW CREATE TABLE");
      return one_column("result", {show_create_table(table.table.name, table)});
    }
  }
  CHECK(false);
}

}  // namespace raudal::sql
