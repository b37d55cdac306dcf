#include "net/timed_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

namespace raudal::net {
namespace {

Error socket_error(const char* what) {
  return Error(ErrorCode::kIo, fmt::format("Connection failed at {}: {}", what, std::strerror(errno)));
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

TimedSocket::~TimedSocket() { ::close(fd_); }

Result<StreamStep> TimedSocket::try_read(std::span<char> buffer) {
  while (true) {
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n >= 0) return StreamStep{static_cast<size_t>(n), 0};
    if (would_block()) return StreamStep{0, POLLIN};
    if (errno != EINTR) return socket_error("read");
  }
}

Result<StreamStep> TimedSocket::try_write(std::string_view bytes) {
  while (true) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) return StreamStep{static_cast<size_t>(n), 0};
    if (would_block()) return StreamStep{0, POLLOUT};
    if (errno != EINTR) return socket_error("write");
  }
}

void TimedSocket::end_output() { ::shutdown(fd_, SHUT_WR); }

}  // namespace raudal::net
