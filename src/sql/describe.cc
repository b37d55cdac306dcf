// Operators as EXPLAIN and the job's vertices show them, in Flink's layout.
#include <fmt/core.h>

#include "base/str.h"
#include "column/print.h"
#include "sql/interval.h"
#include "sql/lower_plan.h"

namespace raudal::sql {

using namespace graph;

namespace {

std::string names(const column::Schema& schema) {
  std::vector<std::string> list;
  for (const column::Field& field : schema) list.push_back(field.name);
  return join(list, ", ");
}

std::string names(const std::vector<int>& columns, const column::Schema& schema) {
  std::vector<std::string> list;
  for (const int column : columns) list.push_back(schema[static_cast<size_t>(column)].name);
  return join(list, ", ");
}

std::string describe_calc(const CalcSpec& calc, const column::Schema& output, const column::Schema& input) {
  std::vector<std::string> select;
  for (size_t i = 0; i < calc.projections.size(); ++i) {
    std::string text = expr::to_string(calc.projections[i], input);
    if (text != output[i].name) text += " AS " + output[i].name;
    select.push_back(std::move(text));
  }
  std::string where;
  if (calc.condition) where = fmt::format(", where=[{}]", expr::to_string(*calc.condition, input));
  return fmt::format("Calc(select=[{}]{})", join(select, ", "), where);
}

std::string describe_window(const Window& window, const column::Schema& input) {
  const std::string time = input[static_cast<size_t>(window.rowtime_column)].name;
  const std::string offset =
      window.offset_ms == 0 ? "" : fmt::format(", offset=[{}]", print_interval(window.offset_ms));
  switch (window.kind) {
    case WindowKind::kTumble:
      return fmt::format("TUMBLE(time_col=[{}], size=[{}]{})", time, print_interval(window.size_ms), offset);
    case WindowKind::kHop:
      return fmt::format("HOP(time_col=[{}], size=[{}], slide=[{}]{})", time, print_interval(window.size_ms),
                         print_interval(window.slide_ms), offset);
    case WindowKind::kCumulate:
      return fmt::format("CUMULATE(time_col=[{}], max_size=[{}], step=[{}]{})", time, print_interval(window.size_ms),
                         print_interval(window.slide_ms), offset);
    case WindowKind::kSession:
      return fmt::format("SESSION(time_col=[{}], gap=[{}])", time, print_interval(window.size_ms));
  }
  return "";
}

std::string describe_call(const AggregateCall& call, const column::Schema& input) {
  std::string args = call.args.empty() ? "*" : names(call.args, input);
  if (call.distinct) args = "DISTINCT " + args;
  std::string text = fmt::format("{}({})", call.function, args);
  if (call.filter_column >= 0) {
    text += fmt::format(" FILTER {}", input[static_cast<size_t>(call.filter_column)].name);
  }
  return text;
}

std::string describe_aggregate(std::string_view operator_name, const std::vector<int>& keys,
                               const std::vector<AggregateCall>& calls, const Window* window,
                               const std::vector<WindowProperty>& properties, const column::Schema& output,
                               const column::Schema& input) {
  std::vector<std::string> select;
  for (const int key : keys) select.push_back(input[static_cast<size_t>(key)].name);
  for (size_t i = 0; i < calls.size(); ++i) {
    select.push_back(fmt::format("{} AS {}", describe_call(calls[i], input), output[keys.size() + i].name));
  }
  static constexpr std::string_view kProperties[] = {"start", "end", "rowtime"};
  for (size_t i = 0; i < properties.size(); ++i) {
    select.push_back(fmt::format("{}('w$) AS {}", kProperties[static_cast<size_t>(properties[i])],
                                 output[keys.size() + calls.size() + i].name));
  }
  std::vector<std::string> parts;
  if (!keys.empty()) parts.push_back(fmt::format("groupBy=[{}]", names(keys, input)));
  if (window) parts.push_back(fmt::format("window=[{}]", describe_window(*window, input)));
  parts.push_back(fmt::format("select=[{}]", join(select, ", ")));
  return fmt::format("{}({})", operator_name, join(parts, ", "));
}

std::string describe_values(const ValuesSpec& values) {
  std::vector<std::string> tuples;
  const size_t shown = std::min<size_t>(values.rows.num_rows, 10);
  for (size_t row = 0; row < shown; ++row) {
    std::vector<std::string> cells;
    for (const column::Column& column : values.rows.columns) cells.push_back(column::print_value(column, row));
    tuples.push_back(fmt::format("{{ {} }}", join(cells, ", ")));
  }
  if (shown < values.rows.num_rows) tuples.push_back("…");
  return fmt::format("Values(tuples=[[{}]])", join(tuples, ", "));
}

std::string describe_source(const SourceSpec& source, const column::Schema& output) {
  std::string project;
  if (source.produced.size() < source.table.columns.size()) {
    project = fmt::format(", project=[{}], metadata=[]", names(source.produced));
  }
  return fmt::format("TableSourceScan(table=[[{}, {}, {}{}]], fields=[{}])", kDefaultCatalog, kDefaultDatabase,
                     source.table.name, project, names(output));
}

}  // namespace

std::string describe(const Spec& spec, const column::Schema& output, const std::vector<column::Schema>& inputs) {
  static const column::Schema kNothing;
  const column::Schema& input = inputs.empty() ? kNothing : inputs[0];
  if (const auto* source = std::get_if<SourceSpec>(&spec)) return describe_source(*source, output);
  if (const auto* values = std::get_if<ValuesSpec>(&spec)) return describe_values(*values);
  if (const auto* calc = std::get_if<CalcSpec>(&spec)) return describe_calc(*calc, output, input);
  if (const auto* watermark = std::get_if<WatermarkSpec>(&spec)) {
    return fmt::format("WatermarkAssigner(rowtime=[{}], watermark=[{}])",
                       input[static_cast<size_t>(watermark->rowtime_column)].name,
                       expr::to_string(watermark->watermark, input));
  }
  if (const auto* function = std::get_if<WindowTableFunctionSpec>(&spec)) {
    return fmt::format("WindowTableFunction(window=[{}])", describe_window(function->window, input));
  }
  if (const auto* window = std::get_if<WindowAggregateSpec>(&spec)) {
    return describe_aggregate("WindowAggregate", window->keys, window->aggregates, &window->window, window->properties,
                              output, input);
  }
  if (const auto* group = std::get_if<GroupAggregateSpec>(&spec)) {
    return describe_aggregate("GroupAggregate", group->keys, group->aggregates, nullptr, {}, output, input);
  }
  if (std::holds_alternative<UnionSpec>(spec)) { return fmt::format("Union(all=[true], union=[{}])", names(output)); }
  if (const auto* sink = std::get_if<SinkSpec>(&spec)) {
    return fmt::format("Sink(table=[{}], fields=[{}])", Catalog::full_name(sink->table.name), names(output));
  }
  return "Collect";
}

}  // namespace raudal::sql
