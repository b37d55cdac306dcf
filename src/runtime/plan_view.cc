#include "runtime/plan_view.h"

#include <string_view>

#include "base/str.h"
#include "codec/json.h"

namespace raudal::runtime {
namespace {

std::string_view ship_strategy(graph::Exchange exchange) {
  switch (exchange) {
    case graph::Exchange::kForward: return "FORWARD";
    case graph::Exchange::kHash: return "HASH";
    case graph::Exchange::kSingleton: return "GLOBAL";
    case graph::Exchange::kRebalance: return "REBALANCE";
  }
  return "";
}

codec::JsonArray inputs_of(const TaskPlan& plan, size_t vertex) {
  codec::JsonArray inputs;
  for (const PlannedEdge& edge : plan.edges) {
    const int from = plan.vertex_of[static_cast<size_t>(edge.producer)];
    const int to = plan.vertex_of[static_cast<size_t>(edge.consumer)];
    if (from == to || to != static_cast<int>(vertex)) continue;
    inputs.push_back(codec::JsonObject{{"num", inputs.size()},
                                       {"id", plan.vertices[static_cast<size_t>(from)].id},
                                       {"ship_strategy", ship_strategy(edge.exchange)},
                                       {"exchange", "pipelined_bounded"}});
  }
  return inputs;
}

// Names come from the program's text, and Flink's dashboard shows descriptions as HTML.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else
      result += c;
  }
  return result;
}

}  // namespace

std::string vertex_plan_json(const graph::JobGraph& graph, const TaskPlan& plan, const std::string& job_id) {
  codec::JsonArray nodes;
  for (size_t v = 0; v < plan.vertices.size(); ++v) {
    std::vector<std::string> names;
    for (const int node : plan.vertices[v].nodes) names.push_back(escaped(graph.nodes[static_cast<size_t>(node)].name));
    codec::JsonObject shown{{"id", plan.vertices[v].id},
                            {"parallelism", plan.vertices[v].parallelism},
                            {"operator", ""},
                            {"operator_strategy", ""},
                            {"description", join(names, "<br/>-> ")},
                            {"optimizer_properties", codec::JsonObject{}}};
    if (codec::JsonArray inputs = inputs_of(plan, v); !inputs.empty()) shown["inputs"] = std::move(inputs);
    nodes.push_back(std::move(shown));
  }
  return codec::write_json(
      codec::JsonObject{{"jid", job_id}, {"name", graph.name}, {"type", "STREAMING"}, {"nodes", std::move(nodes)}});
}

}  // namespace raudal::runtime
