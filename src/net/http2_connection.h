// One HTTP/2 connection: its thread reads and writes frames by nghttp2, and each stream's request runs on a thread of
// its own (handler_threads.h). Used by the server for TLS clients that agree on it and for plain ones that begin with
// it.
#pragma once

#include <string>
#include <string_view>

#include "net/byte_stream.h"
#include "net/handler_threads.h"
#include "net/http_connection.h"

namespace raudal::net {

// What every client of HTTP/2 sends first.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Serves until the peer leaves, is silent too long or breaks the rules, or until `stop_fd` is readable and the streams
// that run then have ended. `received` has been read from the stream already. Returns when no handler runs any more.
void serve_http2(ByteStream& stream, std::string_view received, const std::string& peer,
                 const ConnectionContext& context, HandlerThreads& threads, int stop_fd);

}  // namespace raudal::net
