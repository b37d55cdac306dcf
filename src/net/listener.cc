#include "net/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/core.h>

#include "net/unix_path.h"

namespace raudal::net {
namespace {

constexpr int kBacklog = 512;

Error listen_error(const std::string& what) {
  return Error(ErrorCode::kIo, fmt::format("Cannot listen on {}: {}", what, std::strerror(errno)));
}

}  // namespace

Result<ListeningSocket> listen_tcp(const std::string& host, int port) {
  const std::string what = fmt::format("{}:{}", host, port);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (rc != 0) return Error(ErrorCode::kIo, fmt::format("Cannot listen on {}: {}", what, ::gai_strerror(rc)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return listen_error(what);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    const Error error = listen_error(what);
    ::close(fd);
    return error;
  }
  const uint16_t taken = bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                                     : reinterpret_cast<sockaddr_in&>(bound).sin_port;
  return ListeningSocket{fd, ntohs(taken)};
}

Result<ListeningSocket> listen_unix(const std::string& path) {
  const UnixPath short_path(path);
  if (!short_path.fits()) return Error(ErrorCode::kInvalidArgument, "Unix socket's path is too long: " + path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, short_path.get().c_str(), short_path.get().size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return listen_error(path);
  struct stat old;
  if (::lstat(path.c_str(), &old) == 0 && S_ISSOCK(old.st_mode)) ::unlink(path.c_str());
  ::fchmod(fd, 0600);  // before bind(), so that it never exists with wider rights
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || ::listen(fd, kBacklog) != 0) {
    const Error error = listen_error(path);
    ::close(fd);
    return error;
  }
  ::chmod(path.c_str(), 0600);
  return ListeningSocket{fd, 0};
}

}  // namespace raudal::net
