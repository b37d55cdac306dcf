#include "sql/lower_plan.h"

#include <fmt/core.h>

#include "connector/options.h"
#include "sql/bind_query.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using expr::Expr;
using namespace graph;

namespace {

bool same_schema(const column::Schema& a, const column::Schema& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || !a[i].type.same_as(b[i].type)) return false;
  }
  return true;
}

class Lowering {
 public:
  explicit Lowering(const LowerContext& context) : context_(context) {}

  void add(const SinkPlan& plan) {
    owner_ = plan.sink ? plan.sink->table.name : "collect";
    const int input = lower(*plan.plan);
    if (plan.sink) {
      add_sink(*plan.sink, input, plan.plan->output);
    } else {
      append(CollectSpec{}, "collect", "collect", {forward(input)}, plan.plan->output);
    }
  }

  JobGraph take() { return std::move(graph_); }

 private:
  Node& node(int index) { return graph_.nodes[static_cast<size_t>(index)]; }

  static Input forward(int input) { return {input, Exchange::kForward, {}}; }

  int append(Spec spec, const std::string& kind, const std::string& owner, std::vector<Input> inputs,
             column::Schema output) {
    Node node;
    const std::string stem = fmt::format("{}:{}", kind, owner);
    node.uid = fmt::format("{}#{}", stem, ordinals_[stem]++);
    std::vector<column::Schema> schemas;
    for (const Input& input : inputs) schemas.push_back(this->node(input.node).output);
    node.name = describe(spec, output, schemas);
    node.spec = std::move(spec);
    // Like Flink: an operator runs as wide as the one it is chained to.
    if (!inputs.empty()) {
      node.parallelism = this->node(inputs[0].node).parallelism;
      node.append_only = this->node(inputs[0].node).append_only;
    }
    node.inputs = std::move(inputs);
    node.output = std::move(output);
    graph_.nodes.push_back(std::move(node));
    return static_cast<int>(graph_.nodes.size()) - 1;
  }

  // Plans share inputs: what was lowered is not lowered again.
  int lower(const Plan& plan) {
    const auto known = lowered_.find(&plan);
    if (known != lowered_.end()) return known->second;
    const int index = lower_new(plan);
    lowered_.emplace(&plan, index);
    return index;
  }

  int lower_new(const Plan& plan) {
    if (const auto* source = std::get_if<SourceSpec>(&plan.spec)) return lower_source(*source, plan);
    std::vector<int> inputs;
    for (const PlanPtr& input : plan.inputs) inputs.push_back(lower(*input));
    if (std::holds_alternative<ValuesSpec>(plan.spec)) {
      const int values = append(plan.spec, "values", owner_, {}, plan.output);
      node(values).parallelism = 1;
      return values;
    }
    if (const auto* group = std::get_if<GroupAggregateSpec>(&plan.spec)) return lower_group(*group, plan, inputs[0]);
    if (const auto* window = std::get_if<WindowAggregateSpec>(&plan.spec)) {
      return lower_window(*window, plan, inputs[0]);
    }
    if (std::holds_alternative<UnionSpec>(plan.spec)) return lower_union(plan, inputs);
    if (std::holds_alternative<WatermarkSpec>(plan.spec)) {
      return append(plan.spec, "watermark", plan.table, {forward(inputs[0])}, plan.output);
    }
    if (const auto* function = std::get_if<WindowTableFunctionSpec>(&plan.spec)) {
      if (function->window.kind == WindowKind::kSession) {
        fail("A SESSION window without GROUP BY of its window_start and window_end is not supported yet");
      }
      if (!node(inputs[0]).append_only) refuse_updates("WindowTableFunction", inputs[0]);
      return append(plan.spec, "window-table-function", owner_, {forward(inputs[0])}, plan.output);
    }
    return append(plan.spec, "calc", owner_, {forward(inputs[0])}, plan.output);
  }

  // A table that several queries of the job read alike is read once.
  int lower_source(const SourceSpec& source, const Plan& plan) {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto* known = std::get_if<SourceSpec>(&graph_.nodes[i].spec);
      if (known && known->table.name == source.table.name && known->table.options == source.table.options &&
          same_schema(known->produced, source.produced)) {
        return static_cast<int>(i);
      }
    }
    const int index = append(source, "source", source.table.name, {}, plan.output);
    node(index).parallelism = parallelism_option(source.table, "scan.parallelism");
    return index;
  }

  // 0: the job's.
  static int parallelism_option(const connector::Table& table, const std::string& name) {
    auto read = connector::int_option(table.options, name);
    if (!read.ok()) fail_with(std::move(read).error());
    constexpr int64_t kParallelismMax = 32768;  // Flink's bound of a maximum parallelism
    const int64_t value = read->value_or(1);
    if (value < 1 || value > kParallelismMax) {
      fail_with(connector::option_error(name, std::to_string(value), "at least 1"));
    }
    return read->has_value() ? static_cast<int>(value) : 0;
  }

  // Equal keys meet in one subtask; without keys all rows do.
  Input keyed(int input, const std::vector<int>& keys) {
    if (keys.empty()) return {input, Exchange::kSingleton, {}};
    return {input, Exchange::kHash, keys};
  }

  int lower_group(GroupAggregateSpec group, const Plan& plan, int input) {
    group.input_retracts = !node(input).append_only;
    group.state_ttl_ms = context_.state_ttl_ms;
    const bool global = group.keys.empty();
    const bool distinct = group.aggregates.empty();
    const bool retracts = group.input_retracts;
    const Input keyed_input = keyed(input, group.keys);
    const int index = append(std::move(group), "group-aggregate", owner_, {keyed_input}, plan.output);
    node(index).parallelism = global ? 1 : 0;
    node(index).append_only = distinct && !retracts;
    return index;
  }

  int lower_window(const WindowAggregateSpec& window, const Plan& plan, int input) {
    if (!node(input).append_only) refuse_updates("WindowAggregate", input);
    const int index = append(window, "window-aggregate", owner_, {keyed(input, window.keys)}, plan.output);
    node(index).parallelism = window.keys.empty() ? 1 : 0;
    return index;
  }

  int lower_union(const Plan& plan, const std::vector<int>& inputs) {
    bool append_only = true;
    bool equal = true;
    for (const int input : inputs) {
      append_only = append_only && node(input).append_only;
      equal = equal && node(input).parallelism == node(inputs[0]).parallelism;
    }
    std::vector<Input> edges;
    for (const int input : inputs) {
      // Changes of one key must stay in order; where the inputs' widths differ, one subtask takes all.
      const Exchange exchange = equal ? Exchange::kForward : append_only ? Exchange::kRebalance : Exchange::kSingleton;
      edges.push_back({input, exchange, {}});
    }
    const int width = equal ? node(inputs[0]).parallelism : append_only ? 0 : 1;
    const int index = append(plan.spec, "union", owner_, std::move(edges), plan.output);
    node(index).parallelism = width;
    node(index).append_only = append_only;
    return index;
  }

  void add_sink(CatalogTable sink, int input, const column::Schema& output) {
    take_watermark_options(&sink.table);
    auto connector = context_.registry->connector_of(sink.table);
    if (!connector.ok()) fail_with(std::move(connector).error());
    if (!(*connector)->make_sink) {
      fail_validation(
          fmt::format("Connector '{}' can only be used as a source. It cannot be used as a sink.", (*connector)->name));
    }
    auto made = (*connector)->make_sink(sink.table, context_.environment);
    if (!made.ok()) fail_with(std::move(made).error());
    if (!node(input).append_only && !(*made)->accepts_updates()) {
      fail_validation(
          fmt::format("Table sink '{}' doesn't support consuming update changes which is produced by node "
                      "{}",
                      Catalog::full_name(sink.table.name), node(updating_node(input)).name));
    }
    const int parallelism = parallelism_option(sink.table, "sink.parallelism");
    const bool rewired = parallelism != 0 && parallelism != node(input).parallelism;
    // Changes of one key must stay in order, which only one subtask keeps for all keys.
    if (rewired && parallelism > 1 && !node(input).append_only) {
      fail(fmt::format("'sink.parallelism' of a table that takes updates is not supported yet: {}", sink.table.name));
    }
    const Exchange exchange = !rewired           ? Exchange::kForward
                              : parallelism == 1 ? Exchange::kSingleton
                                                 : Exchange::kRebalance;
    const int index = append(SinkSpec{sink.table}, "sink", sink.table.name, {{input, exchange, {}}}, output);
    if (rewired) node(index).parallelism = parallelism;
  }

  // The operator that makes the updates which reach `index`.
  int updating_node(int index) {
    for (;;) {
      const Node& current = node(index);
      const bool calc =
          std::holds_alternative<CalcSpec>(current.spec) || std::holds_alternative<UnionSpec>(current.spec);
      if (!calc) return index;
      int next = current.inputs[0].node;
      for (const Input& input : current.inputs) {
        if (!node(input.node).append_only) next = input.node;
      }
      index = next;
    }
  }

  [[noreturn]] void refuse_updates(std::string_view what, int input) {
    fail_validation(
        fmt::format("StreamPhysical{} doesn't support consuming update and delete changes which is produced "
                    "by node {}",
                    what, node(updating_node(input)).name));
  }

  [[noreturn]] static void fail(std::string message) {
    throw SqlError{ErrorCode::kSqlUnsupported, std::move(message), std::nullopt};
  }

  const LowerContext& context_;
  JobGraph graph_;
  std::map<std::string, int> ordinals_;
  std::map<const Plan*, int> lowered_;
  std::string owner_;
};

}  // namespace

JobGraph lower(const std::vector<SinkPlan>& plans, const LowerContext& context) {
  Lowering lowering(context);
  for (const SinkPlan& plan : plans) lowering.add(plan);
  return lowering.take();
}

}  // namespace raudal::sql
