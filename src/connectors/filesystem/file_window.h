// A part of a file in memory, for a decoder: whole blocks are read ahead, and there are readable bytes behind the end.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::connectors::filesystem {

class FileWindow {
 public:
  static constexpr size_t kBlockBytes = size_t{256} << 10;    // stays in the core's cache until it is decoded
  static constexpr size_t kRefillBytes = size_t{64} << 10;
  static constexpr size_t kPaddingBytes = 64;
  static constexpr size_t kRecordBytesMax = size_t{64} << 20;

  // Begins at `offset` of the file, which ends at size_bytes.
  Status open(Fs& fs, const std::string& path, int64_t offset, int64_t size_bytes);
  void close() { file_.reset(); }
  bool is_open() const { return file_ != nullptr; }

  // Reads ahead if little is left.
  Status fill();
  // Reads at least one block more, for a record that does not end in the window.
  Status extend();
  std::string_view bytes() const { return {buffer_.get() + begin_, end_ - begin_}; }
  // Whether nothing follows bytes().
  bool at_end() const { return read_offset_ == size_bytes_; }
  void consume(size_t count) { begin_ += count; }
  // Of the first of bytes().
  int64_t offset() const { return read_offset_ - static_cast<int64_t>(end_ - begin_); }

 private:
  Status read_more(size_t capacity);

  std::unique_ptr<File> file_;
  std::string path_;
  int64_t size_bytes_ = 0;
  int64_t read_offset_ = 0;          // up to where the file is in the buffer
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;              // without padding
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace raudal::connectors::filesystem
