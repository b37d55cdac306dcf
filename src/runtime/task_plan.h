// Which operators run together: a job graph cut into tasks. Within a task operators call each other; between tasks
// there are channels. A pure function of graph and parallelism.
//
// At parallelism 1 nothing is cut: an exchange to oneself is a call. Vertices are what people see: cut at every
// exchange, whatever the parallelism, so that a plan keeps its shape when a job is scaled.
#pragma once

#include <string>
#include <vector>

#include "graph/job_graph.h"

namespace raudal::runtime {

// An input of a node, resolved.
struct PlannedEdge {
  int producer = -1;  // node
  int consumer = -1;  // node
  int input = 0;      // of the consumer
  graph::Exchange exchange = graph::Exchange::kForward;
  std::vector<int> keys;
  bool chained = false;  // a call within a task
};

// Nodes that run as one, in topological order.
struct PlannedTask {
  std::vector<int> nodes;
  int parallelism = 1;
};

// The nodes between exchanges, as the REST API shows them.
struct PlannedVertex {
  std::string id;  // 32 hex digits, from the uids of its nodes
  std::string name;
  std::vector<int> nodes;
  int parallelism = 1;
};

// Tasks, vertices and edges of a graph at one parallelism.
struct TaskPlan {
  std::vector<int> parallelism_of;  // by node
  std::vector<int> task_of;         // by node
  std::vector<int> vertex_of;       // by node
  std::vector<PlannedTask> tasks;   // in the order of their first nodes
  std::vector<PlannedVertex> vertices;
  std::vector<PlannedEdge> edges;
  int slot_of(int task, int subtask, int num_slots) const {
    return tasks[static_cast<size_t>(task)].parallelism > 1 ? subtask : task % num_slots;
  }
};

TaskPlan plan_tasks(const graph::JobGraph& graph, int parallelism);

}  // namespace raudal::runtime
