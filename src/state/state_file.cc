#include <fmt/core.h>

#include <algorithm>

#include "codec/digest.h"
#include "codec/zstd.h"
#include "state/byte_io.h"
#include "state/checkpoint_log.h"

namespace raudal::state {
namespace {

// docs/design/checkpoint-format.md draws the file.
constexpr std::string_view kMagic = "RAUDALST";
constexpr uint32_t kVersion = 1;
constexpr size_t kChunkHeaderBytes = 12;
constexpr int64_t kVerifyBlockBytes = 1 << 20;
constexpr uint32_t kChunkBytesMax = 256u << 20;   // far above any chunk: a nonsensical length is refused by it

Error corrupt(const FileRef& ref, std::string_view what) {
  return Error(ErrorCode::kCorrupt, fmt::format("State file {}: {}", what, ref.name));
}

// Opens a file whose length is what the manifest says.
Result<std::unique_ptr<File>> open_checked(Fs& fs, const std::string& directory, const FileRef& ref) {
  auto file = fs.open(join_path(directory, ref.name), OpenMode::kRead);
  if (!file.ok() && file.error().code() == ErrorCode::kNotFound) return corrupt(ref, "is missing");
  if (!file.ok()) return std::move(file).error();
  if (TRY((*file)->size()) != ref.length_bytes) return corrupt(ref, "has a wrong length");
  return std::move(file).value();
}

// Reads a file from its beginning and adds up the checksum of what it read.
class SequentialReader {
 public:
  SequentialReader(File& file, const FileRef& ref) : file_(file), ref_(ref) {}

  Result<std::string> read(size_t count) {
    if (offset_ + static_cast<int64_t>(count) > ref_.length_bytes) return corrupt(ref_, "ends early");
    std::string bytes(count, '\0');
    if (TRY(file_.read_at(offset_, bytes)) != count) return corrupt(ref_, "ends early");
    offset_ += static_cast<int64_t>(count);
    crc_ = codec::crc32c(bytes, crc_);
    return bytes;
  }
  bool at_end() const { return offset_ == ref_.length_bytes; }
  bool checksum_agrees() const { return crc_ == ref_.crc32c; }

 private:
  File& file_;
  const FileRef& ref_;
  int64_t offset_ = 0;
  uint32_t crc_ = 0;
};

}  // namespace

StateFileWriter::StateFileWriter(Fs& fs, std::string directory, std::string name)
    : fs_(fs), directory_(std::move(directory)) {
  ref_.name = std::move(name);
}

Status StateFileWriter::write(std::string_view bytes) {
  ref_.crc32c = codec::crc32c(bytes, ref_.crc32c);
  ref_.length_bytes += static_cast<int64_t>(bytes.size());
  return file_->append(bytes);
}

Status StateFileWriter::open() {
  const std::string path = join_path(directory_, ref_.name);
  TRY(fs_.make_directories(parent_directory(path)));
  file_ = TRY(fs_.open(path, OpenMode::kCreate));
  std::string header(kMagic);
  ByteWriter(&header).integer(kVersion);
  return write(header);
}

Status StateFileWriter::append(std::string_view chunk) {
  CHECK(!chunk.empty() && chunk.size() <= kChunkBytesMax);
  if (!file_) TRY(open());
  const std::string packed = codec::zstd_compress(chunk);
  std::string frame;
  ByteWriter out(&frame);
  out.integer(static_cast<uint32_t>(packed.size()));
  out.integer(static_cast<uint32_t>(chunk.size()));
  out.integer(codec::crc32c(packed));
  out.bytes(packed);
  ++num_chunks_;
  return write(frame);
}

Result<FileRef> StateFileWriter::finish() {
  if (!file_) TRY(open());
  std::string end;
  ByteWriter out(&end);
  out.integer(uint32_t{0});
  out.integer(num_chunks_);
  out.integer(codec::crc32c(end));
  TRY(write(end));
  TRY(file_->sync());
  file_.reset();
  const std::string folder = parent_directory(join_path(directory_, ref_.name));
  TRY(fs_.sync_directory(folder));
  if (folder != directory_) TRY(fs_.sync_directory(directory_));
  return ref_;
}

Status verify_state_file(Fs& fs, const std::string& directory, const FileRef& ref) {
  const auto file = TRY(open_checked(fs, directory, ref));
  SequentialReader in(*file, ref);
  for (int64_t left = ref.length_bytes; left > 0;) {
    const int64_t count = std::min<int64_t>(left, kVerifyBlockBytes);
    TRY(in.read(count));
    left -= count;
  }
  return in.checksum_agrees() ? Status() : corrupt(ref, "has a wrong checksum");
}

Status read_state_file(Fs& fs, const std::string& directory, const FileRef& ref,
                       const std::function<Status(std::string_view)>& chunk) {
  const auto file = TRY(open_checked(fs, directory, ref));
  SequentialReader in(*file, ref);
  if (TRY(in.read(kMagic.size())) != kMagic) return corrupt(ref, "has a wrong magic number");
  const std::string version = TRY(in.read(4));
  if (ByteReader(version).integer<uint32_t>() != kVersion) {
    return corrupt(ref, "has a format version that this release cannot read");
  }
  for (uint32_t num_chunks = 0;; ++num_chunks) {
    const std::string header = TRY(in.read(kChunkHeaderBytes));
    ByteReader fields(header);
    const uint32_t packed_size = fields.integer<uint32_t>();
    const uint32_t size = fields.integer<uint32_t>();
    const uint32_t crc = fields.integer<uint32_t>();
    if (packed_size == 0) {
      if (size != num_chunks || !in.at_end()) return corrupt(ref, "has a wrong number of chunks");
      return in.checksum_agrees() ? Status() : corrupt(ref, "has a wrong checksum");
    }
    const std::string packed = TRY(in.read(packed_size));
    if (size > kChunkBytesMax) return corrupt(ref, "has a chunk of a wrong length");
    if (codec::crc32c(packed) != crc) return corrupt(ref, "has a chunk with a wrong checksum");
    const auto raw = codec::zstd_decompress(packed, size);
    if (!raw.ok() || raw->size() != size) return corrupt(ref, "has a chunk that does not decompress");
    TRY(chunk(*raw));
  }
}

}  // namespace raudal::state
