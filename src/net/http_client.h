// HTTP client over TCP or a Unix socket, with kept connections and deadlines. One request at a time per client;
// a thread has its own. A status of 4xx or 5xx is a response, not an error.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"

namespace raudal::net {

struct HttpClientOptions {
  std::string base_url;   // "http://127.0.0.1:8080"; on a Unix socket "http://localhost"
  std::string unix_path;  // empty: TCP; any length
  std::string ca_file;    // whom "https://…" trusts; empty: the machine's authorities
  bool http2 = false;     // speaks HTTP/2: agreed on by TLS, at once without
  int connect_timeout_ms = 2'000;
  int timeout_ms = 30'000;  // of a whole request
  size_t response_bytes_max = 64 << 20;
};

// An answer with its whole body.
struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

// What to send. A target is "/path?query", encoded already.
struct HttpCall {
  std::string method = "GET";
  std::string target = "/";
  HttpHeaders headers;
  std::string body;
  int timeout_ms = 0;  // 0: the client's
};

// Sends requests one at a time over kept connections.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  // kIo when there is no connection, kTimeout when the deadline passes, kRequestTooLarge for a longer response.
  Result<HttpResponse> send(const HttpCall& call);
  Result<HttpResponse> get(std::string target);
  Result<HttpResponse> post_json(std::string target, std::string body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace raudal::net
