// A job's plan as Flink's REST API shows it: its vertices and how rows come from one to the next.
#pragma once

#include <string>

#include "graph/job_graph.h"
#include "runtime/task_plan.h"

namespace raudal::runtime {

// {"jid", "name", "type", "nodes": [{"id", "parallelism", "description", "inputs": [{"num", "id", "ship_strategy"}]}]}
std::string vertex_plan_json(const graph::JobGraph& graph, const TaskPlan& plan, const std::string& job_id);

}  // namespace raudal::runtime
