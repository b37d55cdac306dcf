#include "runtime/task_plan.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/digest.h"

namespace raudal::runtime {
namespace {

using graph::Exchange;
using graph::JobGraph;
using graph::Node;

// A node without a parallelism of its own runs at the job's, or at 1 when everything comes to it from one subtask:
// spreading it would put a changelog out of order.
std::vector<int> effective_parallelism(const JobGraph& graph, int parallelism) {
  std::vector<int> result;
  for (const Node& node : graph.nodes) {
    if (node.parallelism > 0) {
      result.push_back(std::min(node.parallelism, parallelism));
      continue;
    }
    const bool from_one = !node.inputs.empty() && std::ranges::all_of(node.inputs, [&](const graph::Input& input) {
      return input.exchange == Exchange::kSingleton ||
             (input.exchange == Exchange::kForward && result[static_cast<size_t>(input.node)] == 1);
    });
    result.push_back(from_one ? 1 : parallelism);
  }
  return result;
}

// Groups nodes: a node joins the groups of its inputs where all its edges are calls and no cycle of groups arises.
class Grouping {
 public:
  explicit Grouping(size_t num_nodes) : group_(num_nodes) {}

  void add(int node, const std::vector<int>& producers, bool joins) {
    std::set<int> groups;
    for (const int producer : producers) groups.insert(find(producer));
    if (joins && !groups.empty() && independent(groups)) {
      group_[static_cast<size_t>(node)] = *groups.begin();
      for (const int group : groups) merge(group, *groups.begin());
      return;
    }
    group_[static_cast<size_t>(node)] = node;
    for (const int group : groups) edges_.emplace(group, node);
  }

  int find(int node) const { return group_[static_cast<size_t>(node)]; }

 private:
  void merge(int from, int to) {
    if (from == to) return;
    std::ranges::replace(group_, from, to);
    std::set<std::pair<int, int>> renamed;
    for (const auto& [a, b] : edges_) renamed.emplace(a == from ? to : a, b == from ? to : b);
    edges_ = std::move(renamed);
  }

  bool reaches(int from, int to) const {
    if (from == to) return true;
    return std::ranges::any_of(edges_,
                               [&](const auto& edge) { return edge.first == from && reaches(edge.second, to); });
  }

  bool independent(const std::set<int>& groups) const {
    for (const int a : groups) {
      for (const int b : groups) {
        if (a != b && reaches(a, b)) return false;
      }
    }
    return true;
  }

  std::vector<int> group_;
  std::set<std::pair<int, int>> edges_;  // between groups
};

// The group of each node, numbered in the order of their first nodes.
std::vector<int> group_nodes(const JobGraph& graph, const std::vector<int>& parallelism, bool exchanges_may_be_calls) {
  Grouping grouping(graph.nodes.size());
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    std::vector<int> producers;
    bool joins = true;
    for (const graph::Input& input : graph.nodes[n].inputs) {
      producers.push_back(input.node);
      const int from = parallelism[static_cast<size_t>(input.node)];
      joins = joins && from == parallelism[n] &&
              (input.exchange == Exchange::kForward || (exchanges_may_be_calls && from == 1));
    }
    grouping.add(static_cast<int>(n), producers, joins);
  }
  std::vector<int> result;
  std::vector<int> order;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const int group = grouping.find(static_cast<int>(n));
    auto at = std::ranges::find(order, group);
    if (at == order.end()) at = order.insert(at, group);
    result.push_back(static_cast<int>(at - order.begin()));
  }
  return result;
}

std::vector<PlannedVertex> make_vertices(const JobGraph& graph, const TaskPlan& plan) {
  std::vector<PlannedVertex> vertices;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const size_t v = static_cast<size_t>(plan.vertex_of[n]);
    if (v >= vertices.size()) vertices.resize(v + 1);
    vertices[v].nodes.push_back(static_cast<int>(n));
    vertices[v].parallelism = plan.parallelism_of[n];
  }
  for (PlannedVertex& vertex : vertices) {
    std::string uids;
    std::vector<std::string> names;
    for (const int node : vertex.nodes) {
      uids += fmt::format("{}:{};", node, graph.nodes[static_cast<size_t>(node)].uid);
      names.push_back(graph.nodes[static_cast<size_t>(node)].name);
    }
    vertex.id = codec::sha256_hex(uids).substr(0, 32);
    vertex.name = join(names, " -> ");
  }
  return vertices;
}

}  // namespace

TaskPlan plan_tasks(const JobGraph& graph, int parallelism) {
  TaskPlan plan;
  plan.parallelism_of = effective_parallelism(graph, parallelism);
  plan.task_of = group_nodes(graph, plan.parallelism_of, true);
  plan.vertex_of = group_nodes(graph, plan.parallelism_of, false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const size_t t = static_cast<size_t>(plan.task_of[n]);
    if (t >= plan.tasks.size()) plan.tasks.resize(t + 1);
    plan.tasks[t].nodes.push_back(static_cast<int>(n));
    plan.tasks[t].parallelism = plan.parallelism_of[n];
    for (size_t i = 0; i < graph.nodes[n].inputs.size(); ++i) {
      const graph::Input& input = graph.nodes[n].inputs[i];
      plan.edges.push_back({.producer = input.node,
                            .consumer = static_cast<int>(n),
                            .input = static_cast<int>(i),
                            .exchange = input.exchange,
                            .keys = input.keys,
                            .chained = plan.task_of[static_cast<size_t>(input.node)] == plan.task_of[n]});
    }
  }
  plan.vertices = make_vertices(graph, plan);
  return plan;
}

}  // namespace raudal::runtime
