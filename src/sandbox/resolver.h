// Coroutines of the switchboard that answer DNS queries of the room, over UDP and TCP. Used by switchboard.cc only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "sandbox/socket_relay.h"
#include "sandbox/switchboard.h"

namespace raudal::sandbox {

asio::awaitable<void> answer_datagrams(asio::posix::stream_descriptor socket, std::shared_ptr<const NameRules> rules);
asio::awaitable<void> answer_stream(Stream client, std::shared_ptr<const NameRules> rules);

// What the rules answer to a query; empty when it is for the machine's name servers, or is no query at all.
std::string own_answer(std::string_view query, const NameRules& rules);

}  // namespace raudal::sandbox
