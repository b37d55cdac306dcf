// One HTTP/1.1 connection: reads requests one after another, hands each to the handler, writes the answers. Used by
// the server only; lives on its own thread, except shut_down() and idle().
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "net/http_server.h"
#include "net/timed_socket.h"

namespace raudal::net {

class HttpConnection {
 public:
  HttpConnection(int fd, std::string peer, const HttpServerOptions& options, const HttpHandler& handler,
                 const obs::Logger& log, const std::atomic<bool>& stopping);
  ~HttpConnection();

  // Serves until the peer leaves, an answer closes, or the server stops.
  void serve();
  // Between two requests.
  bool idle() const { return idle_; }
  void shut_down() { socket_.shut_down(); }

 private:
  class Body;
  class Writer;
  struct Exchange;

  bool serve_one();
  // Reads a head into the exchange; false when there is none (anymore), after having answered what is to be answered.
  bool read_head(Exchange& exchange);
  Status fill(int timeout_ms);
  void answer_bad_head(int status, std::string_view why);

  TimedSocket socket_;
  const std::string peer_;
  const HttpServerOptions& options_;
  const HttpHandler& handler_;
  const obs::Logger& log_;
  const std::atomic<bool>& stopping_;
  std::atomic<bool> idle_{true};
  std::string buffer_;      // read from the socket, not yet parsed: [begin_, end_)
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace raudal::net
