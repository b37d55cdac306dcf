#include "runtime/rest_server.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"
#include "flinkrest/error_response.h"
#include "flinkrest/savepoints.h"
#include "obs/log_sinks.h"
#include "runtime/process_figures.h"
#include "runtime/rest_views.h"

namespace raudal::runtime {
namespace {

constexpr size_t kBodyBytesMax = 1 << 20;

// What a handler gives back: a body, with 200 unless it says otherwise.
struct Answer {
  codec::Json body;
  int status = 200;
};

// A request whose path was matched: the parts that stand for ":x", in order.
struct Matched {
  net::HttpRequest& request;
  std::vector<std::string> parts;
  std::string_view query(std::string_view name) const { return request.query_value(name); }
};

Answer not_found(const std::string& message) { return {flinkrest::error_response(message), 404}; }

}  // namespace

struct RestServer::Impl {
  Impl(Job& job, obs::MetricRegistry& metrics)
      : job(job), metrics(metrics), log(no_logs, *job.config().environment.clock, "raudal.rest") {}

  using Handler = Answer (Impl::*)(const Matched&);
  struct Route {
    const char* method;
    const char* path;
    Handler handler;
  };
  static const std::vector<Route>& routes();

  void handle(net::HttpRequest& request, net::ResponseWriter& response);
  Answer dispatch(net::HttpRequest& request);
  int64_t now_ms() const { return job.config().environment.clock->wall_us() / 1000; }

  // The cluster.
  Answer overview(const Matched&) { return {flinkrest::to_json(cluster_overview(job.status()))}; }
  Answer config(const Matched&) { return {flinkrest::to_json(flinkrest::DashboardConfig{})}; }
  Answer jobmanager_config(const Matched&) { return {flinkrest::key_values(job.config().options)}; }
  Answer jobmanager_metrics(const Matched& m) {
    return {flinkrest::metric_values(process_metrics(metrics), m.query("get"))};
  }
  Answer taskmanagers(const Matched&) { return {flinkrest::task_manager_list(process())}; }
  Answer taskmanager(const Matched&) { return {flinkrest::task_manager_details(process())}; }
  Answer taskmanagers_metrics(const Matched& m) {
    return {flinkrest::aggregated_metrics({process_metrics(metrics)}, m.query("get"), m.query("agg"))};
  }
  flinkrest::TaskManager process() { return task_manager(job.status(), job.config().memory_bytes_max); }

  // The job.
  Answer jobs(const Matched&) { return {flinkrest::job_ids({job_summary(job.status(), now_ms())})}; }
  Answer jobs_overview(const Matched&) { return {flinkrest::jobs_overview({job_summary(job.status(), now_ms())})}; }
  Answer jobs_metrics(const Matched& m) {
    return {flinkrest::aggregated_metrics({job_metrics(metrics, job.id())}, m.query("get"), m.query("agg"))};
  }
  Answer job_details_answer(const Matched&) {
    return {flinkrest::to_json(job_details(job.status(), plan_of_job(), now_ms()))};
  }
  Answer job_status(const Matched&) { return {codec::JsonObject{{"status", to_string(job.state())}}}; }
  Answer job_plan(const Matched&) { return {codec::JsonObject{{"plan", plan_of_job()}}}; }
  Answer job_config(const Matched&) { return {flinkrest::to_json(job_configuration(job))}; }
  Answer job_exceptions_answer(const Matched& m);
  Answer job_metrics_answer(const Matched& m) {
    return {flinkrest::metric_values(job_metrics(metrics, job.id()), m.query("get"))};
  }
  Answer job_accumulators(const Matched&) {
    return {codec::JsonObject{{"job-accumulators", codec::JsonArray()},
                              {"user-task-accumulators", codec::JsonArray()},
                              {"serialized-user-task-accumulators", codec::JsonObject()}}};
  }
  Answer cancel(const Matched&);
  codec::Json plan_of_job();

  // Checkpoints and savepoints.
  Answer checkpoints(const Matched&) { return {flinkrest::to_json(checkpoints_view(job.checkpoints()))}; }
  Answer checkpoints_config(const Matched&) {
    return {flinkrest::to_json(checkpoint_config(job.config().checkpoints))};
  }
  Answer checkpoint_details(const Matched& m);
  Answer trigger_savepoint(const Matched& m) { return trigger(m, false); }
  Answer stop(const Matched& m) { return trigger(m, true); }
  Answer trigger(const Matched& m, bool stop);
  Answer savepoint_status(const Matched& m);

  // Vertices.
  template <class View>
  Answer of_vertex(const Matched& m, View view);
  Answer vertex(const Matched& m) { return of_vertex(m, flinkrest::vertex_details); }
  Answer vertex_times(const Matched& m) { return of_vertex(m, flinkrest::vertex_times); }
  Answer vertex_taskmanagers(const Matched& m) { return of_vertex(m, flinkrest::vertex_taskmanagers); }
  Answer vertex_watermarks(const Matched& m) { return of_vertex(m, flinkrest::vertex_watermarks); }
  Answer vertex_backpressure(const Matched& m) { return of_vertex(m, flinkrest::vertex_backpressure); }
  Answer vertex_accumulators(const Matched& m) {
    return {codec::JsonObject{{"id", m.parts[1]}, {"user-accumulators", codec::JsonArray()}}};
  }
  Answer vertex_metrics_answer(const Matched& m) {
    return {flinkrest::metric_values(vertex_metrics(metrics, job.id(), m.parts[1]), m.query("get"))};
  }
  Answer vertex_subtask_metrics(const Matched& m);

  Job& job;
  obs::MetricRegistry& metrics;
  obs::NullLogSink no_logs;
  const obs::Logger log;
  std::unique_ptr<net::HttpServer> server;
};

// All that is served. ":job" must be the job's id; other parts that begin with ':' are handed to the handler.
const std::vector<RestServer::Impl::Route>& RestServer::Impl::routes() {
  static const std::vector<Route> routes = {
      {"GET", "overview", &Impl::overview},
      {"GET", "config", &Impl::config},
      {"GET", "jobmanager/config", &Impl::jobmanager_config},
      {"GET", "jobmanager/metrics", &Impl::jobmanager_metrics},
      {"GET", "taskmanagers", &Impl::taskmanagers},
      {"GET", "taskmanagers/metrics", &Impl::taskmanagers_metrics},
      {"GET", "taskmanagers/:id", &Impl::taskmanager},
      {"GET", "taskmanagers/:id/metrics", &Impl::jobmanager_metrics},
      {"GET", "jobs", &Impl::jobs},
      {"GET", "jobs/overview", &Impl::jobs_overview},
      {"GET", "jobs/metrics", &Impl::jobs_metrics},
      {"GET", "jobs/:job", &Impl::job_details_answer},
      {"PATCH", "jobs/:job", &Impl::cancel},
      {"GET", "jobs/:job/yarn-cancel", &Impl::cancel},
      {"GET", "jobs/:job/status", &Impl::job_status},
      {"GET", "jobs/:job/plan", &Impl::job_plan},
      {"GET", "jobs/:job/config", &Impl::job_config},
      {"GET", "jobs/:job/exceptions", &Impl::job_exceptions_answer},
      {"GET", "jobs/:job/metrics", &Impl::job_metrics_answer},
      {"GET", "jobs/:job/accumulators", &Impl::job_accumulators},
      {"GET", "jobs/:job/checkpoints", &Impl::checkpoints},
      {"GET", "jobs/:job/checkpoints/config", &Impl::checkpoints_config},
      {"GET", "jobs/:job/checkpoints/details/:id", &Impl::checkpoint_details},
      {"POST", "jobs/:job/savepoints", &Impl::trigger_savepoint},
      {"POST", "jobs/:job/stop", &Impl::stop},
      {"GET", "jobs/:job/savepoints/:trigger", &Impl::savepoint_status},
      {"GET", "jobs/:job/vertices/:vertex", &Impl::vertex},
      {"GET", "jobs/:job/vertices/:vertex/subtasktimes", &Impl::vertex_times},
      {"GET", "jobs/:job/vertices/:vertex/taskmanagers", &Impl::vertex_taskmanagers},
      {"GET", "jobs/:job/vertices/:vertex/watermarks", &Impl::vertex_watermarks},
      {"GET", "jobs/:job/vertices/:vertex/backpressure", &Impl::vertex_backpressure},
      {"GET", "jobs/:job/vertices/:vertex/accumulators", &Impl::vertex_accumulators},
      {"GET", "jobs/:job/vertices/:vertex/metrics", &Impl::vertex_metrics_answer},
      {"GET", "jobs/:job/vertices/:vertex/subtasks/metrics", &Impl::vertex_subtask_metrics},
  };
  return routes;
}

namespace {

// Whether a path is a route's; the parts that stand for ":x" are added to `parts`.
bool matches(const std::vector<std::string>& path, const std::vector<std::string>& route,
             std::vector<std::string>* parts) {
  if (path.size() != route.size()) return false;
  parts->clear();
  for (size_t i = 0; i < path.size(); ++i) {
    if (route[i].starts_with(':'))
      parts->push_back(path[i]);
    else if (route[i] != path[i])
      return false;
  }
  return true;
}

}  // namespace

void RestServer::Impl::handle(net::HttpRequest& request, net::ResponseWriter& response) {
  const Answer answer = dispatch(request);
  (void)response.send_json(answer.status, codec::write_json(answer.body));  // an error: the client has gone
}

Answer RestServer::Impl::dispatch(net::HttpRequest& request) {
  std::string_view path = request.path;
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  const std::vector<std::string> segments = split(path.substr(std::min<size_t>(path.size(), 1)), '/');
  bool other_method = false;
  for (const Route& route : routes()) {
    Matched matched{.request = request};
    const std::vector<std::string> wanted = split(route.path, '/');
    if (!matches(segments, wanted, &matched.parts)) continue;
    if (request.method != route.method) {
      other_method = true;
      continue;
    }
    if (wanted.size() > 1 && wanted[1] == ":job" && matched.parts[0] != job.id()) {
      return not_found("Job could not be found: " + matched.parts[0]);
    }
    return (this->*route.handler)(matched);
  }
  if (other_method) return {flinkrest::error_response("Method is not allowed: " + request.method), 405};
  return not_found("Not found: " + request.path);
}

codec::Json RestServer::Impl::plan_of_job() {
  Result<codec::Json> plan = codec::parse_json(job.plan_json());
  CHECK(plan.ok());
  return std::move(plan).value();
}

Answer RestServer::Impl::job_exceptions_answer(const Matched& m) {
  flinkrest::JobExceptions exceptions = job_exceptions(job.exceptions());
  const std::optional<int64_t> max = parse_int(m.query("maxExceptions"));
  if (max && *max >= 0 && exceptions.entries.size() > static_cast<size_t>(*max)) {
    exceptions.entries.resize(static_cast<size_t>(*max));
    exceptions.truncated = true;
  }
  return {flinkrest::to_json(exceptions)};
}

Answer RestServer::Impl::cancel(const Matched& m) {
  const std::string_view mode = m.query("mode");
  if (!mode.empty() && mode != "cancel") {
    return {flinkrest::error_response("Termination mode is not supported: " + std::string(mode)), 400};
  }
  job.cancel();
  return {codec::JsonObject(), 202};
}

Answer RestServer::Impl::checkpoint_details(const Matched& m) {
  const std::optional<int64_t> id = parse_int(m.parts[1]);
  const std::optional<CheckpointRecord> record = id ? job.checkpoint(*id) : std::nullopt;
  if (!record) return not_found("Could not find checkpointing statistics for checkpoint " + m.parts[1]);
  return {flinkrest::to_json(checkpoint_view(*record))};
}

Answer RestServer::Impl::trigger(const Matched& m, bool stop) {
  const auto refused = [](const Error& error) {
    return Answer{flinkrest::error_response(error.message()), error_info(error.code()).http_status};
  };
  const Result<std::string> body = net::read_all(*m.request.body, kBodyBytesMax);
  if (!body.ok()) return refused(body.error());
  const Result<flinkrest::SavepointTrigger> trigger =
      stop ? flinkrest::stop_trigger_from_json(*body) : flinkrest::savepoint_trigger_from_json(*body);
  if (!trigger.ok()) return refused(trigger.error());
  const SavepointOptions options{
      .trigger_id = trigger->trigger_id.empty() ? secure_random_hex(16) : trigger->trigger_id,
      .target_directory = trigger->target_directory,
      .stop = stop || trigger->cancel_job,
      .drain = trigger->drain};
  const Status triggered = job.trigger_savepoint(options);
  if (!triggered.ok()) return refused(triggered.error());
  return {flinkrest::trigger_response(options.trigger_id), 202};
}

Answer RestServer::Impl::savepoint_status(const Matched& m) {
  const Result<SavepointStatus> status = job.savepoint_status(m.parts[1]);
  if (!status.ok()) return not_found(status.error().message());
  return {flinkrest::to_json(flinkrest::SavepointInfo{.completed = status->phase == SavepointPhase::kCompleted,
                                                      .location = status->location,
                                                      .failure = status->failure})};
}

template <class View>
Answer RestServer::Impl::of_vertex(const Matched& m, View view) {
  const JobStatus status = job.status();
  const auto found = std::ranges::find(status.vertices, m.parts[1], &VertexStatus::id);
  if (found == status.vertices.end()) return not_found("Vertex could not be found: " + m.parts[1]);
  return {view(vertex_view(*found, now_ms()))};
}

Answer RestServer::Impl::vertex_subtask_metrics(const Matched& m) {
  const JobStatus status = job.status();
  const auto found = std::ranges::find(status.vertices, m.parts[1], &VertexStatus::id);
  if (found == status.vertices.end()) return not_found("Vertex could not be found: " + m.parts[1]);
  return {flinkrest::aggregated_metrics(subtask_metrics(metrics, job.id(), *found), m.query("get"), m.query("agg"))};
}

RestServer::RestServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RestServer::~RestServer() {
  if (impl_->server) impl_->server->stop();
}

int RestServer::port() const { return impl_->server->port(); }

Result<std::unique_ptr<RestServer>> RestServer::start(Job& job, obs::MetricRegistry& metrics,
                                                      RestServerOptions options) {
  auto impl = std::make_unique<Impl>(job, metrics);
  register_process_figures(metrics, *job.config().environment.clock, job.config().memory_bytes_max);
  const net::HttpServerOptions http{.host = options.host,
                                    .port = options.port,
                                    .unix_path = options.unix_path,
                                    .connections_max = 64,
                                    .body_bytes_max = kBodyBytesMax};
  impl->server = TRY(net::HttpServer::start(
      http,
      [at = impl.get()](net::HttpRequest& request, net::ResponseWriter& response) { at->handle(request, response); },
      impl->log));
  return std::unique_ptr<RestServer>(new RestServer(std::move(impl)));
}

}  // namespace raudal::runtime
