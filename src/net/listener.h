// Listening sockets for the HTTP server: TCP, or a Unix socket whose path may be of any length.
#pragma once

#include <string>

#include "base/result.h"

namespace raudal::net {

// The caller closes the descriptor. `port` is 0 for a Unix socket.
struct ListeningSocket {
  int fd = -1;
  int port = 0;
};

// Port 0 takes any free one.
Result<ListeningSocket> listen_tcp(const std::string& host, int port);
// An old socket at that path is replaced; the new one has mode 0600.
Result<ListeningSocket> listen_unix(const std::string& path);

}  // namespace raudal::net
