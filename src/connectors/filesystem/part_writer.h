// One part that is being written: rows' bytes gather in memory and go to an unpublished file block by block.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "connectors/filesystem/part_name.h"

namespace raudal::connectors::filesystem {

// Removes its file when it is dropped, unless release() gave the part away.
class PartWriter {
 public:
  static Result<std::unique_ptr<PartWriter>> create(Fs& fs, std::string unpublished, std::string published,
                                                    int64_t now_ns);
  ~PartWriter();

  // Where rows are to be appended; written() afterwards.
  std::string* buffer() { return &buffer_; }
  Status written(int64_t now_ns);
  // All bytes are in the file, though perhaps not on the disk.
  Status flush();
  // All bytes are on the disk; the part is the caller's from here on.
  Result<PendingPart> release();

  int64_t length_bytes() const { return part_.length_bytes + static_cast<int64_t>(buffer_.size()); }
  int64_t created_ns() const { return created_ns_; }
  int64_t last_write_ns() const { return last_write_ns_; }

 private:
  PartWriter(Fs& fs, PendingPart part, std::unique_ptr<File> file, int64_t now_ns);

  Fs& fs_;
  PendingPart part_;
  std::unique_ptr<File> file_;      // null once released
  std::string buffer_;
  const int64_t created_ns_;
  int64_t last_write_ns_;
};

}  // namespace raudal::connectors::filesystem
