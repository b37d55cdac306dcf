// The counters of a job's tasks and operators, under Flink's names. Made once per job, so that they go on counting over
// restarts; slots write them, the REST server reads them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "obs/metrics.h"
#include "runtime/chain_node.h"
#include "runtime/job_status.h"
#include "runtime/task.h"
#include "runtime/task_plan.h"

namespace raudal::runtime {

// See the head of this file.
class JobMetrics {
 public:
  JobMetrics(obs::MetricRegistry& registry, const std::string& job_id, const graph::JobGraph& graph,
             const TaskPlan& plan);
  ~JobMetrics();

  NodeCounters node(int node, int subtask) const { return nodes_[at(node)][at(subtask)]; }
  TaskTimes task(int task, int subtask) const { return tasks_[at(task)][at(subtask)]; }
  // By the control loop only.
  void note_pause(const CheckpointPause& pause);
  obs::Gauge& job_gauge(std::string_view name);

  // Counts of a vertex, by subtask. Rows that a source gives count as read, rows that a sink takes as written.
  std::vector<SubtaskStatus> subtasks(int vertex) const;
  // Feeds rates; about once a second.
  void tick(int64_t now_ns);

 private:
  // The counters of a task when the last tick was, and the rates since the one before.
  struct Rates {
    int64_t busy_ns = 0;
    int64_t back_pressured_ns = 0;
    int64_t idle_ns = 0;
    int64_t busy_ms_per_second = 0;
    int64_t back_pressured_ms_per_second = 0;
    int64_t idle_ms_per_second = 1000;
  };

  static size_t at(int index) { return static_cast<size_t>(index); }
  void add_node(const std::string& job_id, int node);
  void add_vertex(const std::string& job_id, int vertex);
  int64_t records(int vertex, int subtask, bool read) const;
  void update_rates(Rates& rates, const TaskTimes& times, int64_t elapsed_ns);

  obs::MetricRegistry& registry_;
  const std::string job_id_;
  const graph::JobGraph& graph_;
  const TaskPlan& plan_;
  std::vector<std::vector<NodeCounters>> nodes_;
  std::vector<std::vector<TaskTimes>> tasks_;
  std::vector<int> heads_;  // 1: rows come into the vertex here
  std::vector<int> tails_;  // 1: rows leave the vertex here
  obs::Histogram* pause_ms_;
  obs::Histogram* pause_cpu_us_;
  mutable std::mutex mutex_;               // guards rates_
  std::vector<std::vector<Rates>> rates_;  // by task, subtask
  int64_t last_tick_ns_ = 0;
};

}  // namespace raudal::runtime
