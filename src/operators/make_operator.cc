#include <fmt/core.h>

#include "operators/calc.h"
#include "operators/group_aggregate.h"
#include "operators/operator.h"
#include "operators/session_aggregate.h"
#include "operators/watermark_assigner.h"
#include "operators/window_aggregate.h"
#include "operators/window_table_function.h"

namespace raudal::operators {
namespace {

// One line per kind of node; what the runtime runs itself is no operator.
struct Maker {
  const graph::JobGraph& graph;
  int node;
  using Made = Result<std::unique_ptr<Operator>>;

  Made operator()(const graph::CalcSpec& spec) const { return std::unique_ptr<Operator>(new Calc(spec)); }
  Made operator()(const graph::WatermarkSpec& spec) const {
    return std::unique_ptr<Operator>(new WatermarkAssigner(spec));
  }
  Made operator()(const graph::GroupAggregateSpec&) const { return GroupAggregate::make(graph, node); }
  Made operator()(const graph::WindowAggregateSpec& spec) const {
    const bool session = spec.window.kind == graph::WindowKind::kSession;
    return session ? SessionAggregate::make(graph, node) : WindowAggregate::make(graph, node);
  }
  Made operator()(const graph::WindowTableFunctionSpec&) const { return WindowTableFunction::make(graph, node); }
  template <class Other> Made operator()(const Other&) const {
    const std::string& name = graph.nodes[static_cast<size_t>(node)].name;
    return Error(ErrorCode::kSqlUnsupported, "Operator is not supported: " + name);
  }
};

}  // namespace

Result<std::unique_ptr<Operator>> make_operator(const graph::JobGraph& graph, int node) {
  return std::visit(Maker{.graph = graph, .node = node}, graph.nodes[static_cast<size_t>(node)].spec);
}

}  // namespace raudal::operators
