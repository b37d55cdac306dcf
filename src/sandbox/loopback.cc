#include "sandbox/loopback.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace raudal::sandbox {
namespace {

Error socket_error(const std::string& what) {
  const ErrorCode code = errno == EADDRINUSE ? ErrorCode::kAlreadyExists : ErrorCode::kIo;
  return Error(code, what + ": " + std::strerror(errno));
}

Status set_interface(int fd, unsigned long request, ifreq& wanted) {
  if (::ioctl(fd, request, &wanted) != 0) return socket_error("Cannot set up the loopback interface");
  return {};
}

Status bring_up(int fd) {
  ifreq wanted{};
  std::strcpy(wanted.ifr_name, "lo");
  TRY(set_interface(fd, SIOCGIFFLAGS, wanted));
  wanted.ifr_flags |= IFF_UP | IFF_RUNNING;
  TRY(set_interface(fd, SIOCSIFFLAGS, wanted));
  // 169.254.0.0/16 is this room's own, so nobody answers there.
  ifreq link_local{};
  std::strcpy(link_local.ifr_name, "lo:1");
  auto* address = reinterpret_cast<sockaddr_in*>(&link_local.ifr_addr);
  address->sin_family = AF_INET;
  ::inet_pton(AF_INET, "169.254.169.254", &address->sin_addr);
  TRY(set_interface(fd, SIOCSIFADDR, link_local));
  ::inet_pton(AF_INET, "255.255.0.0", &address->sin_addr);
  return set_interface(fd, SIOCSIFNETMASK, link_local);
}

Result<int> bound_socket(int type, const std::string& address, uint16_t port) {
  const std::string where = address + ":" + std::to_string(port);
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return socket_error("No socket for " + where);
  const int on = 1;
  if (type == SOCK_STREAM) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1) errno = EINVAL;
  if (name.sin_addr.s_addr == 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0 ||
      (type == SOCK_STREAM && ::listen(fd, 1024) != 0)) {
    const Error error = socket_error("Cannot listen at " + where);
    ::close(fd);
    return error;
  }
  return fd;
}

}  // namespace

Status bring_up_loopback() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return socket_error("No socket for the loopback interface");
  const Status status = bring_up(fd);
  ::close(fd);
  return status;
}

Result<int> listen_tcp(const std::string& address, uint16_t port) { return bound_socket(SOCK_STREAM, address, port); }

Result<int> bind_udp(const std::string& address, uint16_t port) { return bound_socket(SOCK_DGRAM, address, port); }

}  // namespace raudal::sandbox
