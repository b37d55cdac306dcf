#include "runtime/task_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/job_fakes.h"

namespace raudal::runtime {
namespace {

using graph::Exchange;
using testing::ElementsAre;

graph::Node node(const std::string& uid, std::vector<graph::Input> inputs) {
  return {.uid = uid, .name = uid, .spec = graph::CalcSpec{}, .inputs = std::move(inputs)};
}

TEST(TaskPlan, At_parallelism_one_everything_is_one_task_but_vertices_stay) {
  const graph::JobGraph graph = fakes::count_graph({.world = "w", .directory = "/d"});
  const TaskPlan plan = plan_tasks(graph, 1);
  EXPECT_EQ(plan.tasks.size(), 1u);
  ASSERT_EQ(plan.vertices.size(), 2u);
  EXPECT_EQ(plan.vertices[1].name, "GroupAggregate -> Sink");
}

TEST(TaskPlan, Tasks_are_cut_at_exchanges_and_vertex_ids_do_not_depend_on_parallelism) {
  const graph::JobGraph graph = fakes::count_graph({.world = "w", .directory = "/d", .sources = 2});
  const TaskPlan plan = plan_tasks(graph, 3);
  ASSERT_EQ(plan.tasks.size(), 2u);
  EXPECT_THAT(plan.tasks[0].nodes, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(plan.tasks[1].nodes, ElementsAre(5, 6));
  EXPECT_EQ(plan.vertices[1].id, plan_tasks(graph, 1).vertices[1].id);
}

TEST(TaskPlan, What_follows_a_single_subtask_stays_single) {
  graph::JobGraph graph;
  graph.nodes = {node("a", {}), node("b", {{.node = 0, .exchange = Exchange::kSingleton}}), node("c", {{.node = 1}})};
  const TaskPlan plan = plan_tasks(graph, 4);
  EXPECT_THAT(plan.parallelism_of, ElementsAre(4, 1, 1));
  EXPECT_THAT(plan.task_of, ElementsAre(0, 1, 1));
}

TEST(TaskPlan, Node_that_would_close_a_cycle_of_tasks_has_one_of_its_own) {
  graph::JobGraph graph;
  graph.nodes = {node("source", {}), node("aggregate", {{.node = 0, .exchange = Exchange::kHash, .keys = {0}}}),
                 node("union", {{.node = 0}, {.node = 1}})};
  const TaskPlan plan = plan_tasks(graph, 2);
  EXPECT_THAT(plan.task_of, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace raudal::runtime
