#include "sandbox/switchboard.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "base/fs.h"
#include "sandbox/loopback.h"

namespace raudal::sandbox {
namespace {

int connect_to(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, "127.0.0.1", &name.sin_addr);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  return fd;
}

int accept_from(int listener) {
  const int fd = ::accept(listener, nullptr, nullptr);
  const timeval patience{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 65536> piece;
  ssize_t n = 0;
  while ((n = ::read(fd, piece.data(), piece.size())) > 0) text.append(piece.data(), static_cast<size_t>(n));
  return n < 0 ? text + " and no end" : text;
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

// A forward to a Unix socket in a folder whose path is longer than a socket's name may be.
class SwitchboardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/raudal-switchboard-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    const std::string deep = folder_ + "/" + std::string(120, 'd');
    ASSERT_TRUE(fs_->make_directories(deep).ok());
    path_ = deep + "/service.sock";
    target_ = listen_unix(path_).value();
    ::fcntl(target_, F_SETFL, 0);
    const int listener = listen_tcp("127.0.0.1", 0).value();
    sockaddr_in name{};
    socklen_t size = sizeof name;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
    board_.forward(listener, {.unix_path = path_});
    board_.start();
  }
  void TearDown() override {
    board_.stop();
    ::close(target_);
    (void)fs_->remove_all(folder_);
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string folder_, path_;
  int target_ = -1;
  uint16_t port_ = 0;
  Switchboard board_;
};

TEST_F(SwitchboardTest, closed_direction_is_passed_on_and_the_other_stays_open) {
  const int client = connect_to(port_);
  const int service = accept_from(target_);
  write_all(client, "request");
  ::shutdown(client, SHUT_WR);
  EXPECT_EQ(read_to_end(service), "request");
  write_all(service, "answer after the request's end");
  ::close(service);
  EXPECT_EQ(read_to_end(client), "answer after the request's end");
  ::close(client);
}

TEST_F(SwitchboardTest, all_bytes_arrive_in_order_through_a_slow_reader) {
  std::string sent(20 << 20, '\0');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 2654435761u >> 24);
  const int client = connect_to(port_);
  const int service = accept_from(target_);
  std::thread both([&] {
    write_all(service, sent);
    ::shutdown(service, SHUT_WR);
    EXPECT_EQ(read_to_end(service).size(), sent.size());
  });
  std::thread writer([&] {
    write_all(client, sent);
    ::shutdown(client, SHUT_WR);
  });
  const std::string got = read_to_end(client);
  both.join();
  writer.join();
  EXPECT_TRUE(got == sent);
  ::close(client);
  ::close(service);
}

TEST_F(SwitchboardTest, silent_connections_do_not_hold_up_others) {
  std::vector<int> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(connect_to(port_));
    silent.push_back(accept_from(target_));
  }
  const int client = connect_to(port_);
  const int service = accept_from(target_);
  write_all(service, "here");
  ::close(service);
  EXPECT_EQ(read_to_end(client), "here");
  ::close(client);
  for (const int fd : silent) ::close(fd);
}

TEST_F(SwitchboardTest, cut_stream_is_no_complete_stream) {
  const int client = connect_to(port_);
  const int service = accept_from(target_);
  write_all(client, "never read");
  ::close(service);  // with bytes unread: the connection is reset
  char byte = 0;
  write_all(client, "more");
  EXPECT_LE(::read(client, &byte, 1), 0);
  ::close(client);
}

TEST_F(SwitchboardTest, absent_target_closes_the_connection) {
  ::unlink(path_.c_str());
  const int client = connect_to(port_);
  char byte = 0;
  EXPECT_LE(::read(client, &byte, 1), 0);
  ::close(client);
}

}  // namespace
}  // namespace raudal::sandbox
