// FROM: tables, views, WITH queries, sub-queries. The window table functions are in bind_window.cc.
#include <fmt/core.h>

#include "base/str.h"
#include "sql/bind_query.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using expr::Expr;

QueryBinder::From QueryBinder::alias(From from, const TableAst& table, std::vector<std::string> default_name) {
  ScopeTable entry;
  entry.name = table.alias.empty() ? std::move(default_name) : std::vector<std::string>{table.alias};
  entry.count = static_cast<int>(from.plan->output.size());
  from.scope.columns = from.plan->output;
  if (!table.column_aliases.empty()) {
    if (table.column_aliases.size() != from.scope.columns.size()) {
      fail_validation(fmt::format("List of column aliases must have same degree as table; table has {} columns, "
                                  "whereas alias list has {} columns",
                                  from.scope.columns.size(), table.column_aliases.size()),
                      table.alias_span);
    }
    for (size_t i = 0; i < table.column_aliases.size(); ++i) from.scope.columns[i].name = table.column_aliases[i];
  }
  from.scope.tables = {std::move(entry)};
  return from;
}

QueryBinder::From QueryBinder::bind_from(const TableAst& table) {
  switch (table.kind) {
    case TableAstKind::kNamed: return bind_named(table);
    case TableAstKind::kQuery: {
      From from;
      from.plan = bind(*table.query);
      return alias(std::move(from), table, {});
    }
    case TableAstKind::kWindow: return bind_window(table);
    case TableAstKind::kJoin:
      for (const TableAst& input : table.inputs) bind_from(input);
      fail_unsupported(fmt::format("{} of two tables", table.join), table.span);
    case TableAstKind::kValues: break;
  }
  CHECK(false);
}

QueryBinder::From QueryBinder::bind_named(const TableAst& table) {
  From from;
  if (table.name.parts.size() == 1) {
    for (size_t i = with_.size(); i-- > 0;) {
      const QueryAst::With& with = *with_[i].with;
      if (with.name != table.name.parts[0]) continue;
      // A WITH query sees those before it only.
      std::vector<WithQuery> hidden(with_.begin() + static_cast<long>(with_[i].visible), with_.end());
      with_.resize(with_[i].visible);
      from.plan = bind(*with.query);
      with_.insert(with_.end(), hidden.begin(), hidden.end());
      if (!with.columns.empty() && with.columns.size() != from.plan->output.size()) {
        fail_validation("Number of columns must match number of query columns", with.span);
      }
      for (size_t c = 0; c < with.columns.size(); ++c) from.plan->output[c].name = with.columns[c];
      return alias(std::move(from), table, {with.name});
    }
  }
  const auto name = Catalog::local_name(table.name);
  if (name) {
    if (const CatalogTable* found = context_.catalog.find_table(*name)) {
      from.plan = bind_scan(*found, table.hints);
      return alias(std::move(from), table, {std::string(kDefaultCatalog), std::string(kDefaultDatabase), *name});
    }
    if (const CatalogView* view = context_.catalog.find_view(*name)) {
      if (!table.hints.empty()) fail_validation("View does not accept OPTIONS", table.span);
      from.plan = bind_view(*view, *name);
      return alias(std::move(from), table, {std::string(kDefaultCatalog), std::string(kDefaultDatabase), *name});
    }
  }
  if (table.name.parts.size() > 1 && !name) {
    fail_validation(fmt::format("Object '{}' not found", table.name.parts[0]), table.name.span());
  }
  fail_validation(fmt::format("Object '{}' not found", table.name.last()), table.name.span());
}

PlanPtr QueryBinder::bind_view(const CatalogView& view, const std::string& name) {
  QueryBinder inner(context_);
  PlanPtr plan;
  try {
    plan = inner.bind(*view.query);
  } catch (const SqlError& error) {
    // Its positions are of another text than the statement at hand.
    throw SqlError{error.code, fmt::format("View '{}': {}", name, error.to_error().message()), std::nullopt};
  }
  for (size_t i = 0; i < view.columns.size() && i < plan->output.size(); ++i) plan->output[i].name = view.columns[i];
  return plan;
}

PlanPtr QueryBinder::bind_scan(const CatalogTable& table, const std::map<std::string, std::string>& hints) {
  CatalogTable scanned = table;
  for (const auto& [key, value] : hints) scanned.table.options[key] = value;
  connector::Table physical = scanned.table;
  take_watermark_options(&physical);
  auto connector = context_.registry->connector_of(physical);
  if (!connector.ok()) fail_with(std::move(connector).error());
  if (!(*connector)->make_source) {
    fail_validation(
        fmt::format("Connector '{}' can only be used as a sink. It cannot be used as a source.", (*connector)->name));
  }
  return make_scan(scanned, context_.settings);
}

connector::Options take_watermark_options(connector::Table* table) {
  connector::Options taken;
  for (auto it = table->options.begin(); it != table->options.end();) {
    if (!it->first.starts_with("scan.watermark.")) {
      ++it;
      continue;
    }
    taken.insert(*it);
    it = table->options.erase(it);
  }
  return taken;
}

namespace {

int64_t duration_of(const std::map<std::string, std::string>& values, const char* key, int64_t default_ms) {
  const auto it = values.find(key);
  if (it == values.end()) return default_ms;
  const auto ms = parse_duration_ms(it->second);
  if (!ms) fail_option(fmt::format("Could not parse value '{}' for key '{}'", it->second, key));
  return *ms;
}

void check_watermark_options(const connector::Options& options) {
  for (const auto& [key, value] : options) {
    if (key == "scan.watermark.idle-timeout") continue;
    if (key == "scan.watermark.emit.strategy" && value == "on-periodic") continue;
    throw SqlError{ErrorCode::kSqlUnsupported,
                   fmt::format("The table option '{}' = '{}' is not supported yet", key, value), std::nullopt};
  }
}

}  // namespace

PlanPtr make_scan(CatalogTable table, const Settings& settings) {
  const connector::Options watermark_options = take_watermark_options(&table.table);
  check_watermark_options(watermark_options);
  graph::SourceSpec source{table.table, table.table.columns};
  PlanPtr plan = make_plan(std::move(source), {}, table.table.columns);
  bool computes = false;
  int physical = 0;
  std::vector<Expr> projections;
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns) {
    computes = computes || column.computed;
    projections.push_back(column.computed ? *column.computed
                                          : Expr::input(physical++, column.type.with_rowtime(false)));
    names.push_back(column.name);
  }
  if (computes) plan = make_projection(std::move(plan), std::move(projections), std::move(names));
  if (!table.watermark) return plan;
  graph::WatermarkSpec watermark;
  watermark.rowtime_column = table.watermark->column;
  watermark.watermark = table.watermark->expr;
  watermark.emit_interval_ms = duration_of(settings, "pipeline.auto-watermark-interval", 200);
  watermark.idle_timeout_ms = duration_of(watermark_options, "scan.watermark.idle-timeout",
                                          duration_of(settings, "table.exec.source.idle-timeout", 0));
  column::Schema output = plan->output;
  Type& rowtime = output[static_cast<size_t>(watermark.rowtime_column)].type;
  rowtime = rowtime.with_rowtime(true);
  PlanPtr assigner = make_plan(std::move(watermark), {std::move(plan)}, std::move(output));
  assigner->table = table.table.name;
  return assigner;
}

}  // namespace raudal::sql
