// The loopback network of a room, and the sockets that wait in it. All of these act on the network namespace of the
// calling process.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace raudal::sandbox {

// Brings `lo` up, and makes the addresses at which clouds serve a machine's own credentials lead nowhere: a way out to
// other machines must not lead there.
Status bring_up_loopback();

// Non-blocking, close-on-exec sockets. The address is IPv4 in dots.
Result<int> listen_tcp(const std::string& address, uint16_t port);
Result<int> bind_udp(const std::string& address, uint16_t port);

}  // namespace raudal::sandbox
