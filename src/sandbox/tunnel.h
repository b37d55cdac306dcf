// A coroutine of the switchboard that serves an HTTPS proxy (RFC 9110, CONNECT): how a program of a room without names
// of its own reaches the service under AWS's names. Used by switchboard.cc only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "sandbox/socket_relay.h"
#include "sandbox/switchboard.h"

namespace raudal::sandbox {

asio::awaitable<void> tunnel(Stream client, std::shared_ptr<const TunnelRules> rules);

struct TunnelRequest {
  std::string host;
  uint16_t port = 0;
};

// "CONNECT kinesis.us-east-1.amazonaws.com:443 HTTP/1.1"; empty for every other request.
std::optional<TunnelRequest> parse_connect(std::string_view head);

}  // namespace raudal::sandbox
