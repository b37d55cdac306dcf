#include "cluster/job_probe.h"

#include <algorithm>

#include "codec/json.h"
#include "flinkrest/job_details.h"
#include "flinkrest/job_exceptions.h"

namespace raudal::cluster {
namespace {

JobPhase phase_of(std::string_view state) {
  if (state == "FINISHED") return JobPhase::kFinished;
  if (state == "FAILED") return JobPhase::kFailed;
  if (state == "CANCELED") return JobPhase::kCanceled;
  if (state == "RESTARTING" || state == "FAILING") return JobPhase::kRestarting;
  return JobPhase::kStarting;
}

bool all_run(const flinkrest::JobDetails& job) {
  const auto runs = [](const flinkrest::JobVertex& vertex) {
    return vertex.status == "RUNNING" || vertex.status == "FINISHED";
  };
  return !job.vertices.empty() && std::all_of(job.vertices.begin(), job.vertices.end(), runs);
}

}  // namespace

Result<std::string> JobProbe::get(const std::string& target) {
  net::HttpResponse answer = TRY(http_.get(target));
  if (answer.status != 200) return Error(ErrorCode::kNotFound, "REST answers " + std::to_string(answer.status));
  return std::move(answer.body);
}

// Asks for the list: Flink writes an error to the application's log for each question about a job that it does not know
// yet, and has no details of one that failed in main().
Result<JobProbe::Listed> JobProbe::find_job() {
  const codec::JsonObject answer = TRY(codec::parse_json_object(TRY(get("/jobs"))));
  const codec::JsonArray* jobs = codec::find_array(answer, "jobs");
  Listed chosen;
  for (const codec::Json& job : jobs ? *jobs : codec::JsonArray()) {
    if (!job.is_object()) continue;
    const auto id = codec::find_string(job.get_object(), "id");
    const auto state = codec::find_string(job.get_object(), "status");
    if (!id || !state || (!job_id_.empty() && *id != job_id_)) continue;
    if (chosen.id.empty() || *state != "FINISHED") chosen = {.id = std::string(*id), .state = std::string(*state)};
  }
  if (chosen.id.empty()) return Error(ErrorCode::kNotFound, "There is no job");
  return chosen;
}

JobSight JobProbe::look() {
  const Result<Listed> listed = find_job();
  if (!listed.ok()) return {};
  if (listed->state != "RUNNING") return {.phase = phase_of(listed->state), .state = listed->state};
  const Result<std::string> text = get("/jobs/" + listed->id);
  const auto json = codec::parse_json_object(text.ok() ? *text : "");
  if (!json.ok()) return {};
  const auto job = flinkrest::job_details_from_json(*json);
  if (!job.ok()) return {};
  const bool runs = job->state == "RUNNING" && all_run(*job);
  return {.phase = runs ? JobPhase::kRunning : phase_of(job->state), .state = job->state};
}

std::vector<std::string> JobProbe::idle_task_managers() {
  const Result<std::string> text = get("/taskmanagers");
  const auto json = codec::parse_json_object(text.ok() ? *text : "");
  const codec::JsonArray* listed = json.ok() ? codec::find_array(*json, "taskmanagers") : nullptr;
  std::vector<std::string> idle;
  for (const codec::Json& each : listed ? *listed : codec::JsonArray()) {
    if (!each.is_object()) continue;
    const auto id = codec::find_string(each.get_object(), "id");
    const auto slots = codec::find_int(each.get_object(), "slotsNumber");
    if (id && slots && codec::find_int(each.get_object(), "freeSlots") == slots) idle.emplace_back(*id);
  }
  return idle;
}

std::string JobProbe::exception() {
  const Result<Listed> listed = find_job();
  if (!listed.ok()) return "";
  const Result<std::string> text = get("/jobs/" + listed->id + "/exceptions");
  if (!text.ok()) return "";
  const auto json = codec::parse_json_object(*text);
  if (!json.ok()) return "";
  const auto exceptions = flinkrest::job_exceptions_from_json(*json);
  return exceptions.entries.empty() ? "" : exceptions.entries.front().message;
}

}  // namespace raudal::cluster
