#include "engine/rescaling.h"

#include <algorithm>
#include <map>

#include "codec/json.h"
#include "engine/flink_rest_connection.h"
#include "engine/run_directory.h"
#include "flinkrest/job_details.h"

namespace raudal::engine {
namespace {

constexpr char kScaleFile[] = "scale.json";

// How far one vertex may be scaled, as the scheduler knows it.
struct Bounds {
  int lower = 1;
  int upper = 1;
};
using Requirements = std::map<std::string, Bounds>;  // by vertex

// What a job is and what would change of it.
struct Plan {
  std::string job;  // path of its resource in REST
  Requirements requirements;
  ScaleFile scale;
};

Error cannot(const std::string& why) { return Error(ErrorCode::kUnsupportedOperation, why); }

Status check_launch(const LaunchFile& launch, int parallelism) {
  if (launch.engine != EngineKind::kFlinkLocal) return cannot("Only Flink clusters that run here scale a job in place");
  if (launch.flink.many_jobs) return cannot("A program that may start several jobs is not scaled in place");
  // Flink goes back to the newest checkpoint.
  if (!launch.checkpointing_enabled) return cannot("A job without checkpoints would lose its state");
  if (parallelism > launch.max_parallelism) return cannot("The state has fewer key groups than that");
  // There, an operator that must be the only one of its kind looks like any other, and may be chained to others.
  if (launch.parallelism < 2) {
    return cannot("A job launched at parallelism 1 does not show which operators are fixed at 1");
  }
  return {};
}

Result<Requirements> requirements_of(FlinkRestConnection& connection, const std::string& job) {
  const codec::JsonObject answer = TRY(connection.call({.target = job + "/resource-requirements"}));
  Requirements requirements;
  for (const auto& member : answer) {
    const codec::JsonObject* vertex = member.value().if_object();
    const codec::JsonObject* bounds = vertex ? codec::find_object(*vertex, "parallelism") : nullptr;
    if (bounds == nullptr) return Error(ErrorCode::kEngine, "The engine answered nonsense: a vertex without bounds");
    requirements[std::string(member.key())] = {
        .lower = static_cast<int>(TRY(codec::require_int(*bounds, "lowerBound"))),
        .upper = static_cast<int>(TRY(codec::require_int(*bounds, "upperBound")))};
  }
  return requirements;
}

// Those that have the parallelism of the launch follow it; those at 1 are alone by the program's will. Any other number
// is a sum that the program does with the parallelism, and only its main() can do that again.
Result<std::vector<std::string>> followers(const Requirements& requirements, int launched) {
  std::vector<std::string> vertices;
  for (const auto& [id, bounds] : requirements) {
    if (bounds.upper == launched) vertices.push_back(id);
    if (bounds.upper != launched && bounds.upper != 1) {
      return cannot("The program gives operators a parallelism of their own: " + std::to_string(bounds.upper));
    }
  }
  if (vertices.empty()) return cannot("All operators of the program have a fixed parallelism");
  return vertices;
}

Result<Plan> plan_of(Fs& fs, FlinkRestConnection& connection, const std::string& run_directory, int parallelism) {
  const LaunchFile launch = TRY(read_launch_file(fs, run_directory));
  TRY(check_launch(launch, parallelism));
  Plan plan{.job = "/jobs/" + job_id_of(launch.identity), .requirements = {}, .scale = {}};
  plan.requirements = TRY(requirements_of(connection, plan.job));
  const Result<ScaleFile> asked = read_scale_file(fs, run_directory);
  if (!asked.ok() && asked.error().code() != ErrorCode::kNotFound) return asked.error();
  plan.scale.incarnation = launch.identity.incarnation;
  plan.scale.parallelism = parallelism;
  if (asked.ok() && asked->incarnation == launch.identity.incarnation) {
    plan.scale.vertices = asked->vertices;
  } else {
    plan.scale.vertices = TRY(followers(plan.requirements, launch.parallelism));
  }
  return plan;
}

Result<int64_t> num_slots(FlinkRestConnection& connection) {
  const codec::JsonObject answer = TRY(connection.call({.target = "/taskmanagers"}));
  int64_t slots = 0;
  for (const codec::Json& each : *TRY(codec::require_array(answer, "taskmanagers"))) {
    if (each.is_object()) slots += codec::find_int(each.get_object(), "slotsNumber").value_or(0);
  }
  return slots;
}

Status require(FlinkRestConnection& connection, const Plan& plan) {
  codec::JsonObject body;
  for (const auto& [id, bounds] : plan.requirements) {
    body[id] = codec::JsonObject{
        {"parallelism", codec::JsonObject{{"lowerBound", bounds.lower}, {"upperBound", bounds.upper}}}};
  }
  TRY(connection.call({.method = "PUT",
                       .target = plan.job + "/resource-requirements",
                       .headers = {{"content-type", "application/json"}},
                       .body = codec::write_json(body)}));
  return {};
}

Result<bool> runs_scaled(FlinkRestConnection& connection, const Plan& plan) {
  const auto job = TRY(flinkrest::job_details_from_json(TRY(connection.call({.target = plan.job}))));
  if (job.state != "RUNNING" || job.vertices.empty()) return false;
  return std::ranges::all_of(job.vertices, [&](const flinkrest::JobVertex& vertex) {
    const bool follows = std::ranges::find(plan.scale.vertices, vertex.id) != plan.scale.vertices.end();
    if (follows && vertex.parallelism != plan.scale.parallelism) return false;
    return vertex.status == "RUNNING" || vertex.status == "FINISHED";
  });
}

}  // namespace

Status write_scale_file(Fs& fs, const std::string& run_directory, const ScaleFile& scale) {
  codec::JsonArray vertices;
  for (const std::string& id : scale.vertices) vertices.push_back(codec::Json(id));
  const codec::JsonObject object = {
      {"incarnation", scale.incarnation.value()}, {"parallelism", scale.parallelism}, {"vertices", vertices}};
  return write_file_durably(fs, join_path(run_directory, kScaleFile), codec::write_json_pretty(object));
}

Result<ScaleFile> read_scale_file(Fs& fs, const std::string& run_directory) {
  const std::string path = join_path(run_directory, kScaleFile);
  if (!exists(fs, path)) return Error(ErrorCode::kNotFound, "There is no " + path);
  const codec::JsonObject object = TRY(codec::parse_json_object(TRY(read_file(fs, path))));
  ScaleFile scale;
  scale.incarnation = Incarnation(TRY(codec::require_int(object, "incarnation")));
  scale.parallelism = static_cast<int>(TRY(codec::require_int(object, "parallelism")));
  for (const codec::Json& id : *TRY(codec::require_array(object, "vertices"))) {
    if (id.is_string()) scale.vertices.emplace_back(id.get_string());
  }
  return scale;
}

Status check_rescaling(Fs& fs, const RestEndpoint& endpoint, int parallelism) {
  FlinkRestConnection connection(endpoint);
  TRY(plan_of(fs, connection, endpoint.unix_directory, parallelism));
  return {};
}

Result<bool> rescale_in_place(Fs& fs, const RestEndpoint& endpoint, int parallelism) {
  FlinkRestConnection connection(endpoint);
  const std::string& run_directory = endpoint.unix_directory;
  Plan plan = TRY(plan_of(fs, connection, run_directory, parallelism));
  const Result<ScaleFile> asked = read_scale_file(fs, run_directory);
  if (!asked.ok() || asked->incarnation != plan.scale.incarnation || asked->parallelism != parallelism) {
    TRY(write_scale_file(fs, run_directory, plan.scale));
  }
  bool changes = false, grows = false;
  for (const std::string& id : plan.scale.vertices) {
    Bounds& bounds = plan.requirements[id];
    changes = changes || bounds.upper != parallelism;
    grows = grows || bounds.upper < parallelism;
    bounds = {.lower = 1, .upper = parallelism};
  }
  if (!changes) return runs_scaled(connection, plan);
  // All at once, when everything is there: each step of a job that grows step by step would be a restart.
  if (grows && TRY(num_slots(connection)) < parallelism) return false;
  TRY(require(connection, plan));
  return false;
}

Status Engine::check_rescale(const std::string&, int) { return cannot("This engine does not scale a job in place"); }

Result<bool> Engine::rescale(const std::string&, int) { return cannot("This engine does not scale a job in place"); }

}  // namespace raudal::engine
