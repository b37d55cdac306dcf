#include "cluster/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace raudal::cluster {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

Error log_error(const std::string& what, const std::string& path) {
  return Error(ErrorCode::kIo, what + ", " + std::strerror(errno) + ": " + path);
}

// Closed with the object.
struct OpenFile {
  int fd = -1;
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

Status remove_link(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) return {};
  if (::unlink(path.c_str()) != 0) return log_error("Cannot remove what stands in a log file's place", path);
  return {};
}

Status bound_log_file(Fs& fs, const std::string& path, int64_t bytes_max) {
  const OpenFile from{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (from.fd < 0 && errno == ENOENT) return {};
  if (from.fd < 0) return log_error("Cannot open a log file", path);
  struct stat info;
  if (::fstat(from.fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= bytes_max) return {};
  const auto to = TRY(fs.open(path + ".1", OpenMode::kCreate));
  std::string piece(kPieceBytes, '\0');
  for (off_t offset = 0;;) {
    const ssize_t n = ::pread(from.fd, piece.data(), piece.size(), offset);
    if (n < 0) return log_error("Cannot read a log file", path);
    if (n == 0) break;
    TRY(to->append(std::string_view(piece.data(), static_cast<size_t>(n))));
    offset += n;
  }
  if (::ftruncate(from.fd, 0) != 0) return log_error("Cannot cut a log file", path);
  return {};
}

}  // namespace raudal::cluster
