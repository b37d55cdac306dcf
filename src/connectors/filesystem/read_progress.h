// What a file source has read, as state items.
//
//   item  = version u8 (1) · kind u8 · body        all numbers little-endian
//   'P'   = offset i64 · size i64 · modified i64 · path       a file that is being read or is next
//   'D'   = per file: shared u32 · length u32 · bytes         files that were read, sorted; each path begins with
//                                                             `shared` bytes of the one before
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "connectors/filesystem/table_files.h"

namespace raudal::connectors::filesystem {

// A file and how far it was read. It ends where it ended when it was found, whatever was appended since.
struct FileProgress {
  FoundFile file;
  int64_t offset = 0;
};

// All state items of a source, or those of one reader.
struct ReadProgress {
  std::vector<FileProgress> pending;
  std::vector<std::string> done;
};

// At least one item.
std::vector<std::string> encode_progress(ReadProgress progress);
// Reads the items of any number of readers. kCorrupt if one is not readable.
Result<ReadProgress> decode_progress(const std::vector<std::string>& items);

}  // namespace raudal::connectors::filesystem
