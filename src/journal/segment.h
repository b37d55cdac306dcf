// A segment: one file of frames and, in memory, a sparse index of it, by lane. Used by the journal alone, which locks.
// A closed segment's index stands in a file beside it, so that opening a long log reads no frames; where that file is
// missing or damaged, the segment is scanned.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "journal/frame.h"

namespace raudal::journal {

// A frame from which a reader may begin.
struct IndexEntry {
  uint32_t position = 0;  // in the file
  uint32_t reserved = 0;
  uint64_t sequence = 0;
  int64_t time_ms = 0;
};

// What a segment holds of one lane.
struct LaneIndex {
  uint64_t end_sequence = 0;  // after its last record
  int64_t last_time_ms = 0;
  uint64_t bytes_since_entry = 0;
  std::vector<IndexEntry> entries;  // the lane's first frame, and then some
};

// One file of the log.
struct Segment {
  std::string path;
  uint64_t base_offset = 0;    // of its first byte in the whole log
  uint64_t base_sequence = 0;  // of its first record
  uint64_t size_bytes = 0;     // of what is durable
  uint64_t end_sequence = 0;
  int64_t last_time_ms = 0;
  std::map<uint32_t, LaneIndex> lanes;

  uint64_t end_offset() const { return base_offset + size_bytes; }
  // Takes note of the frame at the segment's end.
  void add(const FrameHeader& header);
};

// A gap of bytes that are no frames, in front of frames that are.
struct Damage {
  uint64_t position = 0;
  uint64_t size_bytes = 0;
};

std::string segment_name(uint64_t base_offset, uint64_t base_sequence);
// False: the name is no segment's.
bool parse_segment_name(std::string_view name, Segment& segment);
std::string index_path(const std::string& segment_path);

// Reads the whole file into the segment's index. What follows the last frame that was promised to anyone is not
// counted in size_bytes; the file keeps it.
Result<std::vector<Damage>> scan_segment(Fs& fs, Segment& segment);

std::string encode_index(const Segment& segment);
// kCorrupt unless these are the bytes of this segment's index.
Status decode_index(std::string_view bytes, Segment& segment);

}  // namespace raudal::journal
