// The frame of a record of the checkpoint log, and of a savepoint's `_metadata`. Used by manifest.cc and
// checkpoint_log.cc. A frame that is cut short, longer than it says or has a flipped bit is kCorrupt.
//
//   0   8  "RAUDALCK"
//   8   4  format version, 1
//   12  4  kind: 1 claim, 2 checkpoint
//   16  8  length of the body
//   24  n  body
//   24+n 4 CRC-32C of all bytes before
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "state/byte_io.h"

namespace raudal::state {

enum class RecordKind : uint32_t { kClaim = 1, kCheckpoint = 2 };

// A frame's kind, and its body, which points into the bytes that were read.
struct LogRecord {
  RecordKind kind = RecordKind::kClaim;
  std::string_view body;
};

std::string frame_record(RecordKind kind, std::string_view body);
Result<LogRecord> open_record(std::string_view bytes);

void write_identity(ByteWriter& out, const RunIdentity& identity);
RunIdentity read_identity(ByteReader& in);

}  // namespace raudal::state
