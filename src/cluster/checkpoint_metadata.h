// Reads `_metadata`, the file with which Flink says what a checkpoint or savepoint consists of: formats 2 to 7, that is
// Flink 1.3 to 2.x. Only what decides whether it can be restored is kept: that the file is whole, and the files that it
// refers to. Used for the choice of what to restore, and to prove a savepoint.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace raudal::cluster {

// A file that state lies in.
struct StateFile {
  std::string path;        // as Flink wrote it: "file:/…", "s3://…"; of a relative one only the name in the folder
  bool relative = false;   // to the folder of _metadata
  int64_t size_bytes = 0;  // at least so long
};

// What is kept of a whole `_metadata`.
struct CheckpointMetadata {
  int version = 0;
  int64_t checkpoint_id = 0;
  int num_operators = 0;
  int64_t inline_bytes = 0;      // of state that lies in _metadata itself
  std::vector<StateFile> files;  // a file may be named several times
};

inline constexpr char kMetadataFile[] = "_metadata";

// kCorrupt with what is wrong: no metadata of Flink, an unknown format, cut short, or followed by something else.
Result<CheckpointMetadata> parse_checkpoint_metadata(std::string_view bytes);

}  // namespace raudal::cluster
