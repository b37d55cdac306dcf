// One HTTP/1.1 connection: reads requests one after another, hands each to the handler, writes the answers. Used by
// the server only; lives on its own thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "net/byte_stream.h"
#include "net/http_server.h"

namespace raudal::net {

// What a connection needs from its server. All outlives it.
struct ConnectionContext {
  const HttpServerOptions& options;
  const HttpHandler& handler;
  const obs::Logger& log;
  const std::atomic<bool>& stopping;
  bool over_tls = false;
};

// Serves one stream.
class HttpConnection {
 public:
  // `idle` is kept true between two requests.
  HttpConnection(ByteStream& stream, std::string peer, const ConnectionContext& context, std::atomic<bool>& idle);
  ~HttpConnection();

  // Serves until the peer leaves, an answer closes, or the server stops. True, having answered nothing, when the client
  // turns out to speak HTTP/2: unread() has what it sent so far.
  bool serve();
  std::string_view unread() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

 private:
  class Body;
  class Writer;
  struct Exchange;

  // Reads as much as it takes to tell; kIo and kTimeout when nothing comes.
  Result<bool> begins_as_http2();
  bool serve_one();
  // Reads a head into the exchange; false when there is none (anymore), after having answered what is to be answered.
  bool read_head(Exchange& exchange);
  Status fill(int timeout_ms);
  void answer_bad_head(int status, std::string_view why);

  ByteStream& stream_;
  const std::string peer_;
  const bool over_tls_;
  const HttpServerOptions& options_;
  const HttpHandler& handler_;
  const obs::Logger& log_;
  const std::atomic<bool>& stopping_;
  std::atomic<bool>& idle_;
  std::string buffer_;  // read from the socket, not yet parsed: [begin_, end_)
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace raudal::net
