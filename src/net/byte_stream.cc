#include "net/byte_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include <fmt/core.h>

namespace raudal::net {

int64_t monotonic_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Status wait_until_ready(int fd, short events, int timeout_ms) {
  const int64_t deadline_ms = monotonic_ms() + timeout_ms;
  while (true) {
    pollfd entry{.fd = fd, .events = events, .revents = 0};
    const int64_t left_ms = std::max<int64_t>(0, deadline_ms - monotonic_ms());
    const int ready = ::poll(&entry, 1, static_cast<int>(left_ms));
    if (ready > 0) return {};
    if (ready == 0) return Error(ErrorCode::kTimeout, fmt::format("Connection is silent for {} ms", timeout_ms));
    if (errno != EINTR) {
      return Error(ErrorCode::kIo, fmt::format("Connection failed at poll: {}", std::strerror(errno)));
    }
  }
}

Result<size_t> ByteStream::read_some(std::span<char> buffer, int timeout_ms) {
  while (true) {
    const StreamStep step = TRY(try_read(buffer));
    if (step.wait_for == 0) return step.num_bytes;
    TRY(wait_until_ready(fd(), step.wait_for, timeout_ms));
  }
}

Status ByteStream::write_all(std::string_view bytes, int timeout_ms) {
  while (!bytes.empty()) {
    const StreamStep step = TRY(try_write(bytes));
    bytes.remove_prefix(step.num_bytes);
    if (step.wait_for != 0) TRY(wait_until_ready(fd(), step.wait_for, timeout_ms));
  }
  return {};
}

void ByteStream::linger_close(int64_t bytes_max, int timeout_ms) {
  end_output();
  const int64_t deadline_ms = monotonic_ms() + timeout_ms;
  std::string buffer(64 << 10, '\0');
  while (bytes_max > 0 && monotonic_ms() < deadline_ms) {
    const auto n = read_some(buffer, static_cast<int>(std::max<int64_t>(1, deadline_ms - monotonic_ms())));
    if (!n.ok() || *n == 0) return;
    bytes_max -= static_cast<int64_t>(*n);
  }
}

void ByteStream::shut_down() { ::shutdown(fd(), SHUT_RDWR); }

}  // namespace raudal::net
