#include "net/timed_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include <fmt/core.h>

namespace raudal::net {
namespace {

Error socket_error(const char* what) {
  return Error(ErrorCode::kIo, fmt::format("Connection failed at {}: {}", what, std::strerror(errno)));
}

int64_t now_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

TimedSocket::~TimedSocket() { ::close(fd_); }

Status TimedSocket::wait_for(short events, int timeout_ms) {
  const int64_t deadline_ms = now_ms() + timeout_ms;
  while (true) {
    pollfd entry{.fd = fd_, .events = events, .revents = 0};
    const int64_t left_ms = std::max<int64_t>(0, deadline_ms - now_ms());
    const int ready = ::poll(&entry, 1, static_cast<int>(left_ms));
    if (ready > 0) return {};
    if (ready == 0) return Error(ErrorCode::kTimeout, fmt::format("Connection is silent for {} ms", timeout_ms));
    if (errno != EINTR) return socket_error("poll");
  }
}

Result<size_t> TimedSocket::read_some(std::span<char> buffer, int timeout_ms) {
  while (true) {
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return socket_error("read");
    TRY(wait_for(POLLIN, timeout_ms));
  }
}

Status TimedSocket::write_all(std::string_view bytes, int timeout_ms) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return socket_error("write");
    TRY(wait_for(POLLOUT, timeout_ms));
  }
  return {};
}

void TimedSocket::linger_close(int64_t bytes_max, int timeout_ms) {
  ::shutdown(fd_, SHUT_WR);
  const int64_t deadline_ms = now_ms() + timeout_ms;
  std::string buffer(64 << 10, '\0');
  while (bytes_max > 0 && now_ms() < deadline_ms) {
    const auto n = read_some(buffer, static_cast<int>(std::max<int64_t>(1, deadline_ms - now_ms())));
    if (!n.ok() || *n == 0) return;
    bytes_max -= static_cast<int64_t>(*n);
  }
}

void TimedSocket::shut_down() { ::shutdown(fd_, SHUT_RDWR); }

}  // namespace raudal::net
