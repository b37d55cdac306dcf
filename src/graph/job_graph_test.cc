#include "graph/job_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raudal::graph {
namespace {

using column::Type;
using column::TypeKind;

JobGraph counting_job() {
  JobGraph graph{.name = "counts", .nodes = {}};
  connector::Table table{.name = "t", .columns = {{"k", Type::string()}, {"v", Type(TypeKind::kInt)}}};
  table.options["connector"] = "datagen";
  graph.nodes.push_back(
      {.uid = "source:t#0", .name = "Source", .spec = SourceSpec{table, table.columns}, .output = table.columns});
  GroupAggregateSpec group;
  group.keys = {0};
  group.aggregates.push_back({.function = "SUM", .args = {1}, .distinct = true, .result = Type(TypeKind::kInt)});
  graph.nodes.push_back(
      {.uid = "group-aggregate:o#0", .name = "GroupAggregate", .spec = group, .inputs = {{0, Exchange::kHash, {0}}}});
  return graph;
}

TEST(JobGraphTest, the_plan_lists_sinks_first_with_their_inputs) {
  EXPECT_EQ(plan_json(counting_job(), "0a", 2),
            R"({"jid":"0a","name":"counts","type":"STREAMING","nodes":[)"
            R"({"id":"group-aggregate:o#0","parallelism":2,"operator":"","operator_strategy":"",)"
            R"("description":"GroupAggregate","inputs":[{"num":0,"id":"source:t#0","ship_strategy":"HASH",)"
            R"("exchange":"pipelined_bounded"}],"optimizer_properties":{}},)"
            R"({"id":"source:t#0","parallelism":2,"operator":"","operator_strategy":"","description":"Source",)"
            R"("optimizer_properties":{}}]})");
}

TEST(JobGraphTest, a_state_schema_names_types_and_functions_but_no_columns) {
  JobGraph graph = counting_job();
  EXPECT_EQ(state_schema(graph, 1), "keys STRING; SUM(DISTINCT INT) INT");
  const std::string before = state_schema(graph, 1);
  graph.nodes[0].output[0].name = "renamed";
  EXPECT_EQ(state_schema(graph, 1), before);
  std::get<GroupAggregateSpec>(graph.nodes[1].spec).keys = {0, 1};
  EXPECT_NE(state_schema(graph, 1), before);
  EXPECT_EQ(state_schema(graph, 0), "source datagen");
}

}  // namespace
}  // namespace raudal::graph
