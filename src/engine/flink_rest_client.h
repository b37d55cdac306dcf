// The one client of the Flink REST API: drives native workers and real JobManagers alike.
#pragma once

#include <memory>
#include <string>

#include "engine/engine.h"

namespace raudal::engine {

struct RestEndpoint {
  std::string unix_directory;  // folder of rest.sock; a path too long for a socket address is fine
  std::string base_url;        // or an address on TCP: "http://127.0.0.1:8081"
  int timeout_ms = 10'000;     // of one call
};

std::unique_ptr<JobClient> flink_rest_client(RestEndpoint endpoint, std::string job_id);

// All jobs of a cluster as one, for programs that start several: it fails when one fails, ends when all have, and has
// no savepoints.
std::unique_ptr<JobClient> many_jobs_client(RestEndpoint endpoint);

}  // namespace raudal::engine
