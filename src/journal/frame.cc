#include "journal/frame.h"

#include <bit>
#include <cstring>

#include "base/check.h"
#include "codec/digest.h"

namespace raudal::journal {
namespace {

static_assert(std::endian::native == std::endian::little, "frames are written as they lie in memory");

constexpr uint32_t kMagic = 0x4A4C5552;  // "RULJ"
constexpr size_t kHashedBytes = kFrameHeaderBytes - sizeof(uint32_t);

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
T take(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  bytes.remove_prefix(sizeof(value));
  return value;
}

uint32_t header_hash(std::string_view header) {
  return static_cast<uint32_t>(codec::xxh3_64(header.substr(0, kHashedBytes)));
}

}  // namespace

void append_frame(std::string& out, FrameHeader header, std::string_view payload) {
  CHECK(payload.size() <= kPayloadBytesMax);
  header.payload_bytes = static_cast<uint32_t>(payload.size());
  const size_t start = out.size();
  put(out, kMagic);
  put(out, header.payload_bytes);
  put(out, header.lane);
  put(out, header.count);
  put(out, header.sequence);
  put(out, header.time_ms);
  put(out, header.durable_offset);
  put(out, codec::xxh3_64(payload));
  put(out, uint32_t{0});
  put(out, header_hash(std::string_view(out).substr(start)));
  out += payload;
  out.append(start + header.frame_bytes() - out.size(), '\0');
}

std::optional<FrameHeader> parse_frame_header(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  const std::string_view whole = bytes;
  if (take<uint32_t>(bytes) != kMagic) return std::nullopt;
  FrameHeader header;
  header.payload_bytes = take<uint32_t>(bytes);
  header.lane = take<uint32_t>(bytes);
  header.count = take<uint32_t>(bytes);
  header.sequence = take<uint64_t>(bytes);
  header.time_ms = take<int64_t>(bytes);
  header.durable_offset = take<uint64_t>(bytes);
  header.payload_hash = take<uint64_t>(bytes);
  take<uint32_t>(bytes);
  if (take<uint32_t>(bytes) != header_hash(whole) || header.payload_bytes > kPayloadBytesMax) return std::nullopt;
  return header;
}

bool is_intact(const FrameHeader& header, std::string_view payload) {
  return payload.size() == header.payload_bytes && codec::xxh3_64(payload) == header.payload_hash;
}

}  // namespace raudal::journal
