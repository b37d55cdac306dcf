#include "journal/segment.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/digest.h"

namespace raudal::journal {
namespace {

// A lane has an entry in the index at least so often, counted in its own bytes; and where it is rare, in the file's.
constexpr uint64_t kEntryBytes = 64 << 10;
constexpr uint64_t kEntryGapBytes = 1 << 20;
constexpr uint64_t kIndexMagic = 0x3158444E4C4A5552;  // "RUJLNDX1"
constexpr std::string_view kSuffix = ".log";

template <class T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
bool take(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof(value)) return false;
  std::memcpy(&value, bytes.data(), sizeof(value));
  bytes.remove_prefix(sizeof(value));
  return true;
}

// The frame at a position of the file, when it is whole.
std::optional<FrameHeader> whole_frame(std::string_view file, uint64_t position) {
  const auto header = parse_frame_header(file.substr(position));
  if (!header || file.size() - position < header->frame_bytes()) return std::nullopt;
  if (!is_intact(*header, file.substr(position + kFrameHeaderBytes, header->payload_bytes))) return std::nullopt;
  return header;
}

// Where the frames go on after bytes that are none: the first frame beyond that was written when these bytes were
// durable already. Without one, nothing from here on was ever promised.
std::optional<uint64_t> next_promised(std::string_view file, const Segment& segment, uint64_t bad) {
  bool promised = false;
  std::optional<uint64_t> first;
  for (uint64_t at = bad + 8; at + kFrameHeaderBytes <= file.size();) {
    const auto header = whole_frame(file, at);
    if (!header) {
      at += 8;
      continue;
    }
    if (!first) first = at;
    promised = promised || header->durable_offset > segment.base_offset + bad;
    if (promised) return first;
    at += header->frame_bytes();
  }
  return std::nullopt;
}

}  // namespace

void Segment::add(const FrameHeader& header) {
  LaneIndex& lane = lanes[header.lane];
  const bool is_far = !lane.entries.empty() && size_bytes - lane.entries.back().position >= kEntryGapBytes;
  if (lane.entries.empty() || lane.bytes_since_entry >= kEntryBytes || is_far) {
    lane.entries.push_back(
        {.position = static_cast<uint32_t>(size_bytes), .sequence = header.sequence, .time_ms = header.time_ms});
    lane.bytes_since_entry = 0;
  }
  lane.bytes_since_entry += header.frame_bytes();
  lane.end_sequence = header.sequence + header.count;
  lane.last_time_ms = header.time_ms;
  end_sequence = lane.end_sequence;
  last_time_ms = header.time_ms;
  size_bytes += header.frame_bytes();
}

std::string segment_name(uint64_t base_offset, uint64_t base_sequence) {
  return fmt::format("{:020}-{:020}{}", base_offset, base_sequence, kSuffix);
}

bool parse_segment_name(std::string_view name, Segment& segment) {
  if (name.size() != 41 + kSuffix.size() || !name.ends_with(kSuffix) || name[20] != '-') return false;
  const auto offset = parse_int(name.substr(0, 20));
  const auto sequence = parse_int(name.substr(21, 20));
  if (!offset || !sequence || *offset < 0 || *sequence < 0) return false;
  segment.base_offset = static_cast<uint64_t>(*offset);
  segment.base_sequence = segment.end_sequence = static_cast<uint64_t>(*sequence);
  return true;
}

std::string index_path(const std::string& segment_path) { return segment_path + ".index"; }

Result<std::vector<Damage>> scan_segment(Fs& fs, Segment& segment) {
  const std::string file = TRY(read_file(fs, segment.path));
  std::vector<Damage> damages;
  while (segment.size_bytes < file.size()) {
    const uint64_t position = segment.size_bytes;
    if (const auto header = whole_frame(file, position)) {
      segment.add(*header);
      continue;
    }
    const auto next = next_promised(file, segment, position);
    if (!next) break;
    damages.push_back({.position = position, .size_bytes = *next - position});
    segment.size_bytes = *next;
  }
  return damages;
}

// magic | base offset | size | end sequence | last time | lanes | per lane: number, end, last time, bytes, entries |
// hash
std::string encode_index(const Segment& segment) {
  std::string out;
  put(out, kIndexMagic);
  put(out, segment.base_offset);
  put(out, segment.size_bytes);
  put(out, segment.end_sequence);
  put(out, segment.last_time_ms);
  put(out, static_cast<uint64_t>(segment.lanes.size()));
  for (const auto& [number, lane] : segment.lanes) {
    put(out, static_cast<uint64_t>(number));
    put(out, lane.end_sequence);
    put(out, lane.last_time_ms);
    put(out, static_cast<uint64_t>(lane.entries.size()));
    for (const IndexEntry& entry : lane.entries) put(out, entry);
  }
  put(out, codec::xxh3_64(out));
  return out;
}

Status decode_index(std::string_view bytes, Segment& segment) {
  const Error bad(ErrorCode::kCorrupt, "Index of a segment is damaged: " + segment.path);
  if (bytes.size() < 2 * sizeof(uint64_t)) return bad;
  std::string_view tail = bytes.substr(bytes.size() - sizeof(uint64_t));
  bytes.remove_suffix(sizeof(uint64_t));
  uint64_t hash = 0;
  take(tail, hash);
  if (hash != codec::xxh3_64(bytes)) return bad;
  uint64_t magic = 0, base_offset = 0, num_lanes = 0;
  Segment read = segment;
  if (!take(bytes, magic) || !take(bytes, base_offset) || !take(bytes, read.size_bytes) ||
      !take(bytes, read.end_sequence) || !take(bytes, read.last_time_ms) || !take(bytes, num_lanes)) {
    return bad;
  }
  if (magic != kIndexMagic || base_offset != segment.base_offset) return bad;
  for (uint64_t i = 0; i < num_lanes; ++i) {
    uint64_t number = 0, num_entries = 0;
    LaneIndex lane;
    if (!take(bytes, number) || !take(bytes, lane.end_sequence) || !take(bytes, lane.last_time_ms) ||
        !take(bytes, num_entries) || num_entries > bytes.size() / sizeof(IndexEntry)) {
      return bad;
    }
    lane.entries.resize(num_entries);
    for (IndexEntry& entry : lane.entries) take(bytes, entry);
    read.lanes.emplace(static_cast<uint32_t>(number), std::move(lane));
  }
  if (!bytes.empty()) return bad;
  segment = std::move(read);
  return {};
}

}  // namespace raudal::journal
