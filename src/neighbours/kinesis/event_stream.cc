#include "neighbours/kinesis/event_stream.h"

#include <cstdint>

#include "codec/digest.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr char kString = 7;
constexpr size_t kPreludeBytes = 12;
constexpr size_t kChecksumBytes = 4;

template <class T>
void put(std::string& out, T value) {
  for (int shift = sizeof(T) * 8 - 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

void put_header(std::string& out, std::string_view name, std::string_view value) {
  out += static_cast<char>(name.size());
  out += name;
  out += kString;
  put(out, static_cast<uint16_t>(value.size()));
  out += value;
}

}  // namespace

std::string encode_event(const EventHead& head, std::string_view payload) {
  std::string headers;
  put_header(headers, ":message-type", head.message_type);
  put_header(headers, head.message_type == "event" ? ":event-type" : ":exception-type", head.name);
  put_header(headers, ":content-type", head.content_type);
  const size_t size = kPreludeBytes + headers.size() + payload.size() + kChecksumBytes;
  std::string out;
  out.reserve(size);
  put(out, static_cast<uint32_t>(size));
  put(out, static_cast<uint32_t>(headers.size()));
  put(out, codec::crc32(out));
  out += headers;
  out += payload;
  put(out, codec::crc32(out));
  return out;
}

}  // namespace raudal::neighbours::kinesis
