#include "connectors/filesystem/file_window.h"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>

namespace raudal::connectors::filesystem {

Status FileWindow::open(Fs& fs, const std::string& path, int64_t offset, int64_t size_bytes) {
  Result<std::unique_ptr<File>> file = fs.open(path, OpenMode::kRead);
  if (!file.ok()) {
    if (file.error().code() != ErrorCode::kNotFound) return std::move(file).error();
    return Error(ErrorCode::kSourceMissing, "A file was removed before it was read to its end: " + path);
  }
  file_ = std::move(file).value();
  path_ = path;
  size_bytes_ = size_bytes;
  read_offset_ = offset;
  begin_ = end_ = 0;
  return {};
}

Status FileWindow::fill() {
  if (at_end() || end_ - begin_ >= kRefillBytes) return {};
  return read_more(kBlockBytes);
}

Status FileWindow::extend() {
  const size_t held = end_ - begin_;
  if (held >= kRecordBytesMax) {
    return Error(ErrorCode::kDecode, fmt::format("A record is longer than {} MiB: {}, byte {}",
                                                 kRecordBytesMax >> 20, path_, offset()));
  }
  return read_more(std::max(2 * kBlockBytes, std::min(2 * held, kRecordBytesMax)));
}

// Moves what is left to the front and fills the buffer, which is made that large.
Status FileWindow::read_more(size_t capacity) {
  const size_t held = end_ - begin_;
  capacity = std::min<size_t>(capacity, held + (size_bytes_ - read_offset_));
  if (capacity > capacity_) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity + kPaddingBytes);
    if (held > 0) std::memcpy(larger.get(), buffer_.get() + begin_, held);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  } else if (held > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  }
  begin_ = 0;
  end_ = held;
  const size_t wanted = std::min<size_t>(capacity_ - held, size_bytes_ - read_offset_);
  const size_t got = TRY(file_->read_at(read_offset_, std::span(buffer_.get() + held, wanted)));
  if (got < wanted) {
    return Error(ErrorCode::kConnector, fmt::format("A file became shorter while it was read: {}, {} bytes of {}",
                                                    path_, read_offset_ + static_cast<int64_t>(got), size_bytes_));
  }
  end_ = held + got;
  read_offset_ += static_cast<int64_t>(got);
  std::memset(buffer_.get() + end_, 0, kPaddingBytes);
  return {};
}

}  // namespace raudal::connectors::filesystem
