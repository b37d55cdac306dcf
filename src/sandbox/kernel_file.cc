#include "sandbox/kernel_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace raudal::sandbox {
namespace {

Error file_error(const std::string& path) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return Error(code, path + ": " + std::strerror(errno));
}

}  // namespace

Result<std::string> read_kernel_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return file_error(path);
  std::string text;
  std::array<char, 4096> piece{};
  ssize_t n = 0;
  while ((n = ::read(fd, piece.data(), piece.size())) > 0) text.append(piece.data(), static_cast<size_t>(n));
  const Error error = file_error(path);
  ::close(fd);
  if (n < 0) return error;
  return text;
}

Status write_kernel_file(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return file_error(path);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const Error error = file_error(path);
  ::close(fd);
  if (!written) return error;
  return {};
}

}  // namespace raudal::sandbox
