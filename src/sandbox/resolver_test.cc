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
#include "sandbox/dns_message.h"
#include "sandbox/loopback.h"
#include "sandbox/switchboard.h"

namespace raudal::sandbox {
namespace {

std::string query_for(const std::string& name, uint16_t type) {
  std::string query("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  for (size_t at = 0; at < name.size();) {
    const size_t dot = std::min(name.find('.', at), name.size());
    query += static_cast<char>(dot - at);
    query += name.substr(at, dot - at);
    at = dot + 1;
  }
  query += '\0';
  return query + std::string{static_cast<char>(type >> 8), static_cast<char>(type), '\0', '\1'};
}

TEST(DnsMessage, question_is_read) {
  const auto question = parse_dns_query(query_for("b.s3.us-east-1.amazonaws.com", kDnsTypeA));
  ASSERT_TRUE(question.ok());
  EXPECT_EQ(question->name, "b.s3.us-east-1.amazonaws.com");
  EXPECT_EQ(question->type, kDnsTypeA);
}

TEST(DnsMessage, every_cut_of_a_query_is_refused) {
  const std::string query = query_for("kinesis.us-east-1.amazonaws.com", kDnsTypeA);
  for (size_t size = 0; size < query.size(); ++size) EXPECT_FALSE(parse_dns_query(query.substr(0, size)).ok()) << size;
  std::string looping = query;
  looping[12] = '\xc0';
  EXPECT_FALSE(parse_dns_query(looping).ok());
}

TEST(DnsMessage, answer_has_the_address_for_type_a_only) {
  const std::string a = query_for("x.amazonaws.com", kDnsTypeA), aaaa = query_for("x.amazonaws.com", 28);
  const std::string answer = dns_address_answer(a, *parse_dns_query(a), "127.0.0.2");
  EXPECT_EQ(answer.substr(0, 8), std::string("\x12\x34\x81\x80\x00\x01\x00\x01", 8));
  EXPECT_EQ(answer.substr(answer.size() - 4), std::string("\x7f\x00\x00\x02", 4));
  const std::string none = dns_address_answer(aaaa, *parse_dns_query(aaaa), "127.0.0.2");
  EXPECT_EQ(none.substr(2, 6), std::string("\x81\x80\x00\x01\x00\x00", 6));
  EXPECT_EQ(none.size(), aaaa.size());
}

TEST(DnsMessage, name_servers_are_the_first_three) {
  EXPECT_EQ(name_servers("# c\nnameserver 1.2.3.4\nsearch x\nnameserver ::1\nnameserver a\nnameserver b\n"),
            (std::vector<std::string>{"1.2.3.4", "::1", "a"}));
}

sockaddr_in local_name(const char* address, uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &name.sin_addr);
  return name;
}

uint16_t port_of(int fd) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

// Asks over UDP, or over TCP with the length in front.
std::string ask(uint16_t port, std::string query, bool by_stream) {
  const int fd = ::socket(AF_INET, by_stream ? SOCK_STREAM : SOCK_DGRAM, 0);
  const timeval patience{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_in name = local_name("127.0.0.1", port);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  if (by_stream) query = std::string{'\0', static_cast<char>(query.size())} + query;
  EXPECT_EQ(::send(fd, query.data(), query.size(), 0), static_cast<ssize_t>(query.size()));
  std::array<char, 512> reply{};
  const ssize_t n = ::recv(fd, reply.data(), reply.size(), 0);
  ::close(fd);
  return n < 0 ? std::string() : std::string(reply.data(), static_cast<size_t>(n)).substr(by_stream ? 2 : 0);
}

// A resolver on ports of its own, with one name server: 127.77.7.7, which answers every question with 10.1.2.3.
class ResolverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/raudal-resolver-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    ASSERT_TRUE(write_file_durably(*fs_, folder_ + "/resolv.conf", "nameserver 127.77.7.7\n").ok());
    const int udp = bind_udp("127.0.0.1", 0).value(), tcp = listen_tcp("127.0.0.1", 0).value();
    udp_port_ = port_of(udp);
    tcp_port_ = port_of(tcp);
    board_.resolve(udp, tcp, {.address = "127.0.0.2", .servers_file = folder_ + "/resolv.conf"});
    board_.start();
  }
  void TearDown() override {
    board_.stop();
    (void)fs_->remove_all(folder_);
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string folder_;
  uint16_t udp_port_ = 0, tcp_port_ = 0;
  Switchboard board_;
};

TEST_F(ResolverTest, aws_names_are_answered_here) {
  for (const bool by_stream : {false, true}) {
    const std::string reply =
        ask(by_stream ? tcp_port_ : udp_port_, query_for("sts.amazonaws.com", kDnsTypeA), by_stream);
    ASSERT_GE(reply.size(), 4u);
    EXPECT_EQ(reply.substr(reply.size() - 4), std::string("\x7f\x00\x00\x02", 4));
  }
}

TEST_F(ResolverTest, names_of_the_rooms_loopback_do_not_exist) {
  const std::string reply = ask(udp_port_, query_for("2.0.0.127.in-addr.arpa", 12), false);
  ASSERT_GE(reply.size(), 4u);
  EXPECT_EQ(reply[3] & 0xf, kDnsNoSuchName);
}

TEST_F(ResolverTest, other_names_are_the_name_servers_business) {
  const auto server = bind_udp("127.77.7.7", 53);
  if (!server.ok()) GTEST_SKIP() << "Port 53 is not ours: " << server.error().message();
  std::thread answering([fd = *server] {
    ::fcntl(fd, F_SETFL, 0);
    std::array<char, 512> query{};
    sockaddr_in client{};
    socklen_t size = sizeof client;
    const ssize_t n = ::recvfrom(fd, query.data(), query.size(), 0, reinterpret_cast<sockaddr*>(&client), &size);
    const std::string text(query.data(), static_cast<size_t>(n));
    const std::string reply = dns_address_answer(text, *parse_dns_query(text), "10.1.2.3");
    (void)!::sendto(fd, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&client), size);
  });
  const std::string reply = ask(udp_port_, query_for("broker.example.com", kDnsTypeA), false);
  answering.join();
  ::close(*server);
  ASSERT_GE(reply.size(), 4u);
  EXPECT_EQ(reply.substr(reply.size() - 4), std::string("\x0a\x01\x02\x03", 4));
}

TEST_F(ResolverTest, absent_name_server_is_a_failure_and_no_waiting_for_ever) {
  for (const bool by_stream : {false, true}) {
    const std::string reply =
        ask(by_stream ? tcp_port_ : udp_port_, query_for("broker.example.com", kDnsTypeA), by_stream);
    ASSERT_GE(reply.size(), 4u);
    EXPECT_EQ(reply[3] & 0xf, kDnsServerFailure);
  }
}

}  // namespace
}  // namespace raudal::sandbox
