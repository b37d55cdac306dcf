// Stands in for the JobManager of a run whose job has finished: a successor of a supervisor that died before the
// control plane heard of the end. It runs nothing again; it only says over REST, as Flink would, that the job is
// FINISHED.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_server.h"
#include "obs/log.h"

namespace raudal::apps {

// Serves on RUN/rest.sock as long as the result lives; `log` must outlive it.
Result<std::unique_ptr<net::HttpServer>> serve_finished_job(const std::string& unix_path, const std::string& job_id,
                                                            const obs::Logger& log);

}  // namespace raudal::apps
