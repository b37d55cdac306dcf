// EXPLAIN: the plan as text, in the layout of Flink.
#pragma once

#include <string>

#include "connector/registry.h"
#include "sql/lower_plan.h"

namespace raudal::sql {

// The query as it was written, before any rewrite: "LogicalProject(…)" and its inputs.
std::string print_logical(const Plan& plan);
// The graph from its sinks down; with change kinds where asked for: changelogMode=[I,UB,UA,D].
std::string print_graph(const graph::JobGraph& graph, bool changelog_mode, const LowerContext& context);

}  // namespace raudal::sql
