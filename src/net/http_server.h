// HTTP/1.1 and HTTP/2 server, on TCP and/or Unix sockets, with and without TLS: a thread per connection (and, in
// HTTP/2, per request), blocking reads and writes with deadlines.
// Few connections that do real work are served here, so threads are simpler than callbacks and handlers may block.
// Beyond connections_max a new connection is answered 503 and closed.
#pragma once

#include <memory>
#include <string>

#include "net/http.h"
#include "net/tls_stream.h"
#include "obs/log.h"

namespace raudal::net {

struct HttpServerOptions {
  std::string host;           // empty: no TCP
  int port = 0;               // 0: any free one
  std::string unix_path;      // empty: no Unix socket; an old socket there is replaced; mode 0600
  TlsContext* tls = nullptr;  // for the next three; must outlive the server
  std::string tls_host;       // empty: no TLS on TCP
  int tls_port = 0;
  std::string tls_unix_path;  // empty: none
  int connections_max = 1024;
  int64_t header_bytes_max = 64 << 10;
  int64_t body_bytes_max = int64_t{6} << 30;  // handlers set tighter ones by read_all
  int idle_timeout_ms = 75'000;               // between requests of one connection
  int header_timeout_ms = 15'000;  // from the first byte of a request to the end of its head; a TLS handshake
  int io_timeout_ms = 60'000;      // without any progress of body or response
};

// A running server; it listens from its making until stop().
class HttpServer {
 public:
  virtual ~HttpServer() = default;  // stops
  // The TCP port that was taken; 0 without TCP.
  virtual int port() const = 0;
  virtual int tls_port() const = 0;
  // No new connections; idle ones are closed; running handlers get up to grace_ms, then their sockets are shut.
  // Returns when all threads have ended.
  virtual void stop(int grace_ms = 500) = 0;

  // The handler is called from many threads and must outlive the server.
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, HttpHandler handler,
                                                   const obs::Logger& log);
};

}  // namespace raudal::net
