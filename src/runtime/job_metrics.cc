#include "runtime/job_metrics.h"

#include <algorithm>

#include "obs/metric_names.h"

namespace raudal::runtime {

namespace metric = obs::metric;

JobMetrics::JobMetrics(obs::MetricRegistry& registry, const std::string& job_id, const graph::JobGraph& graph,
                       const TaskPlan& plan)
    : registry_(registry),
      job_id_(job_id),
      graph_(graph),
      plan_(plan),
      heads_(graph.nodes.size(), 1),
      tails_(graph.nodes.size(), 1),
      pause_ms_(&registry.histogram({.job = job_id}, "checkpointPauseMs")),
      pause_cpu_us_(&registry.histogram({.job = job_id}, "checkpointPauseCpuUs")) {
  for (const PlannedEdge& edge : plan.edges) {
    if (plan.vertex_of[at(edge.producer)] != plan.vertex_of[at(edge.consumer)]) continue;
    heads_[at(edge.consumer)] = 0;
    tails_[at(edge.producer)] = 0;
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) add_node(job_id, static_cast<int>(n));
  for (size_t t = 0; t < plan.tasks.size(); ++t) {
    // The times of a task belong to each vertex that it runs; they are counted under the first one.
    const std::string& vertex = plan.vertices[at(plan.vertex_of[at(plan.tasks[t].nodes.front())])].id;
    tasks_.emplace_back();
    for (int subtask = 0; subtask < plan.tasks[t].parallelism; ++subtask) {
      const obs::MetricScope scope{.job = job_id, .vertex = vertex, .subtask = subtask};
      tasks_.back().push_back({.busy_ns = &registry.counter(scope, "accumulatedBusyTimeNs"),
                               .back_pressured_ns = &registry.counter(scope, "accumulatedBackPressuredTimeNs"),
                               .idle_ns = &registry.counter(scope, "accumulatedIdleTimeNs"),
                               .bytes_out = &registry.counter(scope, metric::kNumBytesOut)});
    }
    rates_.emplace_back(at(plan.tasks[t].parallelism));
  }
  for (size_t v = 0; v < plan.vertices.size(); ++v) add_vertex(job_id, static_cast<int>(v));
}

JobMetrics::~JobMetrics() { registry_.remove_job(job_id_); }

void JobMetrics::add_node(const std::string& job_id, int node) {
  nodes_.emplace_back();
  const std::string& vertex = plan_.vertices[at(plan_.vertex_of[at(node)])].id;
  for (int subtask = 0; subtask < plan_.parallelism_of[at(node)]; ++subtask) {
    const obs::MetricScope scope{
        .job = job_id, .vertex = vertex, .subtask = subtask, .operator_name = graph_.nodes[at(node)].name};
    nodes_.back().push_back({.records_in = &registry_.counter(scope, metric::kNumRecordsIn),
                             .records_out = &registry_.counter(scope, metric::kNumRecordsOut),
                             .records_in_errors = &registry_.counter(scope, metric::kNumRecordsInErrors),
                             .input_watermark = &registry_.gauge(scope, metric::kCurrentInputWatermark, INT64_MIN),
                             .output_watermark = &registry_.gauge(scope, metric::kCurrentOutputWatermark, INT64_MIN)});
    if (std::holds_alternative<graph::WindowAggregateSpec>(graph_.nodes[at(node)].spec)) {
      nodes_.back().back().late_records = &registry_.counter(scope, metric::kNumLateRecordsDropped);
    }
    registry_.meter(scope, metric::kNumRecordsInPerSecond, *nodes_.back().back().records_in);
    registry_.meter(scope, metric::kNumRecordsOutPerSecond, *nodes_.back().back().records_out);
  }
}

void JobMetrics::add_vertex(const std::string& job_id, int vertex) {
  const PlannedVertex& planned = plan_.vertices[at(vertex)];
  const int task = plan_.task_of[at(planned.nodes.front())];
  const int head = planned.nodes.front();
  for (int subtask = 0; subtask < planned.parallelism; ++subtask) {
    const obs::MetricScope scope{.job = job_id, .vertex = planned.id, .subtask = subtask};
    const TaskTimes& times = tasks_[at(task)][at(subtask)];
    registry_.meter(scope, metric::kBusyTimeMsPerSecond, *times.busy_ns, {.scale = 1e-6});
    registry_.meter(scope, metric::kBackPressuredTimeMsPerSecond, *times.back_pressured_ns, {.scale = 1e-6});
    registry_.meter(scope, metric::kIdleTimeMsPerSecond, *times.idle_ns, {.scale = 1e-6});
    registry_.gauge_function(scope, metric::kNumRecordsIn, [=, this] { return records(vertex, subtask, true); });
    registry_.gauge_function(scope, metric::kNumRecordsOut, [=, this] { return records(vertex, subtask, false); });
    const NodeCounters& first = nodes_[at(head)][at(subtask)];
    registry_.meter(scope, metric::kNumRecordsInPerSecond, *first.records_in);
    registry_.meter(scope, metric::kNumRecordsOutPerSecond, *nodes_[at(planned.nodes.back())][at(subtask)].records_out);
    registry_.gauge_function(scope, metric::kCurrentInputWatermark,
                             [gauge = first.input_watermark] { return gauge->value(); });
  }
}

void JobMetrics::note_pause(const CheckpointPause& pause) {
  pause_ms_->record((pause.wall_us + 999) / 1000);
  pause_cpu_us_->record(pause.cpu_us);
}

obs::Gauge& JobMetrics::job_gauge(std::string_view name) { return registry_.gauge({.job = job_id_}, name); }

int64_t JobMetrics::records(int vertex, int subtask, bool read) const {
  int64_t sum = 0;
  for (const int node : plan_.vertices[at(vertex)].nodes) {
    const NodeCounters& counters = nodes_[at(node)][at(subtask)];
    const bool sink = std::holds_alternative<graph::SinkSpec>(graph_.nodes[at(node)].spec) ||
                      std::holds_alternative<graph::CollectSpec>(graph_.nodes[at(node)].spec);
    if (read && heads_[at(node)]) sum += counters.records_in->value();
    if (!read && tails_[at(node)]) sum += sink ? counters.records_in->value() : counters.records_out->value();
  }
  return sum;
}

std::vector<SubtaskStatus> JobMetrics::subtasks(int vertex) const {
  const PlannedVertex& planned = plan_.vertices[at(vertex)];
  const int task = plan_.task_of[at(planned.nodes.front())];
  std::vector<SubtaskStatus> result;
  std::lock_guard lock(mutex_);
  for (int subtask = 0; subtask < planned.parallelism; ++subtask) {
    const Rates& rates = rates_[at(task)][at(subtask)];
    result.push_back({.read_records = records(vertex, subtask, true),
                      .write_records = records(vertex, subtask, false),
                      .write_bytes = tasks_[at(task)][at(subtask)].bytes_out->value(),
                      .busy_ms_per_second = rates.busy_ms_per_second,
                      .back_pressured_ms_per_second = rates.back_pressured_ms_per_second,
                      .idle_ms_per_second = rates.idle_ms_per_second,
                      .watermark_ms = nodes_[at(planned.nodes.front())][at(subtask)].input_watermark->value()});
  }
  return result;
}

void JobMetrics::tick(int64_t now_ns) {
  registry_.tick(now_ns);
  std::lock_guard lock(mutex_);
  const int64_t elapsed_ns = std::max<int64_t>(now_ns - last_tick_ns_, 1);
  for (size_t task = 0; task < rates_.size(); ++task) {
    for (size_t subtask = 0; subtask < rates_[task].size(); ++subtask) {
      update_rates(rates_[task][subtask], tasks_[task][subtask], elapsed_ns);
    }
  }
  last_tick_ns_ = now_ns;
}

void JobMetrics::update_rates(Rates& rates, const TaskTimes& times, int64_t elapsed_ns) {
  const auto rate = [&](int64_t* before, const obs::Counter& counter) {
    const int64_t now = counter.value();
    const int64_t grown = now - std::exchange(*before, now);
    return std::clamp<int64_t>(
        static_cast<int64_t>(1000.0 * static_cast<double>(grown) / static_cast<double>(elapsed_ns)), 0, 1000);
  };
  rates.busy_ms_per_second = rate(&rates.busy_ns, *times.busy_ns);
  rates.back_pressured_ms_per_second = rate(&rates.back_pressured_ns, *times.back_pressured_ns);
  rates.idle_ms_per_second = rate(&rates.idle_ns, *times.idle_ns);
}

}  // namespace raudal::runtime
