#include <fmt/core.h>

#include "codec/json.h"
#include "graph/job_graph.h"

namespace raudal::graph {
namespace {

std::string_view strategy(Exchange exchange) {
  switch (exchange) {
    case Exchange::kForward: return "FORWARD";
    case Exchange::kHash: return "HASH";
    case Exchange::kSingleton: return "GLOBAL";
    case Exchange::kRebalance: return "REBALANCE";
  }
  return "";
}

}  // namespace

std::string plan_json(const JobGraph& graph, const std::string& job_id, int parallelism) {
  codec::JsonArray nodes;
  // Flink lists sinks first.
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    codec::JsonObject entry;
    entry["id"] = node.uid;
    entry["parallelism"] = node.parallelism > 0 ? node.parallelism : parallelism;
    entry["operator"] = "";
    entry["operator_strategy"] = "";
    entry["description"] = node.name;
    codec::JsonArray inputs;
    for (size_t n = 0; n < node.inputs.size(); ++n) {
      const Input& input = node.inputs[n];
      codec::JsonObject edge;
      edge["num"] = n;
      edge["id"] = graph.nodes[static_cast<size_t>(input.node)].uid;
      edge["ship_strategy"] = strategy(input.exchange);
      edge["exchange"] = "pipelined_bounded";
      inputs.push_back(std::move(edge));
    }
    if (!inputs.empty()) entry["inputs"] = std::move(inputs);
    entry["optimizer_properties"] = codec::JsonObject();
    nodes.push_back(std::move(entry));
  }
  codec::JsonObject plan;
  plan["jid"] = job_id;
  plan["name"] = graph.name;
  plan["type"] = "STREAMING";
  plan["nodes"] = std::move(nodes);
  return codec::write_json(plan);
}

}  // namespace raudal::graph
