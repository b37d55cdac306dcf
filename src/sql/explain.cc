#include "sql/explain.h"

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::sql {

using namespace graph;

namespace {

// One line of the tree: "", "+- ", ":  +- ".
std::string indent(const std::string& prefix, bool root, bool last) {
  if (root) return "";
  return prefix + (last ? "+- " : ":- ");
}

std::string child_prefix(const std::string& prefix, bool root, bool last) {
  if (root) return "";
  return prefix + (last ? "   " : ":  ");
}

void print_plan(const Plan& plan, const std::string& prefix, bool root, bool last, std::string* out) {
  std::vector<column::Schema> inputs;
  for (const PlanPtr& input : plan.inputs) inputs.push_back(input->output);
  *out += indent(prefix, root, last) + describe(plan.spec, plan.output, inputs) + "\n";
  const std::string below = child_prefix(prefix, root, last);
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    print_plan(*plan.inputs[i], below, false, i + 1 == plan.inputs.size(), out);
  }
}

class GraphPrinter {
 public:
  GraphPrinter(const JobGraph& graph, bool changelog_mode, const LowerContext& context)
      : graph_(graph), changelog_mode_(changelog_mode), context_(context) {}

  std::string print() {
    std::vector<bool> read(graph_.nodes.size(), false);
    for (const Node& node : graph_.nodes) {
      for (const Input& input : node.inputs) read[static_cast<size_t>(input.node)] = true;
    }
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (read[i]) continue;
      if (!out_.empty()) out_ += "\n";
      const bool collect = std::holds_alternative<CollectSpec>(graph_.nodes[i].spec);
      print_node(collect ? graph_.nodes[i].inputs[0].node : static_cast<int>(i), "", true, true);
    }
    return std::move(out_);
  }

 private:
  void print_node(int index, const std::string& prefix, bool root, bool last) {
    const Node& node = graph_.nodes[static_cast<size_t>(index)];
    out_ += indent(prefix, root, last) + with_details(node) + "\n";
    const std::string below = child_prefix(prefix, root, last);
    for (size_t i = 0; i < node.inputs.size(); ++i) print_input(node, i, below);
  }

  void print_input(const Node& node, size_t i, const std::string& below) {
    const Input& input = node.inputs[i];
    const Node& producer = graph_.nodes[static_cast<size_t>(input.node)];
    const bool last = i + 1 == node.inputs.size();
    std::string distribution;
    if (input.exchange == Exchange::kSingleton) distribution = "single";
    if (input.exchange == Exchange::kRebalance) distribution = "rebalance";
    if (input.exchange == Exchange::kHash) {
      std::vector<std::string> keys;
      for (const int key : input.keys) keys.push_back(producer.output[static_cast<size_t>(key)].name);
      distribution = fmt::format("hash[{}]", join(keys, ", "));
    }
    if (distribution.empty()) return print_node(input.node, below, false, last);
    const std::string mode = changelog_mode_ ? ", " + changelog_mode(producer) : "";
    out_ += indent(below, false, last) + fmt::format("Exchange(distribution=[{}]{})\n", distribution, mode);
    print_node(input.node, child_prefix(below, false, last), false, true);
  }

  static std::string changelog_mode(const Node& node) {
    if (node.append_only) return "changelogMode=[I]";
    const Spec* spec = &node.spec;
    if (const auto* group = std::get_if<GroupAggregateSpec>(spec); group && !group->input_retracts) {
      return group->emit_update_before ? "changelogMode=[I,UB,UA]" : "changelogMode=[I,UA]";
    }
    return "changelogMode=[I,UB,UA,D]";
  }

  std::string with_details(const Node& node) const {
    std::string text = node.name;
    if (changelog_mode_ || std::holds_alternative<SinkSpec>(node.spec)) text.pop_back();
    if (const auto* sink = std::get_if<SinkSpec>(&node.spec)) {
      text += fmt::format(", delivery=[{}]", delivery(*sink));
      if (!changelog_mode_) text += ")";
    }
    if (changelog_mode_) text += ", " + changelog_mode(node) + ")";
    return text;
  }

  std::string delivery(const SinkSpec& sink) const {
    const auto connector = context_.registry->connector_of(sink.table);
    if (!connector.ok() || !(*connector)->make_sink) return "unknown";
    const auto made = (*connector)->make_sink(sink.table, context_.environment);
    if (!made.ok()) return "unknown";
    return (*made)->delivery() == connector::Delivery::kExactlyOnce ? "exactly-once" : "at-least-once";
  }

  const JobGraph& graph_;
  const bool changelog_mode_;
  const LowerContext& context_;
  std::string out_;
};

}  // namespace

std::string print_logical(const Plan& plan) {
  std::string out;
  print_plan(plan, "", true, true, &out);
  return out;
}

std::string print_graph(const JobGraph& graph, bool changelog_mode, const LowerContext& context) {
  return GraphPrinter(graph, changelog_mode, context).print();
}

}  // namespace raudal::sql
