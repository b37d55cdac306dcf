#include "apps/flink/finished_job.h"

#include "codec/json.h"
#include "flinkrest/checkpoints.h"
#include "flinkrest/error_response.h"
#include "flinkrest/job_details.h"
#include "flinkrest/job_exceptions.h"
#include "flinkrest/job_list.h"

namespace raudal::apps {

Result<std::unique_ptr<net::HttpServer>> serve_finished_job(const std::string& unix_path, const std::string& job_id,
                                                            const obs::Logger& log) {
  const auto answer = [job_id](net::HttpRequest& request, net::ResponseWriter& response) {
    const std::string job = "/jobs/" + job_id;
    const auto send = [&response](int status, const codec::JsonObject& body) {
      (void)response.send_json(status, codec::write_json(body));
    };
    if (request.path == "/jobs") return send(200, flinkrest::job_ids({{.id = job_id, .state = "FINISHED"}}));
    if (request.path == "/jobs/overview")
      return send(200, flinkrest::jobs_overview({{.id = job_id, .state = "FINISHED"}}));
    if (request.path == job && request.method == "GET") {
      return send(200,
                  flinkrest::to_json(flinkrest::JobDetails{.id = job_id, .name = "finished", .state = "FINISHED"}));
    }
    if (request.path == job + "/exceptions") return send(200, flinkrest::to_json(flinkrest::JobExceptions{}));
    if (request.path == job + "/checkpoints") return send(200, flinkrest::to_json(flinkrest::Checkpoints{}));
    send(404, flinkrest::error_response("The job has finished, and its cluster is gone"));
  };
  return net::HttpServer::start({.unix_path = unix_path}, answer, log);
}

}  // namespace raudal::apps
