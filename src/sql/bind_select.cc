// SELECT: FROM, WHERE, then either a projection or an aggregate with a projection on it.
#include <algorithm>

#include <fmt/core.h>

#include "sql/bind_query.h"
#include "sql/literal.h"
#include "sql/rewrite.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;
using expr::Expr;

namespace {

std::string item_name(const ExprAst& item, size_t position) {
  if (item.kind == ExprAstKind::kAlias) return item.text;
  if (item.kind == ExprAstKind::kName) return item.name.last();
  if (item.kind == ExprAstKind::kField) return item.text;
  return fmt::format("EXPR${}", position);
}

bool any_aggregate(const SelectAst& select) {
  for (const ExprAst& item : select.items) {
    if (contains_aggregate(item)) return true;
  }
  return false;
}

// Adds a projection of the expression unless an equal one is there; its column.
int add_column(const Expr& expr, std::vector<Expr>* projections) {
  for (size_t i = 0; i < projections->size(); ++i) {
    if (expr::same((*projections)[i], expr)) return static_cast<int>(i);
  }
  projections->push_back(expr);
  return static_cast<int>(projections->size()) - 1;
}

// Names for a projection below an aggregate: the column's own where it is one, else $f3.
std::vector<std::string> projection_names(const std::vector<Expr>& projections, const column::Schema& input) {
  std::vector<std::string> names;
  for (size_t i = 0; i < projections.size(); ++i) {
    const bool column = projections[i].kind == expr::ExprKind::kColumn;
    names.push_back(column ? input[static_cast<size_t>(projections[i].column)].name : fmt::format("$f{}", i));
  }
  return unique_names(std::move(names));
}

struct Calls {
  std::vector<int> keys;
  std::vector<graph::AggregateCall> calls;
  std::vector<Expr> projections;
};

Calls lay_out(const Grouping& grouping) {
  Calls result;
  for (const Expr& key : grouping.keys) result.keys.push_back(add_column(key, &result.projections));
  for (const BoundAggregate& aggregate : grouping.aggregates) {
    graph::AggregateCall call;
    call.function = aggregate.function;
    call.distinct = aggregate.distinct;
    call.result = aggregate.result;
    for (const Expr& arg : aggregate.args) call.args.push_back(add_column(arg, &result.projections));
    if (aggregate.filter) call.filter_column = add_column(*aggregate.filter, &result.projections);
    result.calls.push_back(std::move(call));
  }
  return result;
}

// Keys and aggregates as columns; names are those of the projection, and EXPR$n.
column::Schema aggregate_output(const Calls& calls, const column::Schema& input) {
  column::Schema output;
  for (const int key : calls.keys) {
    column::Field field = input[static_cast<size_t>(key)];
    field.type = field.type.with_rowtime(false);
    output.push_back(std::move(field));
  }
  for (const graph::AggregateCall& call : calls.calls) output.push_back({call.name, call.result});
  return output;
}

void name_calls(std::vector<graph::AggregateCall>* calls) {
  for (size_t i = 0; i < calls->size(); ++i) (*calls)[i].name = fmt::format("EXPR${}", i);
}

PlanPtr project(PlanPtr input, std::vector<Expr> projections) {
  std::vector<std::string> names = projection_names(projections, input->output);
  return make_projection(std::move(input), std::move(projections), std::move(names));
}

}  // namespace

PlanPtr make_distinct(PlanPtr input) {
  graph::GroupAggregateSpec spec;
  for (size_t i = 0; i < input->output.size(); ++i) spec.keys.push_back(static_cast<int>(i));
  column::Schema output = input->output;
  for (column::Field& field : output) field.type = field.type.with_rowtime(false);
  return make_plan(std::move(spec), {std::move(input)}, std::move(output));
}

PlanPtr make_group_aggregate(PlanPtr input, const Grouping& grouping) {
  Calls calls = lay_out(grouping);
  name_calls(&calls.calls);
  PlanPtr projected = project(std::move(input), std::move(calls.projections));
  column::Schema output = aggregate_output(calls, projected->output);
  graph::GroupAggregateSpec spec;
  spec.keys = std::move(calls.keys);
  spec.aggregates = std::move(calls.calls);
  return make_plan(std::move(spec), {std::move(projected)}, std::move(output));
}

PlanPtr make_group_window_aggregate(PlanPtr input, const Grouping& grouping) {
  Calls calls = lay_out(grouping);
  name_calls(&calls.calls);
  graph::WindowAggregateSpec spec;
  spec.window = grouping.window->window;
  spec.window.rowtime_column = add_column(grouping.window->time, &calls.projections);
  PlanPtr projected = project(std::move(input), std::move(calls.projections));
  column::Schema output = aggregate_output(calls, projected->output);
  for (const graph::WindowProperty property : grouping.properties) {
    Type type = Type::timestamp(3);
    if (property == graph::WindowProperty::kTime) {
      if (grouping.window->time.type.kind() == TypeKind::kTimestampLtz) type = Type::timestamp_ltz(3);
      type = type.with_rowtime(true);
    }
    const char* name = property == graph::WindowProperty::kStart ? "window_start"
                       : property == graph::WindowProperty::kEnd ? "window_end"
                                                                 : "window_time";
    output.push_back({name, type.with_nullable(false)});
  }
  spec.keys = std::move(calls.keys);
  spec.aggregates = std::move(calls.calls);
  spec.properties = grouping.properties;
  return make_plan(std::move(spec), {std::move(projected)}, std::move(output));
}

PlanPtr QueryBinder::bind_select(const SelectAst& select) {
  From from;
  if (select.from) {
    from = bind_from(*select.from);
  } else {
    from.plan = make_one_row();
  }
  if (select.where) {
    ExprBinder binder(from.scope, nullptr, "WHERE");
    from.plan = make_filter(from.plan, binder.bind_condition(*select.where));
  }
  PlanPtr plan;
  if (select.grouped || select.having || any_aggregate(select)) {
    plan = bind_grouped_select(select, std::move(from));
  } else {
    ExprBinder binder(from.scope, nullptr, "SELECT");
    Items items = bind_items(select, from.scope, &binder);
    plan = make_projection(from.plan, std::move(items.exprs), unique_names(std::move(items.names)));
  }
  return select.distinct ? make_distinct(std::move(plan)) : plan;
}

void QueryBinder::bind_keys(const SelectAst& select, const Scope& scope, Grouping* grouping) {
  ExprBinder binder(scope, nullptr, "GROUP BY");
  for (const GroupItemAst& item : select.group_by) {
    if (item.kind != GroupItemAst::Kind::kExpr) {
      add_grouping_sets(item, &binder, grouping);
      continue;
    }
    if (!group_window_function(item.expr).empty()) {
      if (grouping->window) fail_unsupported("A second group window in GROUP BY", item.span);
      grouping->window = binder.bind_group_window(item.expr);
      continue;
    }
    const int key = add_key(binder.bind(item.expr), grouping);
    for (auto& set : grouping->sets) {
      if (std::find(set.begin(), set.end(), key) == set.end()) set.push_back(key);
    }
  }
  for (auto& set : grouping->sets) std::sort(set.begin(), set.end());
  if (grouping->sets.size() == 1 && grouping->sets[0].size() == grouping->keys.size()) grouping->sets.clear();
  if (!grouping->sets.empty() && grouping->window) {
    fail_unsupported("GROUPING SETS with a group window", select.group_by[0].span);
  }
}

PlanPtr QueryBinder::bind_grouped_select(const SelectAst& select, From from) {
  Grouping grouping;
  bind_keys(select, from.scope, &grouping);
  ExprBinder binder(from.scope, &grouping, "HAVING");
  std::optional<Expr> having;
  if (select.having) having = binder.bind_condition(*select.having);
  Items items = bind_items(select, from.scope, &binder);
  PlanPtr plan;
  if (grouping.window) {
    plan = make_group_window_aggregate(from.plan, grouping);
  } else if (!grouping.sets.empty()) {
    plan = make_grouping_sets(from.plan, grouping);
  } else {
    plan = recognise_window(merge_calcs(make_group_aggregate(from.plan, grouping), time_zone()));
  }
  if (grouping.window) {
    // Properties were numbered before the number of aggregates was known.
    std::vector<int> map(Grouping::kFirstProperty + grouping.properties.size());
    const int first = static_cast<int>(grouping.keys.size() + grouping.aggregates.size());
    for (int i = 0; i < first; ++i) map[static_cast<size_t>(i)] = i;
    for (size_t i = 0; i < grouping.properties.size(); ++i) {
      map[Grouping::kFirstProperty + i] = first + static_cast<int>(i);
    }
    for (Expr& item : items.exprs) expr::renumber(&item, map);
    if (having) expr::renumber(&*having, map);
  }
  // Only a window aggregate's window_time is still a time attribute.
  for (Expr& item : items.exprs) {
    if (item.kind != expr::ExprKind::kColumn) continue;
    item.type = item.type.with_rowtime(plan->output[static_cast<size_t>(item.column)].type.rowtime());
  }
  if (having) plan = make_filter(plan, std::move(*having));
  return make_projection(plan, std::move(items.exprs), unique_names(std::move(items.names)));
}

QueryBinder::Items QueryBinder::bind_items(const SelectAst& select, const Scope& scope, ExprBinder* binder) {
  Items items;
  for (const ExprAst& item : select.items) {
    if (item.kind == ExprAstKind::kStar) {
      expand_star(item, scope, binder, &items);
      continue;
    }
    Expr value = binder->bind(item);
    if (value.type.kind() == TypeKind::kNull) fail_validation("Illegal use of 'NULL'", item.span);
    items.names.push_back(item_name(item, items.exprs.size()));
    items.exprs.push_back(std::move(value));
  }
  return items;
}

void QueryBinder::expand_star(const ExprAst& star, const Scope& scope, ExprBinder* binder, Items* items) {
  int first = 0;
  int count = static_cast<int>(scope.columns.size());
  if (!star.name.parts.empty()) {
    const ScopeTable& table = scope.table_of_star(star.name);
    first = table.first;
    count = table.count;
  }
  if (count == 0) fail_validation("SELECT * without a table", star.span);
  for (int i = first; i < first + count; ++i) {
    const column::Field& field = scope.columns[static_cast<size_t>(i)];
    ExprAst column;
    column.kind = ExprAstKind::kName;
    column.span = star.span;
    for (const ScopeTable& table : scope.tables) {
      if (i >= table.first && i < table.first + table.count && !table.name.empty()) {
        column.name.parts.push_back(table.name.back());
      }
    }
    column.name.parts.push_back(field.name);
    column.name.spans.assign(column.name.parts.size(), star.span);
    items->exprs.push_back(binder->bind(column));
    items->names.push_back(field.name);
  }
}

}  // namespace raudal::sql
