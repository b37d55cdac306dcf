// What a stateful operator keeps, as text: a snapshot whose text differs does not fit the program. It names types and
// functions but no columns, so that a renamed column or a changed filter keeps its state.
#include <fmt/core.h>

#include "base/str.h"
#include "graph/job_graph.h"

namespace raudal::graph {
namespace {

// Whether a value may be NULL is not part of the state's layout.
std::string type_name(const column::Type& type) { return type.with_nullable(true).with_rowtime(false).to_string(); }

std::string keys(const std::vector<int>& columns, const column::Schema& input) {
  std::vector<std::string> names;
  for (const int column : columns) names.push_back(type_name(input[static_cast<size_t>(column)].type));
  return "keys " + join(names, ", ");
}

std::string calls(const std::vector<AggregateCall>& aggregates, const column::Schema& input) {
  std::vector<std::string> parts;
  for (const AggregateCall& call : aggregates) {
    std::vector<std::string> args;
    for (const int arg : call.args) args.push_back(type_name(input[static_cast<size_t>(arg)].type));
    parts.push_back(fmt::format("{}({}{}){} {}", call.function, call.distinct ? "DISTINCT " : "", join(args, ", "),
                                call.filter_column >= 0 ? " FILTER" : "", type_name(call.result)));
  }
  return join(parts, ", ");
}

std::string window_text(const Window& window) {
  static constexpr std::string_view kKinds[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION"};
  return fmt::format("{} size {} slide {} offset {}", kKinds[static_cast<size_t>(window.kind)], window.size_ms,
                     window.slide_ms, window.offset_ms);
}

}  // namespace

std::string state_schema(const JobGraph& graph, int index) {
  const Node& node = graph.nodes[static_cast<size_t>(index)];
  if (const auto* source = std::get_if<SourceSpec>(&node.spec)) {
    const auto connector = source->table.options.find("connector");
    return "source " + (connector == source->table.options.end() ? std::string() : connector->second);
  }
  if (node.inputs.empty()) return "";
  const column::Schema& input = graph.nodes[static_cast<size_t>(node.inputs[0].node)].output;
  if (const auto* group = std::get_if<GroupAggregateSpec>(&node.spec)) {
    return fmt::format("{}; {}{}", keys(group->keys, input), calls(group->aggregates, input),
                       group->input_retracts ? "; retracting input" : "");
  }
  if (const auto* window = std::get_if<WindowAggregateSpec>(&node.spec)) {
    return fmt::format("{}; {}; {}", keys(window->keys, input), calls(window->aggregates, input),
                       window_text(window->window));
  }
  return "";
}

}  // namespace raudal::graph
