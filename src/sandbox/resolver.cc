#include "sandbox/resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <sstream>

#include "base/fs.h"
#include "sandbox/aws_names.h"
#include "sandbox/dns_message.h"

namespace raudal::sandbox {
namespace {

using boost::system::error_code;
using namespace boost::asio::experimental::awaitable_operators;
using Descriptor = asio::posix::stream_descriptor;

constexpr auto kAnswerTime = std::chrono::seconds(2);   // for one name server
constexpr auto kStreamTime = std::chrono::seconds(30);  // for an idle TCP client
constexpr size_t kMessageBytesMax = 65'535;
constexpr int kLookupsMax = 512;  // a program that asks more at once loses datagrams, and asks again

// Read for each lookup, since a machine may move from one network to another.
std::vector<std::string> machines_name_servers(const NameRules& rules) {
  const auto text = read_file(*posix_fs(), rules.servers_file);
  return text.ok() ? name_servers(*text) : std::vector<std::string>();
}

// Empty when the name server does not answer in time.
asio::awaitable<std::string> ask_by_datagram(std::string query, std::string server) {
  const auto executor = co_await asio::this_coro::executor;
  sockaddr_storage name{};
  socklen_t size = 0;
  auto* four = reinterpret_cast<sockaddr_in*>(&name);
  auto* six = reinterpret_cast<sockaddr_in6*>(&name);
  if (::inet_pton(AF_INET, server.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(53);
    size = sizeof *four;
  } else if (::inet_pton(AF_INET6, server.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(53);
    size = sizeof *six;
  } else {
    co_return std::string();
  }
  const int fd = ::socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) co_return std::string();
  Descriptor socket(executor, fd);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&name), size) != 0) co_return std::string();
  if (::send(fd, query.data(), query.size(), MSG_NOSIGNAL) < 0) co_return std::string();
  asio::steady_timer timer(executor, kAnswerTime);
  error_code failed, late;
  for (;;) {
    co_await (socket.async_wait(Descriptor::wait_read, asio::redirect_error(asio::use_awaitable, failed)) ||
              timer.async_wait(asio::redirect_error(asio::use_awaitable, late)));
    std::string reply(kMessageBytesMax, '\0');
    const ssize_t n = ::recv(fd, reply.data(), reply.size(), 0);
    if (n >= 12 && reply.compare(0, 2, query, 0, 2) == 0) {
      reply.resize(static_cast<size_t>(n));
      co_return reply;
    }
    if (n < 0 || timer.expiry() <= std::chrono::steady_clock::now()) co_return std::string();
  }
}

std::string server_failure(const std::string& query) {
  const auto question = parse_dns_query(query);
  return question.ok() ? dns_failure(query, *question, kDnsServerFailure) : std::string();
}

struct Client {
  sockaddr_storage name{};
  socklen_t size = sizeof(sockaddr_storage);
};

asio::awaitable<void> look_up(std::shared_ptr<Descriptor> socket, std::shared_ptr<const NameRules> rules,
                              std::shared_ptr<int> lookups, Client client, std::string query) {
  ++*lookups;
  std::string reply;
  for (const std::string& server : machines_name_servers(*rules)) {
    reply = co_await ask_by_datagram(query, server);
    if (!reply.empty()) break;
  }
  if (reply.empty()) reply = server_failure(query);
  (void)::sendto(socket->native_handle(), reply.data(), reply.size(), MSG_NOSIGNAL,
                 reinterpret_cast<sockaddr*>(&client.name), client.size);
  --*lookups;
}

asio::awaitable<std::string> read_message(Stream& stream) {
  std::array<unsigned char, 2> length{};
  error_code failed;
  co_await asio::async_read(stream, asio::buffer(length), asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return std::string();
  std::string message(static_cast<size_t>(length[0]) << 8 | length[1], '\0');
  co_await asio::async_read(stream, asio::buffer(message), asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return std::string();
  co_return message;
}

asio::awaitable<bool> write_message(Stream& stream, std::string message) {
  const std::array<char, 2> length = {static_cast<char>(message.size() >> 8), static_cast<char>(message.size() & 0xff)};
  message.insert(message.begin(), length.begin(), length.end());
  error_code failed;
  co_await asio::async_write(stream, asio::buffer(message), asio::redirect_error(asio::use_awaitable, failed));
  co_return !failed;
}

asio::awaitable<std::string> ask_by_stream(std::string query, std::shared_ptr<const NameRules> rules) {
  for (const std::string& server : machines_name_servers(*rules)) {
    auto target = std::make_shared<ForwardTarget>();
    target->address = server;
    target->port = 53;
    Result<Stream> stream = co_await dial(target);
    if (!stream.ok()) continue;
    const bool written = co_await write_message(*stream, query);
    if (!written) continue;
    std::string reply = co_await read_message(*stream);
    if (!reply.empty()) co_return reply;
  }
  co_return server_failure(query);
}

asio::awaitable<void> answer_messages(Stream& client, std::shared_ptr<const NameRules> rules) {
  for (;;) {
    const std::string query = co_await read_message(client);
    if (query.empty()) co_return;
    std::string reply = own_answer(query, *rules);
    if (reply.empty()) reply = co_await ask_by_stream(query, rules);
    const bool written = co_await write_message(client, std::move(reply));
    if (!written) co_return;
  }
}

}  // namespace

std::string own_answer(std::string_view query, const NameRules& rules) {
  const auto question = parse_dns_query(query);
  if (!question.ok()) return {};
  if (is_redirected(question->name, rules.direct)) return dns_address_answer(query, *question, rules.address);
  // Nobody outside knows the names of this room's loopback, and a program must not wait to learn that.
  if (question->name.ends_with(".127.in-addr.arpa")) return dns_failure(query, *question, kDnsNoSuchName);
  return {};
}

asio::awaitable<void> answer_datagrams(Descriptor descriptor, std::shared_ptr<const NameRules> rules) {
  const auto executor = co_await asio::this_coro::executor;
  const auto socket = std::make_shared<Descriptor>(std::move(descriptor));
  const auto lookups = std::make_shared<int>(0);
  for (;;) {
    error_code failed;
    co_await socket->async_wait(Descriptor::wait_read, asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
    std::array<char, 4096> bytes{};
    Client client;
    const ssize_t n = ::recvfrom(socket->native_handle(), bytes.data(), bytes.size(), 0,
                                 reinterpret_cast<sockaddr*>(&client.name), &client.size);
    if (n <= 0) continue;
    std::string query(bytes.data(), static_cast<size_t>(n));
    const std::string reply = own_answer(query, *rules);
    if (!reply.empty()) {
      (void)::sendto(socket->native_handle(), reply.data(), reply.size(), MSG_NOSIGNAL,
                     reinterpret_cast<sockaddr*>(&client.name), client.size);
    } else if (parse_dns_query(query).ok() && *lookups < kLookupsMax) {
      asio::co_spawn(executor, look_up(socket, rules, lookups, client, std::move(query)), asio::detached);
    }
  }
}

asio::awaitable<void> answer_stream(Stream client, std::shared_ptr<const NameRules> rules) {
  asio::steady_timer timer(co_await asio::this_coro::executor, kStreamTime);
  error_code late;
  co_await (answer_messages(client, rules) || timer.async_wait(asio::redirect_error(asio::use_awaitable, late)));
}

std::vector<std::string> name_servers(const std::string& text) {
  std::vector<std::string> servers;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && servers.size() < 3;) {
    std::istringstream words(line);
    std::string key, server;
    if (words >> key >> server && key == "nameserver") servers.push_back(server);
  }
  return servers;
}

}  // namespace raudal::sandbox
