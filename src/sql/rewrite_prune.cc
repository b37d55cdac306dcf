// Projection pruning: from the top down, each operator is asked for the columns that are read above it.
#include <algorithm>
#include <map>
#include <set>

#include "sql/rewrite.h"

namespace raudal::sql {

using expr::Expr;
using namespace graph;

namespace {

using Columns = std::vector<int>;  // ascending

PlanPtr prune(PlanPtr plan, Columns needed);

Columns sorted(const std::set<int>& columns) { return {columns.begin(), columns.end()}; }

// old column → position among the kept ones, -1 where it is gone.
std::vector<int> positions(const Columns& kept, size_t width) {
  std::vector<int> map(width, -1);
  for (size_t i = 0; i < kept.size(); ++i) map[static_cast<size_t>(kept[i])] = static_cast<int>(i);
  return map;
}

column::Schema pick(const column::Schema& schema, const Columns& columns) {
  column::Schema picked;
  for (const int column : columns) picked.push_back(schema[static_cast<size_t>(column)]);
  return picked;
}

void add_columns(const Expr& expr, std::set<int>* columns) {
  std::vector<int> found;
  expr::collect_columns(expr, &found);
  columns->insert(found.begin(), found.end());
}

// A projection where the operator keeps more than was asked for. `kept` are the plan's columns in old numbers.
PlanPtr narrow(PlanPtr plan, const Columns& kept, const Columns& needed) {
  if (kept == needed) return plan;
  std::vector<Expr> projections;
  std::vector<std::string> names;
  for (const int column : needed) {
    const auto at = static_cast<size_t>(std::lower_bound(kept.begin(), kept.end(), column) - kept.begin());
    projections.push_back(Expr::input(static_cast<int>(at), plan->output[at].type));
    names.push_back(plan->output[at].name);
  }
  return make_projection(std::move(plan), std::move(projections), std::move(names));
}

// Every operator keeps a column, if only to carry the number of rows: the narrowest.
int narrowest(const column::Schema& schema) {
  int best = 0;
  for (size_t i = 0; i < schema.size(); ++i) {
    const int width = schema[i].type.width();
    const int best_width = schema[static_cast<size_t>(best)].type.width();
    if (width > 0 && (best_width == 0 || width < best_width)) best = static_cast<int>(i);
  }
  return best;
}

PlanPtr prune_calc(PlanPtr plan, const Columns& needed) {
  auto& calc = std::get<CalcSpec>(plan->spec);
  std::vector<Expr> projections;
  std::set<int> read;
  for (const int column : needed) {
    projections.push_back(std::move(calc.projections[static_cast<size_t>(column)]));
    add_columns(projections.back(), &read);
  }
  if (calc.condition) add_columns(*calc.condition, &read);
  const std::vector<int> map = positions(sorted(read), plan->inputs[0]->output.size());
  for (Expr& projection : projections) expr::renumber(&projection, map);
  if (calc.condition) expr::renumber(&*calc.condition, map);
  calc.projections = std::move(projections);
  plan->inputs[0] = prune(plan->inputs[0], sorted(read));
  plan->output = pick(plan->output, needed);
  return plan;
}

// The branches of GROUPING SETS are Calcs on one input: it is pruned once, to what any of them reads.
bool share_input(const Plan& plan) {
  const auto calc_on_first = [&](const PlanPtr& input) {
    return std::holds_alternative<CalcSpec>(input->spec) && input->inputs[0] == plan.inputs[0]->inputs[0];
  };
  return std::holds_alternative<CalcSpec>(plan.inputs[0]->spec) &&
         std::all_of(plan.inputs.begin(), plan.inputs.end(), calc_on_first);
}

void prune_shared(Plan* plan, const Columns& needed) {
  const PlanPtr shared = plan->inputs[0]->inputs[0];
  std::set<int> read;
  for (PlanPtr& input : plan->inputs) {
    auto& calc = std::get<CalcSpec>(input->spec);
    std::vector<Expr> projections;
    for (const int column : needed) {
      projections.push_back(std::move(calc.projections[static_cast<size_t>(column)]));
      add_columns(projections.back(), &read);
    }
    calc.projections = std::move(projections);
    if (calc.condition) add_columns(*calc.condition, &read);
    input->output = pick(input->output, needed);
  }
  if (read.empty()) read.insert(narrowest(shared->output));
  const std::vector<int> map = positions(sorted(read), shared->output.size());
  const PlanPtr pruned = prune(shared, sorted(read));
  for (PlanPtr& input : plan->inputs) {
    auto& calc = std::get<CalcSpec>(input->spec);
    for (Expr& projection : calc.projections) expr::renumber(&projection, map);
    if (calc.condition) expr::renumber(&*calc.condition, map);
    input->inputs[0] = pruned;
  }
}

PlanPtr prune_watermark(PlanPtr plan, const Columns& needed) {
  auto& watermark = std::get<WatermarkSpec>(plan->spec);
  std::set<int> read(needed.begin(), needed.end());
  read.insert(watermark.rowtime_column);
  add_columns(watermark.watermark, &read);
  const Columns kept = sorted(read);
  const std::vector<int> map = positions(kept, plan->output.size());
  watermark.rowtime_column = map[static_cast<size_t>(watermark.rowtime_column)];
  expr::renumber(&watermark.watermark, map);
  plan->inputs[0] = prune(plan->inputs[0], kept);
  plan->output = pick(plan->output, kept);
  return narrow(std::move(plan), kept, needed);
}

PlanPtr prune_window_function(PlanPtr plan, const Columns& needed) {
  auto& window = std::get<WindowTableFunctionSpec>(plan->spec).window;
  const int width = static_cast<int>(plan->inputs[0]->output.size());
  std::set<int> read{window.rowtime_column};
  for (const int column : needed) {
    if (column < width) read.insert(column);
  }
  read.insert(plan->partition_keys.begin(), plan->partition_keys.end());
  Columns kept = sorted(read);
  const std::vector<int> map = positions(kept, static_cast<size_t>(width));
  window.rowtime_column = map[static_cast<size_t>(window.rowtime_column)];
  for (int& key : plan->partition_keys) key = map[static_cast<size_t>(key)];
  plan->inputs[0] = prune(plan->inputs[0], kept);
  for (int property = 0; property < 3; ++property) kept.push_back(width + property);
  plan->output = pick(plan->output, kept);
  return narrow(std::move(plan), kept, needed);
}

// Drops aggregates that nobody reads; `kept` are output columns in old numbers.
void drop_aggregates(std::vector<AggregateCall>* calls, size_t num_keys, bool keep_one, const std::set<int>& needed,
                     Columns* kept) {
  std::vector<AggregateCall> left;
  for (size_t i = 0; i < calls->size(); ++i) {
    const int column = static_cast<int>(num_keys + i);
    const bool last_hope = keep_one && left.empty() && i + 1 == calls->size();
    if (!needed.contains(column) && !last_hope) continue;
    left.push_back(std::move((*calls)[i]));
    kept->push_back(column);
  }
  *calls = std::move(left);
}

void read_aggregates(const std::vector<int>& keys, const std::vector<AggregateCall>& calls, std::set<int>* read) {
  read->insert(keys.begin(), keys.end());
  for (const AggregateCall& call : calls) {
    read->insert(call.args.begin(), call.args.end());
    if (call.filter_column >= 0) read->insert(call.filter_column);
  }
}

void renumber_aggregates(std::vector<int>* keys, std::vector<AggregateCall>* calls, const std::vector<int>& map) {
  for (int& key : *keys) key = map[static_cast<size_t>(key)];
  for (AggregateCall& call : *calls) {
    for (int& arg : call.args) arg = map[static_cast<size_t>(arg)];
    if (call.filter_column >= 0) call.filter_column = map[static_cast<size_t>(call.filter_column)];
  }
}

PlanPtr prune_group(PlanPtr plan, const Columns& needed) {
  auto& group = std::get<GroupAggregateSpec>(plan->spec);
  const std::set<int> wanted(needed.begin(), needed.end());
  Columns kept;
  for (size_t i = 0; i < group.keys.size(); ++i) kept.push_back(static_cast<int>(i));
  drop_aggregates(&group.aggregates, group.keys.size(), group.keys.empty(), wanted, &kept);
  std::set<int> read;
  read_aggregates(group.keys, group.aggregates, &read);
  renumber_aggregates(&group.keys, &group.aggregates, positions(sorted(read), plan->inputs[0]->output.size()));
  plan->inputs[0] = prune(plan->inputs[0], sorted(read));
  plan->output = pick(plan->output, kept);
  return narrow(std::move(plan), kept, needed);
}

PlanPtr prune_window_aggregate(PlanPtr plan, const Columns& needed) {
  auto& spec = std::get<WindowAggregateSpec>(plan->spec);
  const std::set<int> wanted(needed.begin(), needed.end());
  Columns kept;
  for (size_t i = 0; i < spec.keys.size(); ++i) kept.push_back(static_cast<int>(i));
  const size_t first_property = spec.keys.size() + spec.aggregates.size();
  drop_aggregates(&spec.aggregates, spec.keys.size(), false, wanted, &kept);
  std::vector<WindowProperty> properties;
  for (size_t i = 0; i < spec.properties.size(); ++i) {
    const int column = static_cast<int>(first_property + i);
    if (!wanted.contains(column)) continue;
    properties.push_back(spec.properties[i]);
    kept.push_back(column);
  }
  spec.properties = std::move(properties);
  std::set<int> read{spec.window.rowtime_column};
  read_aggregates(spec.keys, spec.aggregates, &read);
  const std::vector<int> map = positions(sorted(read), plan->inputs[0]->output.size());
  renumber_aggregates(&spec.keys, &spec.aggregates, map);
  spec.window.rowtime_column = map[static_cast<size_t>(spec.window.rowtime_column)];
  plan->inputs[0] = prune(plan->inputs[0], sorted(read));
  plan->output = pick(plan->output, kept);
  return narrow(std::move(plan), kept, needed);
}

// A Calc without projections, below COUNT(*), gets one.
void keep_one_projection(Plan* plan) {
  auto* calc = std::get_if<CalcSpec>(&plan->spec);
  if (!calc || !calc->projections.empty()) return;
  const column::Schema& input = plan->inputs[0]->output;
  const int column = narrowest(input);
  plan->output.push_back(input[static_cast<size_t>(column)]);
  calc->projections.push_back(Expr::input(column, plan->output[0].type));
}

PlanPtr prune(PlanPtr plan, Columns needed) {
  keep_one_projection(plan.get());
  if (needed.empty()) needed.push_back(narrowest(plan->output));
  if (std::holds_alternative<CalcSpec>(plan->spec)) return prune_calc(std::move(plan), needed);
  if (std::holds_alternative<WatermarkSpec>(plan->spec)) return prune_watermark(std::move(plan), needed);
  if (std::holds_alternative<GroupAggregateSpec>(plan->spec)) return prune_group(std::move(plan), needed);
  if (std::holds_alternative<WindowAggregateSpec>(plan->spec)) return prune_window_aggregate(std::move(plan), needed);
  if (std::holds_alternative<WindowTableFunctionSpec>(plan->spec)) {
    return prune_window_function(std::move(plan), needed);
  }
  if (auto* source = std::get_if<SourceSpec>(&plan->spec)) {
    source->produced = pick(source->produced, needed);
  } else if (auto* values = std::get_if<ValuesSpec>(&plan->spec)) {
    std::vector<column::Column> columns;
    for (const int column : needed) columns.push_back(values->rows.columns[static_cast<size_t>(column)]);
    values->rows.columns = std::move(columns);
  } else if (share_input(*plan)) {
    prune_shared(plan.get(), needed);
  } else {
    for (PlanPtr& input : plan->inputs) input = prune(input, needed);
  }
  plan->output = pick(plan->output, needed);
  return plan;
}

std::string source_key(const SourceSpec& source) {
  std::string key = source.table.name;
  for (const auto& [option, value] : source.table.options) key += "\n" + option + "=" + value;
  return key;
}

using ColumnSets = std::map<std::string, std::set<std::string>>;

void collect_sources(const Plan& plan, ColumnSets* sets) {
  if (const auto* source = std::get_if<SourceSpec>(&plan.spec)) {
    for (const column::Field& field : source->produced) (*sets)[source_key(*source)].insert(field.name);
  }
  for (const PlanPtr& input : plan.inputs) collect_sources(*input, sets);
}

// A source that reads the wanted columns, and a projection to those it gave before.
PlanPtr widen_source(PlanPtr plan, const ColumnSets& sets) {
  auto* source = std::get_if<SourceSpec>(&plan->spec);
  if (!source) return plan;
  const std::set<std::string>& wanted = sets.at(source_key(*source));
  if (wanted.size() == source->produced.size()) return plan;
  const column::Schema before = source->produced;
  const column::Schema output = plan->output;
  source->produced.clear();
  for (const column::Field& field : source->table.columns) {
    if (wanted.contains(field.name)) source->produced.push_back(field);
  }
  plan->output = source->produced;
  std::vector<Expr> projections;
  std::vector<std::string> names;
  for (size_t i = 0; i < before.size(); ++i) {
    for (size_t c = 0; c < plan->output.size(); ++c) {
      if (plan->output[c].name != before[i].name) continue;
      projections.push_back(Expr::input(static_cast<int>(c), plan->output[c].type));
      names.push_back(output[i].name);
    }
  }
  return make_projection(std::move(plan), std::move(projections), std::move(names));
}

// `done` maps what was visited to what it became, for plans share inputs.
PlanPtr widen_sources(PlanPtr plan, const ColumnSets& sets, std::map<PlanPtr, PlanPtr>* done) {
  if (const auto known = done->find(plan); known != done->end()) return known->second;
  for (PlanPtr& input : plan->inputs) input = widen_sources(input, sets, done);
  PlanPtr widened = widen_source(plan, sets);
  done->emplace(std::move(plan), widened);
  return widened;
}

}  // namespace

PlanPtr prune_columns(PlanPtr plan) {
  Columns all;
  for (size_t i = 0; i < plan->output.size(); ++i) all.push_back(static_cast<int>(i));
  return prune(std::move(plan), std::move(all));
}

void align_sources(std::vector<PlanPtr>* plans) {
  ColumnSets sets;
  for (const PlanPtr& plan : *plans) collect_sources(*plan, &sets);
  std::map<PlanPtr, PlanPtr> done;
  for (PlanPtr& plan : *plans) plan = widen_sources(plan, sets, &done);
}

}  // namespace raudal::sql
