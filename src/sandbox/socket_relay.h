// Coroutines of the switchboard that pass bytes: an accepting loop, and the two directions of each connection. A closed
// direction is passed on as such (half-close), so that long streams and requests without a length work as without a
// relay. Used by switchboard.cc and resolver.cc only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "sandbox/switchboard.h"

namespace raudal::sandbox {

namespace asio = boost::asio;
using Stream = asio::generic::stream_protocol::socket;

// Accepts until the executor stops, and runs `serve` for each connection.
asio::awaitable<void> accept_loop(asio::posix::stream_descriptor listener,
                                  std::function<asio::awaitable<void>(Stream)> serve);

// Connects to the target and passes bytes both ways until both directions are closed.
asio::awaitable<void> relay(Stream inside, std::shared_ptr<const ForwardTarget> target);

// Passes bytes between two streams until both directions are closed.
asio::awaitable<void> join(Stream inside, Stream outside);

// A connected stream; its error says what failed.
asio::awaitable<Result<Stream>> dial(std::shared_ptr<const ForwardTarget> target);

}  // namespace raudal::sandbox
