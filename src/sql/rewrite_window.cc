// GROUP BY …, window_start, window_end on a window table function: the window is then a state of the aggregate, no
// column of the rows. Both bounds must be keys, else Flink takes the GROUP BY for an unbounded one, and so do we.
#include <algorithm>

#include <fmt/core.h>

#include "sql/rewrite.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using expr::Expr;
using expr::ExprKind;
using graph::AggregateCall;
using graph::CalcSpec;
using graph::GroupAggregateSpec;
using graph::WindowAggregateSpec;
using graph::WindowKind;
using graph::WindowProperty;
using graph::WindowTableFunctionSpec;

namespace {

// What stands below the aggregate: a Calc (perhaps only thought) on a window table function.
struct Below {
  const Plan* function = nullptr;
  std::optional<Expr> condition;
  std::vector<Expr> projections;
  int first_property = 0;  // column of window_start in the function's output
};

bool look_below(const Plan& aggregate, Below* below) {
  const Plan* input = aggregate.inputs[0].get();
  if (const auto* calc = std::get_if<CalcSpec>(&input->spec)) {
    below->condition = calc->condition;
    below->projections = calc->projections;
    input = input->inputs[0].get();
  } else {
    below->projections = identity_projection(input->output);
  }
  if (!std::holds_alternative<WindowTableFunctionSpec>(input->spec)) return false;
  below->function = input;
  below->first_property = static_cast<int>(input->output.size()) - 3;
  return true;
}

bool reads_property(const Expr& expr, int first_property) {
  std::vector<int> columns;
  expr::collect_columns(expr, &columns);
  return std::any_of(columns.begin(), columns.end(), [&](int c) { return c >= first_property; });
}

// Where each key of the GROUP BY is found in the window aggregate.
struct Keys {
  struct Place {
    bool property;
    int index;
  };
  std::vector<Place> places;
  std::vector<int> plain;  // columns of the projection
  std::vector<WindowProperty> properties;
  bool start = false;
  bool end = false;
};

std::optional<Keys> sort_keys(const GroupAggregateSpec& group, const Below& below) {
  Keys keys;
  for (const int key : group.keys) {
    const Expr& expr = below.projections[static_cast<size_t>(key)];
    const int property = expr.kind == ExprKind::kColumn ? expr.column - below.first_property : -1;
    if (property >= 0) {
      keys.places.push_back({true, static_cast<int>(keys.properties.size())});
      keys.properties.push_back(static_cast<WindowProperty>(property));
      keys.start = keys.start || property == 0;
      keys.end = keys.end || property == 1;
    } else if (reads_property(expr, below.first_property)) {
      return std::nullopt;
    } else {
      keys.places.push_back({false, static_cast<int>(keys.plain.size())});
      keys.plain.push_back(key);
    }
  }
  if (!keys.start || !keys.end) return std::nullopt;
  return keys;
}

void check_session(const Plan& function, const Keys& keys, const Below& below) {
  const auto& spec = std::get<WindowTableFunctionSpec>(function.spec);
  if (spec.window.kind != WindowKind::kSession) return;
  std::vector<int> partition = function.partition_keys;
  std::vector<int> grouped;
  for (const int key : keys.plain) {
    const Expr& expr = below.projections[static_cast<size_t>(key)];
    grouped.push_back(expr.kind == ExprKind::kColumn ? expr.column : -1);
  }
  std::sort(partition.begin(), partition.end());
  std::sort(grouped.begin(), grouped.end());
  if (partition != grouped) {
    throw SqlError{ErrorCode::kSqlUnsupported,
                   "A SESSION window whose PARTITION BY differs from the GROUP BY is not supported yet", std::nullopt};
  }
}

void check_reads(const GroupAggregateSpec& group, const Below& below) {
  const auto check = [&](const Expr& expr) {
    if (!reads_property(expr, below.first_property)) return;
    throw SqlError{ErrorCode::kSqlUnsupported,
                   "A window aggregate whose filter or argument reads window_start, window_end or window_time is not "
                   "supported yet",
                   std::nullopt};
  };
  if (below.condition) check(*below.condition);
  for (const AggregateCall& call : group.aggregates) {
    for (const int arg : call.args) check(below.projections[static_cast<size_t>(arg)]);
    if (call.filter_column >= 0) check(below.projections[static_cast<size_t>(call.filter_column)]);
  }
}

// The projection below the table function: only columns of the function's input remain in it, and the time.
struct MovedCalc {
  PlanPtr plan;
  std::vector<int> moved;  // old projection → new one
  int rowtime_column = 0;
};

MovedCalc move_calc(const Below& below, const column::Schema& names) {
  const Plan& rows = *below.function->inputs[0];
  MovedCalc result;
  CalcSpec calc;
  calc.condition = below.condition;
  column::Schema output;
  result.moved.assign(below.projections.size(), -1);
  for (size_t i = 0; i < below.projections.size(); ++i) {
    if (reads_property(below.projections[i], below.first_property)) continue;
    result.moved[i] = static_cast<int>(calc.projections.size());
    calc.projections.push_back(below.projections[i]);
    output.push_back(names[i]);
  }
  const int rowtime = std::get<WindowTableFunctionSpec>(below.function->spec).window.rowtime_column;
  result.rowtime_column = static_cast<int>(calc.projections.size());
  const column::Field& time = rows.output[static_cast<size_t>(rowtime)];
  calc.projections.push_back(Expr::input(rowtime, time.type));
  output.push_back(time);
  result.plan = make_plan(std::move(calc), below.function->inputs, std::move(output));
  return result;
}

PlanPtr window_aggregate(const GroupAggregateSpec& group, const Below& below, const Keys& keys, MovedCalc calc) {
  WindowAggregateSpec spec;
  spec.window = std::get<WindowTableFunctionSpec>(below.function->spec).window;
  spec.window.rowtime_column = calc.rowtime_column;
  column::Schema output;
  for (const int key : keys.plain) {
    spec.keys.push_back(calc.moved[static_cast<size_t>(key)]);
    output.push_back(calc.plan->output[static_cast<size_t>(spec.keys.back())]);
  }
  for (AggregateCall call : group.aggregates) {
    for (int& arg : call.args) arg = calc.moved[static_cast<size_t>(arg)];
    if (call.filter_column >= 0) call.filter_column = calc.moved[static_cast<size_t>(call.filter_column)];
    output.push_back({call.name, call.result});
    spec.aggregates.push_back(std::move(call));
  }
  spec.properties = keys.properties;
  for (const WindowProperty property : keys.properties) {
    output.push_back(below.function->output[static_cast<size_t>(below.first_property + static_cast<int>(property))]);
  }
  return make_plan(std::move(spec), {std::move(calc.plan)}, std::move(output));
}

}  // namespace

PlanPtr recognise_window(PlanPtr plan) {
  const auto* group = std::get_if<GroupAggregateSpec>(&plan->spec);
  Below below;
  if (!group || !look_below(*plan, &below)) return plan;
  const auto keys = sort_keys(*group, below);
  if (!keys) return plan;
  check_reads(*group, below);
  check_session(*below.function, *keys, below);
  PlanPtr aggregate = window_aggregate(*group, below, *keys, move_calc(below, plan->inputs[0]->output));

  // The GROUP BY's own order of columns again.
  std::vector<Expr> projections;
  std::vector<std::string> names;
  const size_t num_keys = group->keys.size();
  const size_t num_plain = keys->plain.size();
  for (size_t i = 0; i < plan->output.size(); ++i) {
    size_t column = num_plain + i - num_keys;
    if (i < num_keys) {
      const Keys::Place& place = keys->places[i];
      column = static_cast<size_t>(place.index) + (place.property ? num_plain + group->aggregates.size() : 0);
    }
    projections.push_back(Expr::input(static_cast<int>(column), aggregate->output[column].type));
    names.push_back(plan->output[i].name);
  }
  return make_projection(std::move(aggregate), std::move(projections), std::move(names));
}

}  // namespace raudal::sql
