#include "connectors/filesystem/part_writer.h"

#include <utility>

#include "base/check.h"
#include "codec/digest.h"

namespace raudal::connectors::filesystem {
namespace {

constexpr size_t kFlushBytes = size_t{1} << 20;

}  // namespace

Result<std::unique_ptr<PartWriter>> PartWriter::create(Fs& fs, std::string unpublished, std::string published,
                                                       int64_t now_ns) {
  std::unique_ptr<File> file = TRY(fs.open(unpublished, OpenMode::kCreateNew));
  PendingPart part{.unpublished = std::move(unpublished), .published = std::move(published)};
  return std::unique_ptr<PartWriter>(new PartWriter(fs, std::move(part), std::move(file), now_ns));
}

PartWriter::PartWriter(Fs& fs, PendingPart part, std::unique_ptr<File> file, int64_t now_ns)
    : fs_(fs), part_(std::move(part)), file_(std::move(file)), created_ns_(now_ns), last_write_ns_(now_ns) {}

PartWriter::~PartWriter() {
  if (!file_) return;
  file_.reset();
  // What cannot be removed stays hidden, and a later incarnation removes it.
  (void)fs_.remove(part_.unpublished);
}

Status PartWriter::written(int64_t now_ns) {
  last_write_ns_ = now_ns;
  if (buffer_.size() < kFlushBytes) return {};
  return flush();
}

Status PartWriter::flush() {
  if (buffer_.empty()) return {};
  TRY(file_->append(buffer_));
  part_.crc32c = codec::crc32c(buffer_, part_.crc32c);
  part_.length_bytes += static_cast<int64_t>(buffer_.size());
  buffer_.clear();
  return {};
}

Result<PendingPart> PartWriter::release() {
  CHECK(file_);
  TRY(flush());
  TRY(file_->sync());
  file_.reset();
  return std::move(part_);
}

}  // namespace raudal::connectors::filesystem
