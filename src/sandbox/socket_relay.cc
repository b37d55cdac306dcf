#include "sandbox/socket_relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/fs.h"

namespace raudal::sandbox {
namespace {

using boost::system::error_code;
constexpr auto kRetryPause = std::chrono::milliseconds(20);
constexpr int kBusyRetriesMax = 250;  // a Unix socket whose queue is full is tried for 5 s

asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// Both ends of a relayed connection; alive as long as a direction is.
struct Pair {
  Pair(Stream one, Stream other) : inside(std::move(one)), outside(std::move(other)) {}

  Stream inside;
  Stream outside;

  void abort() {
    error_code ignored;
    for (Stream* stream : {&inside, &outside}) {
      // The other side learns that the stream was cut, and does not take it for a complete one.
      if (stream->is_open()) stream->set_option(asio::socket_base::linger(true, 0), ignored);
      stream->close(ignored);
    }
  }
};

void without_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // no effect on a Unix socket
}

// Sends all bytes; false when the other side is gone.
asio::awaitable<bool> send_all(Stream& to, const char* bytes, size_t size) {
  size_t sent = 0;
  std::string rest;  // the caller's buffer is shared between connections: what must wait is kept here
  while (sent < size) {
    const ssize_t n = ::send(to.native_handle(), bytes + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      sent += static_cast<size_t>(n);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return false;
    if (rest.empty()) {
      rest.assign(bytes + sent, size - sent);
      bytes = rest.data();
      size = rest.size();
      sent = 0;
    }
    error_code failed;
    co_await to.async_wait(asio::socket_base::wait_write, asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return false;
  }
  co_return true;
}

asio::awaitable<void> pass(std::shared_ptr<Pair> pair, Stream& from, Stream& to) {
  static thread_local std::array<char, 64 << 10> buffer;
  for (;;) {
    error_code failed;
    co_await from.async_wait(asio::socket_base::wait_read, asio::redirect_error(asio::use_awaitable, failed));
    if (failed || !from.is_open()) co_return pair->abort();
    const ssize_t n = ::recv(from.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n < 0) co_return pair->abort();
    if (n == 0) {
      ::shutdown(to.native_handle(), SHUT_WR);
      co_return;
    }
    const bool sent = co_await send_all(to, buffer.data(), static_cast<size_t>(n));
    if (!sent) co_return pair->abort();
  }
}

// The address of a Unix socket by way of its folder's descriptor, since a name holds 107 bytes at most.
sockaddr_un unix_name(int folder, const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string text = "/proc/self/fd/" + std::to_string(folder) + "/" + base_name(path);
  std::strncpy(name.sun_path, text.c_str(), sizeof name.sun_path - 1);
  return name;
}

// 0, or errno. A Unix socket connects at once or not at all; a TCP socket goes on with EINPROGRESS.
int begin_connect(int fd, const ForwardTarget& target) {
  if (!target.unix_path.empty()) {
    const int folder = ::open(parent_directory(target.unix_path).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    const sockaddr_un name = unix_name(folder, target.unix_path);
    const int failed = ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
    ::close(folder);
    return failed;
  }
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(target.port);
  if (::inet_pton(AF_INET, target.address.c_str(), &name.sin_addr) != 1) return EINVAL;
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
}

Result<int> socket_for(const ForwardTarget& target) {
  if (target.make_socket) return target.make_socket();
  const int family = target.unix_path.empty() ? AF_INET : AF_UNIX;
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error(ErrorCode::kIo, std::string("No socket: ") + std::strerror(errno));
  return fd;
}

}  // namespace

asio::awaitable<Result<Stream>> dial(std::shared_ptr<const ForwardTarget> target) {
  const auto executor = co_await asio::this_coro::executor;
  Result<int> fd = socket_for(*target);
  if (!fd.ok()) co_return fd.error();
  Stream stream(executor);
  error_code failed;
  stream.assign(asio::generic::stream_protocol(target->unix_path.empty() ? AF_INET : AF_UNIX, 0), *fd, failed);
  int code = begin_connect(*fd, *target);
  for (int tries = 0; code == EAGAIN && tries < kBusyRetriesMax; ++tries) {
    co_await pause(kRetryPause);
    code = begin_connect(*fd, *target);
  }
  if (code == EINPROGRESS) {
    co_await stream.async_wait(asio::socket_base::wait_write, asio::redirect_error(asio::use_awaitable, failed));
    socklen_t size = sizeof code;
    if (failed || ::getsockopt(*fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0) code = ECONNABORTED;
  }
  if (code != 0) co_return Error(ErrorCode::kIo, std::string("Cannot connect: ") + std::strerror(code));
  without_delay(*fd);
  co_return std::move(stream);
}

asio::awaitable<void> accept_loop(asio::posix::stream_descriptor listener,
                                  std::function<asio::awaitable<void>(Stream)> serve) {
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    error_code failed;
    co_await listener.async_wait(asio::posix::descriptor_base::wait_read,
                                 asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
    const int fd = ::accept4(listener.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      // No descriptor is left, or none was waiting any more: others end in the meantime.
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) co_await pause(kRetryPause);
      continue;
    }
    without_delay(fd);
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
    Stream stream(executor);
    stream.assign(asio::generic::stream_protocol(name.ss_family, 0), fd, failed);
    asio::co_spawn(executor, serve(std::move(stream)), asio::detached);
  }
}

asio::awaitable<void> relay(Stream inside, std::shared_ptr<const ForwardTarget> target) {
  Result<Stream> outside = co_await dial(target);
  if (!outside.ok()) {
    error_code ignored;
    inside.set_option(asio::socket_base::linger(true, 0), ignored);
    co_return;
  }
  co_await join(std::move(inside), std::move(outside).value());
}

asio::awaitable<void> join(Stream inside, Stream outside) {
  const auto executor = co_await asio::this_coro::executor;
  const auto pair = std::make_shared<Pair>(std::move(inside), std::move(outside));
  asio::co_spawn(executor, pass(pair, pair->outside, pair->inside), asio::detached);
  co_await pass(pair, pair->inside, pair->outside);
}

Result<int> listen_unix(const std::string& path) {
  const int folder = ::open(parent_directory(path).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Error(ErrorCode::kNotFound, "No folder for a socket: " + path);
  ::unlinkat(folder, base_name(path).c_str(), 0);
  const sockaddr_un name = unix_name(folder, path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool listens = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
                       ::fchmodat(folder, base_name(path).c_str(), 0600, 0) == 0 && ::listen(fd, 1024) == 0;
  const int code = errno;
  ::close(folder);
  if (listens) return fd;
  if (fd >= 0) ::close(fd);
  return Error(ErrorCode::kIo, "Cannot listen at " + path + ": " + std::strerror(code));
}

}  // namespace raudal::sandbox
