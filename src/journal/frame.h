// One append in a segment file: a header of 56 bytes, the payload, and zeros up to a multiple of eight. Used by the
// journal alone. A header says how far the log was durable when it was written: so recovery can tell a torn tail,
// which nobody was promised, from damage in front of frames that were.
//
//   magic | payload bytes | lane | count | sequence | time ms | durable offset | payload hash | 0 | header hash
//     4          4            4      4        8          8            8               8         4       4
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace raudal::journal {

inline constexpr size_t kFrameHeaderBytes = 56;
inline constexpr size_t kPayloadBytesMax = 64 << 20;

struct FrameHeader {
  uint32_t payload_bytes = 0;
  uint32_t lane = 0;
  uint32_t count = 0;  // records in the payload; they are numbered sequence, sequence + 1, …
  uint64_t sequence = 0;
  int64_t time_ms = 0;
  uint64_t durable_offset = 0;
  uint64_t payload_hash = 0;

  size_t frame_bytes() const { return kFrameHeaderBytes + (payload_bytes + 7) / 8 * 8; }
};

// Sizes and hashes are filled in here.
void append_frame(std::string& out, FrameHeader header, std::string_view payload);
// Nothing when these bytes begin no frame.
std::optional<FrameHeader> parse_frame_header(std::string_view bytes);
bool is_intact(const FrameHeader& header, std::string_view payload);

}  // namespace raudal::journal
