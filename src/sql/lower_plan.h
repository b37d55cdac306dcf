// Logical plans to a JobGraph: exchanges before keyed and global operators, uids, change kinds, names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/registry.h"
#include "graph/job_graph.h"
#include "sql/catalog.h"
#include "sql/logical_plan.h"

namespace raudal::sql {

// A query and where its rows go.
struct SinkPlan {
  PlanPtr plan;                              // output: the sink's columns
  std::shared_ptr<const CatalogTable> sink;  // null: a CollectSpec
};

// What lowering asks outside of the plans.
struct LowerContext {
  const connector::Registry* registry = nullptr;
  connector::Environment environment;
  int64_t state_ttl_ms = 0;
};

// One graph for all of them; equal sources are read once. Throws SqlError where a sink refuses updates.
graph::JobGraph lower(const std::vector<SinkPlan>& plans, const LowerContext& context);

// A node as EXPLAIN shows it; `inputs` are the schemas of its inputs.
std::string describe(const graph::Spec& spec, const column::Schema& output, const std::vector<column::Schema>& inputs);

}  // namespace raudal::sql
