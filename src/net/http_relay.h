// Passes a request on to another HTTP server and its answer back, both as streams: used by the front door where another
// service takes the place of one of ours, and by the dashboard. Method, target and headers go as they came, but for
// those that belong to one connection.
#pragma once

#include <memory>
#include <string>

#include "net/http.h"

namespace raudal::net {

// Whom to ask, and for what.
struct RelayTarget {
  std::string base_url;   // "https://kinesis.eu-west-1.amazonaws.com"; on a Unix socket "http://localhost"
  std::string unix_path;  // empty: TCP
  std::string target;     // "/path?query", encoded
};

// Any thread; keeps connections for the next request.
class HttpRelay {
 public:
  HttpRelay();
  ~HttpRelay();

  // Answers in any case: 502 when the other server cannot be reached, 504 when it is silent.
  void relay(HttpRequest& request, ResponseWriter& response, const RelayTarget& target);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace raudal::net
