// Serves the Flink REST API for one job: what the control plane, Flink's own tools and its dashboard ask a cluster.
// Paths answer with and without the prefix /v1. Composition roots start one beside each job.
#pragma once

#include <memory>
#include <string>

#include "net/http_server.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "runtime/job.h"

namespace raudal::runtime {

struct RestServerOptions {
  std::string unix_path;  // empty: no Unix socket
  std::string host;       // empty: no TCP
  int port = 0;           // 0: any free one
};

// Listens from its making until its end. The job and the registry must outlive it.
class RestServer {
 public:
  static Result<std::unique_ptr<RestServer>> start(Job& job, obs::MetricRegistry& metrics, RestServerOptions options);
  ~RestServer();
  int port() const;

 private:
  struct Impl;
  explicit RestServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace raudal::runtime
