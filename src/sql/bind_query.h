// Queries: syntax tree to logical plan. Names are looked up in the catalog; types are Flink's; every table that is
// read is checked against its connector here, so that a wrong option is reported before anything runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connector/registry.h"
#include "sql/bind_expr.h"
#include "sql/catalog.h"
#include "sql/logical_plan.h"
#include "sql/scope.h"

namespace raudal::sql {

using Settings = std::map<std::string, std::string>;

// What binding looks things up in; borrowed.
struct BindContext {
  const Catalog& catalog;
  const connector::Registry* registry = nullptr;
  const Settings& settings;
};

// Binds one statement's query, its sub-queries and views included.
class QueryBinder {
 public:
  explicit QueryBinder(const BindContext& context) : context_(context) {}

  // The plan; its output's names are the result's columns. Throws SqlError.
  PlanPtr bind(const QueryAst& query);

 private:
  // A bound FROM: rows and what names mean in them.
  struct From {
    PlanPtr plan;
    Scope scope;
  };
  // A bound list of SELECT.
  struct Items {
    std::vector<expr::Expr> exprs;
    std::vector<std::string> names;
  };
  struct WithQuery {
    const QueryAst::With* with;
    size_t visible;  // how many WITH queries it sees itself
  };

  PlanPtr bind_select(const SelectAst& select);
  PlanPtr bind_grouped_select(const SelectAst& select, From from);
  void bind_keys(const SelectAst& select, const Scope& scope, Grouping* grouping);
  PlanPtr bind_union(const QueryAst& query);
  PlanPtr bind_values(const QueryAst& query);
  Items bind_items(const SelectAst& select, const Scope& scope, ExprBinder* binder);
  void expand_star(const ExprAst& star, const Scope& scope, ExprBinder* binder, Items* items);

  From bind_from(const TableAst& table);
  From bind_named(const TableAst& table);
  From bind_window(const TableAst& table);
  From alias(From from, const TableAst& table, std::vector<std::string> default_name);
  PlanPtr bind_view(const CatalogView& view, const std::string& name);
  PlanPtr bind_scan(const CatalogTable& table, const std::map<std::string, std::string>& hints);

  std::string time_zone() const;

  const BindContext& context_;
  std::vector<WithQuery> with_;
};

// Rows without duplicates: an aggregate without functions.
PlanPtr make_distinct(PlanPtr input);
// Keys and arguments become columns of a projection; the aggregate takes them from there. Output: keys, aggregates.
PlanPtr make_group_aggregate(PlanPtr input, const Grouping& grouping);
// The same for several grouping sets: each row counts in each of them, with NULL for the keys a set lacks.
PlanPtr make_grouping_sets(PlanPtr input, const Grouping& grouping);
// Adds the sets of one item of GROUP BY to those before it: their cross product.
void add_grouping_sets(const GroupItemAst& item, ExprBinder* binder, Grouping* grouping);
// The number of the key, which is added unless an equal one is there.
int add_key(expr::Expr key, Grouping* grouping);
// The same for TUMBLE, HOP and SESSION in GROUP BY. Output: keys, aggregates, properties.
PlanPtr make_group_window_aggregate(PlanPtr input, const Grouping& grouping);
// A table's rows as queries see them: source, computed columns, watermark.
PlanPtr make_scan(CatalogTable table, const Settings& settings);
// Takes the scan.watermark.* options, which are the planner's and no connector's, out of a table's options.
connector::Options take_watermark_options(connector::Table* table);
// One row with one column, for SELECT without FROM.
PlanPtr make_one_row();

}  // namespace raudal::sql
