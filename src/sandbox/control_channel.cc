#include "sandbox/control_channel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace raudal::sandbox {
namespace {

constexpr size_t kDescriptorsMax = 250;  // the kernel's limit is 253 a message; one carries the fields
constexpr size_t kBytesMax = size_t{16} << 20;

Error channel_error(const char* what) { return Error(ErrorCode::kIo, std::string(what) + ": " + std::strerror(errno)); }

std::string pack(const std::vector<std::string>& fields) {
  std::string bytes;
  for (const std::string& field : fields) {
    const auto size = static_cast<uint32_t>(field.size());
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes += field;
  }
  return bytes;
}

Result<std::vector<std::string>> unpack(const std::string& bytes) {
  std::vector<std::string> fields;
  for (size_t at = 0; at < bytes.size();) {
    uint32_t size = 0;
    if (bytes.size() - at < sizeof size) return Error(ErrorCode::kCorrupt, "A message of the room is cut");
    std::memcpy(&size, bytes.data() + at, sizeof size);
    at += sizeof size;
    if (bytes.size() - at < size) return Error(ErrorCode::kCorrupt, "A message of the room is cut");
    fields.push_back(bytes.substr(at, size));
    at += size;
  }
  return fields;
}

// The fields go in a memory file, since a class path and an environment may be longer than a packet.
Result<int> memory_file(const std::string& bytes) {
  const int fd = ::memfd_create("room-message", MFD_CLOEXEC);
  if (fd < 0) return channel_error("memfd_create failed");
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (n <= 0) {
      ::close(fd);
      return channel_error("Cannot write a message of the room");
    }
    at += static_cast<size_t>(n);
  }
  return fd;
}

Result<std::string> read_memory_file(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size < 0 || static_cast<size_t>(size) > kBytesMax) return Error(ErrorCode::kCorrupt, "A message is too long");
  std::string bytes(static_cast<size_t>(size), '\0');
  if (::pread(fd, bytes.data(), bytes.size(), 0) != size) return channel_error("Cannot read a message of the room");
  return bytes;
}

Status send_descriptors(int socket, const std::vector<int>& descriptors) {
  char byte = 'm';
  iovec part{&byte, 1};
  std::array<char, CMSG_SPACE(sizeof(int) * (kDescriptorsMax + 1))> space{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = space.data();
  header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
  cmsghdr* control = CMSG_FIRSTHDR(&header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
  std::memcpy(CMSG_DATA(control), descriptors.data(), sizeof(int) * descriptors.size());
  while (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return channel_error("The room does not listen");
  }
  return {};
}

}  // namespace

Status send_message(int socket, const Message& message) {
  if (message.descriptors.size() > kDescriptorsMax) {
    return Error(ErrorCode::kInternal, "Too many descriptors for one message");
  }
  std::vector<int> sent{TRY(memory_file(pack(message.fields)))};
  sent.insert(sent.end(), message.descriptors.begin(), message.descriptors.end());
  const Status status = send_descriptors(socket, sent);
  ::close(sent[0]);
  return status;
}

Result<Message> receive_message(int socket) {
  char byte = 0;
  iovec part{&byte, 1};
  std::array<char, CMSG_SPACE(sizeof(int) * (kDescriptorsMax + 1))> space{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = space.data();
  header.msg_controllen = space.size();
  ssize_t got = 0;
  while ((got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {}
  if (got < 0 && errno != ECONNRESET) return channel_error("Cannot hear the room");
  if (got <= 0) return Error(ErrorCode::kNotFound, "The room is gone");
  Message message;
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    message.descriptors.resize(count);
    std::memcpy(message.descriptors.data(), CMSG_DATA(control), count * sizeof(int));
  }
  if (message.descriptors.empty()) return Error(ErrorCode::kCorrupt, "A message of the room has no content");
  const Result<std::string> bytes = read_memory_file(message.descriptors[0]);
  ::close(message.descriptors[0]);
  message.descriptors.erase(message.descriptors.begin());
  auto fields = bytes.ok() ? unpack(bytes.value()) : Result<std::vector<std::string>>(bytes.error());
  if (!fields.ok()) {
    close_all(message.descriptors);
    return fields.error();
  }
  message.fields = std::move(fields).value();
  return message;
}

Result<std::pair<int, int>> message_sockets() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return channel_error("socketpair failed");
  return std::pair<int, int>(ends[0], ends[1]);
}

void close_all(std::vector<int>& descriptors) {
  for (const int fd : descriptors) ::close(fd);
  descriptors.clear();
}

}  // namespace raudal::sandbox
