// The logical plan: a tree of the job graph's own specs, before exchanges, uids and change kinds are decided. The
// binder makes it, rewrite_*.cc improve it, lower_plan.cc turns it into a JobGraph.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/job_graph.h"

namespace raudal::sql {

struct Plan;
using PlanPtr = std::shared_ptr<Plan>;

// One operator and its inputs. `spec` is never SinkSpec or CollectSpec: lowering adds these.
struct Plan {
  graph::Spec spec;
  std::vector<PlanPtr> inputs;
  column::Schema output;
  std::vector<int> partition_keys;  // WindowTableFunctionSpec of SESSION: columns of the input
  std::string table;                // WatermarkSpec: whose watermark it is, for the uid
};

PlanPtr make_plan(graph::Spec spec, std::vector<PlanPtr> inputs, column::Schema output);
// A Calc that keeps all columns of its input; condition and projections are set by the caller.
PlanPtr make_filter(PlanPtr input, expr::Expr condition);
PlanPtr make_projection(PlanPtr input, std::vector<expr::Expr> projections, std::vector<std::string> names);
// References to each column of a schema.
std::vector<expr::Expr> identity_projection(const column::Schema& schema);

// Names made unique as Flink does: a, a0, a1.
std::vector<std::string> unique_names(std::vector<std::string> names);

}  // namespace raudal::sql
