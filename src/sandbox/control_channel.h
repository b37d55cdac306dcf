// Messages with open descriptors over a SEQPACKET socket: how the supervisor talks with the steward of its room.
// Fields are length-prefixed strings, so that no text is ever split at a wrong place.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace raudal::sandbox {

// What is sent: a list of texts, of any length, and descriptors. The receiver owns the descriptors that it gets.
struct Message {
  std::vector<std::string> fields;
  std::vector<int> descriptors;
};

// The descriptors stay open on this side.
Status send_message(int socket, const Message& message);
// kNotFound when the other side is gone.
Result<Message> receive_message(int socket);

// Two connected ends, both close-on-exec.
Result<std::pair<int, int>> message_sockets();

void close_all(std::vector<int>& descriptors);

}  // namespace raudal::sandbox
