// GROUPING SETS, ROLLUP and CUBE: one projection of the input per set, with NULL for the keys it lacks and the set's
// number, their union, and one aggregate over all. The projections share their input, which therefore runs once.
#include <algorithm>

#include <fmt/core.h>

#include "sql/bind_query.h"
#include "sql/literal.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using expr::Expr;

namespace {

constexpr size_t kSetsMax = 64;

std::vector<int> united(std::vector<int> set, const std::vector<int>& more) {
  set.insert(set.end(), more.begin(), more.end());
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
  return set;
}

// The sets that an item stands for, from the elements in its parentheses.
std::vector<std::vector<int>> expand(GroupItemAst::Kind kind, const std::vector<std::vector<int>>& elements,
                                     const Span& span) {
  if (kind == GroupItemAst::Kind::kGroupingSets) return elements;
  std::vector<std::vector<int>> sets;
  if (kind == GroupItemAst::Kind::kRollup) {
    for (size_t length = elements.size() + 1; length-- > 0;) {
      std::vector<int> set;
      for (size_t i = 0; i < length; ++i) set = united(std::move(set), elements[i]);
      sets.push_back(std::move(set));
    }
    return sets;
  }
  if (elements.size() > 6) fail_unsupported("CUBE of more than 6 elements", span);
  for (size_t mask = size_t{1} << elements.size(); mask-- > 0;) {
    std::vector<int> set;
    for (size_t i = 0; i < elements.size(); ++i) {
      if (mask >> (elements.size() - 1 - i) & 1) set = united(std::move(set), elements[i]);
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

void refuse_windows(const Plan& plan) {
  const Plan* below = &plan;
  while (std::holds_alternative<graph::CalcSpec>(below->spec)) below = below->inputs[0].get();
  if (std::holds_alternative<graph::WindowTableFunctionSpec>(below->spec)) {
    throw SqlError{ErrorCode::kSqlUnsupported, "GROUPING SETS over a window table function is not supported yet",
                   std::nullopt};
  }
}

bool has(const std::vector<int>& set, size_t key) {
  return std::binary_search(set.begin(), set.end(), static_cast<int>(key));
}

}  // namespace

int add_key(Expr key, Grouping* grouping) {
  for (size_t i = 0; i < grouping->keys.size(); ++i) {
    if (expr::same(grouping->keys[i], key)) return static_cast<int>(i);
  }
  grouping->keys.push_back(std::move(key));
  return static_cast<int>(grouping->keys.size()) - 1;
}

void add_grouping_sets(const GroupItemAst& item, ExprBinder* binder, Grouping* grouping) {
  if (grouping->sets.empty()) {
    // What was grouped by before is in every set.
    std::vector<int> all;
    for (size_t i = 0; i < grouping->keys.size(); ++i) all.push_back(static_cast<int>(i));
    grouping->sets.push_back(std::move(all));
  }
  std::vector<std::vector<int>> elements;
  for (const auto& element : item.sets) {
    std::vector<int> keys;
    for (const ExprAst& key : element) keys = united(std::move(keys), {add_key(binder->bind(key), grouping)});
    elements.push_back(std::move(keys));
  }
  std::vector<std::vector<int>> product;
  for (const auto& before : grouping->sets) {
    for (const auto& set : expand(item.kind, elements, item.span)) product.push_back(united(before, set));
  }
  if (product.size() > kSetsMax) fail_unsupported(fmt::format("More than {} grouping sets", kSetsMax), item.span);
  grouping->sets = std::move(product);
}

PlanPtr make_grouping_sets(PlanPtr input, const Grouping& grouping) {
  refuse_windows(*input);
  graph::GroupAggregateSpec spec;
  const size_t num_keys = grouping.keys.size();
  std::vector<Expr> arguments;
  const auto argument = [&](const Expr& expr) {
    arguments.push_back(expr);
    return static_cast<int>(num_keys + arguments.size());  // behind the keys and the set's number
  };
  for (size_t i = 0; i <= num_keys; ++i) spec.keys.push_back(static_cast<int>(i));
  for (const BoundAggregate& aggregate : grouping.aggregates) {
    graph::AggregateCall call;
    call.function = aggregate.function;
    call.distinct = aggregate.distinct;
    call.result = aggregate.result;
    call.name = fmt::format("EXPR${}", spec.aggregates.size());
    for (const Expr& arg : aggregate.args) call.args.push_back(argument(arg));
    if (aggregate.filter) call.filter_column = argument(*aggregate.filter);
    spec.aggregates.push_back(std::move(call));
  }

  std::vector<PlanPtr> branches;
  for (size_t set = 0; set < grouping.sets.size(); ++set) {
    std::vector<Expr> projections;
    for (size_t key = 0; key < num_keys; ++key) {
      const Expr& value = grouping.keys[key];
      projections.push_back(has(grouping.sets[set], key) ? value : Expr::null_of(value.type.with_nullable(true)));
    }
    projections.push_back(int_literal(static_cast<int32_t>(set)));
    projections.insert(projections.end(), arguments.begin(), arguments.end());
    std::vector<std::string> names;
    for (size_t i = 0; i < projections.size(); ++i) {
      const bool column = i < num_keys && grouping.keys[i].kind == expr::ExprKind::kColumn;
      names.push_back(i == num_keys ? "$e"
                      : column      ? input->output[static_cast<size_t>(grouping.keys[i].column)].name
                                    : fmt::format("$f{}", i));
    }
    branches.push_back(make_projection(input, std::move(projections), unique_names(std::move(names))));
  }
  column::Schema rows = branches[0]->output;
  for (size_t key = 0; key < num_keys; ++key) {
    bool nullable = false;
    for (const PlanPtr& branch : branches) nullable = nullable || branch->output[key].type.nullable();
    rows[key].type = rows[key].type.with_nullable(nullable).with_rowtime(false);
  }
  PlanPtr all = make_plan(graph::UnionSpec{}, std::move(branches), rows);

  column::Schema output(rows.begin(), rows.begin() + static_cast<long>(num_keys) + 1);
  for (const graph::AggregateCall& call : spec.aggregates) output.push_back({call.name, call.result});
  PlanPtr aggregate = make_plan(std::move(spec), {std::move(all)}, output);
  std::vector<Expr> projections = identity_projection(output);
  projections.erase(projections.begin() + static_cast<long>(num_keys));
  output.erase(output.begin() + static_cast<long>(num_keys));
  std::vector<std::string> names;
  for (const column::Field& field : output) names.push_back(field.name);
  return make_projection(std::move(aggregate), std::move(projections), std::move(names));
}

}  // namespace raudal::sql
