// Messages of AWS's event streams (application/vnd.amazon.eventstream), as SubscribeToShard sends them.
//
//   total length | length of headers | CRC-32 of these | headers | payload | CRC-32 of all before
//        4                4                  4                                    4
#pragma once

#include <string>
#include <string_view>

namespace raudal::neighbours::kinesis {

// What kind of message it is, and its payload's type.
struct EventHead {
  std::string_view message_type = "event";  // or "exception"
  std::string_view name;                    // of the event or of the exception
  std::string_view content_type;
};

std::string encode_event(const EventHead& head, std::string_view payload);

}  // namespace raudal::neighbours::kinesis
