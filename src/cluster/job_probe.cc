#include "cluster/job_probe.h"

#include <algorithm>

#include "codec/json.h"
#include "flinkrest/job_details.h"
#include "flinkrest/job_exceptions.h"

namespace raudal::cluster {
namespace {

JobPhase phase_of(const flinkrest::JobDetails& job) {
  if (job.state == "FINISHED") return JobPhase::kFinished;
  if (job.state == "FAILED") return JobPhase::kFailed;
  if (job.state == "CANCELED") return JobPhase::kCanceled;
  if (job.state == "RESTARTING" || job.state == "FAILING") return JobPhase::kRestarting;
  if (job.state != "RUNNING" || job.vertices.empty()) return JobPhase::kStarting;
  const bool all = std::all_of(job.vertices.begin(), job.vertices.end(), [](const flinkrest::JobVertex& vertex) {
    return vertex.status == "RUNNING" || vertex.status == "FINISHED";
  });
  return all ? JobPhase::kRunning : JobPhase::kStarting;
}

}  // namespace

Result<std::string> JobProbe::get(const std::string& target) {
  net::HttpResponse answer = TRY(http_.get(target));
  if (answer.status != 200) return Error(ErrorCode::kNotFound, "REST answers " + std::to_string(answer.status));
  return std::move(answer.body);
}

// Asks for the list first: Flink writes an error to the application's log for each question about a job that it does
// not know yet.
Result<std::string> JobProbe::find_job() {
  const codec::JsonObject answer = TRY(codec::parse_json_object(TRY(get("/jobs"))));
  const codec::JsonArray* jobs = codec::find_array(answer, "jobs");
  std::string chosen;
  for (const codec::Json& job : jobs ? *jobs : codec::JsonArray()) {
    if (!job.is_object()) continue;
    const auto id = codec::find_string(job.get_object(), "id");
    const auto status = codec::find_string(job.get_object(), "status");
    if (!id || (!job_id_.empty() && *id != job_id_)) continue;
    if (chosen.empty() || status != "FINISHED") chosen = *id;
  }
  if (chosen.empty()) return Error(ErrorCode::kNotFound, "There is no job");
  return chosen;
}

JobSight JobProbe::look() {
  const Result<std::string> id = find_job();
  if (!id.ok()) return {};
  const Result<std::string> text = get("/jobs/" + *id);
  if (!text.ok()) return {};
  const auto json = codec::parse_json_object(*text);
  if (!json.ok()) return {};
  const auto job = flinkrest::job_details_from_json(*json);
  if (!job.ok()) return {};
  return {.phase = phase_of(*job), .state = job->state};
}

std::string JobProbe::exception() {
  const Result<std::string> id = find_job();
  if (!id.ok()) return "";
  const Result<std::string> text = get("/jobs/" + *id + "/exceptions");
  if (!text.ok()) return "";
  const auto json = codec::parse_json_object(*text);
  if (!json.ok()) return "";
  const auto exceptions = flinkrest::job_exceptions_from_json(*json);
  return exceptions.entries.empty() ? "" : exceptions.entries.front().message;
}

}  // namespace raudal::cluster
