// One line to a JobManager's or a worker's REST API: sends a request and tells apart what the engine says, what comes
// from between, and silence. Used by everything in this folder that speaks to Flink; one thread at a time.
#pragma once

#include <string>

#include "codec/json.h"
#include "engine/flink_rest_client.h"
#include "net/http_client.h"

namespace raudal::engine {

class FlinkRestConnection {
 public:
  explicit FlinkRestConnection(RestEndpoint endpoint);
  ~FlinkRestConnection();
  FlinkRestConnection(const FlinkRestConnection&) = delete;

  // The answer's object. kNotFound and kInvalidRequest are the engine's own no, kServiceUnavailable a JobManager that
  // is not ready yet; after kTimeout and kEngine nobody knows whether the request was heard.
  Result<codec::JsonObject> call(const net::HttpCall& request);

 private:
  const int directory_;  // of the socket, so that its path is short; -1: TCP
  net::HttpClient http_;
};

}  // namespace raudal::engine
