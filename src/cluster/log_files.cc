#include "cluster/log_files.h"

namespace raudal::cluster {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

}  // namespace

Status bound_log_file(Fs& fs, const std::string& path, int64_t bytes_max) {
  const Result<FileInfo> info = fs.info(path);
  if (!info.ok() || info->size_bytes <= bytes_max) return {};
  const auto from = TRY(fs.open(path, OpenMode::kAppend));
  const auto read = TRY(fs.open(path, OpenMode::kRead));
  const auto to = TRY(fs.open(path + ".1", OpenMode::kCreate));
  std::string piece(kPieceBytes, '\0');
  for (int64_t offset = 0;;) {
    const size_t n = TRY(read->read_at(offset, std::span<char>(piece.data(), piece.size())));
    if (n == 0) break;
    TRY(to->append(std::string_view(piece.data(), n)));
    offset += static_cast<int64_t>(n);
  }
  return from->truncate(0);
}

}  // namespace raudal::cluster
