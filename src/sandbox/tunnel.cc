#include "sandbox/tunnel.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "sandbox/aws_names.h"

namespace raudal::sandbox {
namespace {

using boost::system::error_code;
constexpr size_t kHeadBytesMax = 16 << 10;

// The request's head up to its empty line; empty when the client does not send one. Byte by byte at its end, so that
// nothing that follows is taken from the stream.
asio::awaitable<std::string> read_head(Stream& client) {
  std::string head;
  std::array<char, 1> byte{};
  error_code failed;
  while (head.size() < kHeadBytesMax && !head.ends_with("\r\n\r\n")) {
    co_await client.async_read_some(asio::buffer(byte), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return std::string();
    head += byte[0];
  }
  co_return head;
}

asio::awaitable<void> answer(Stream& client, std::string_view status) {
  const std::string text = "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n";
  error_code ignored;
  co_await asio::async_write(client, asio::buffer(text), asio::redirect_error(asio::use_awaitable, ignored));
}

// Where the machine's own resolver finds the host.
asio::awaitable<std::vector<std::string>> addresses_of(const std::string& host) {
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  error_code failed;
  const auto found =
      co_await resolver.async_resolve(asio::ip::tcp::v4(), host, "", asio::redirect_error(asio::use_awaitable, failed));
  std::vector<std::string> addresses;
  if (failed) co_return addresses;
  for (const auto& entry : found) addresses.push_back(entry.endpoint().address().to_string());
  co_return addresses;
}

asio::awaitable<std::vector<std::shared_ptr<const ForwardTarget>>> targets_of(
    TunnelRequest wanted, std::shared_ptr<const TunnelRules> rules) {
  std::vector<std::shared_ptr<const ForwardTarget>> targets;
  ForwardTarget target;
  target.port = wanted.port;
  if (is_redirected(wanted.host, rules->direct)) {
    if (wanted.port == 443) target.unix_path = rules->tls_socket;
    if (wanted.port == 80) target.unix_path = rules->http_socket;
    if (!target.unix_path.empty()) targets.push_back(std::make_shared<const ForwardTarget>(target));
    co_return targets;
  }
  const std::vector<std::string> addresses = co_await addresses_of(wanted.host);
  for (const std::string& address : addresses) {
    target.address = address;
    targets.push_back(std::make_shared<const ForwardTarget>(target));
  }
  co_return targets;
}

}  // namespace

std::optional<TunnelRequest> parse_connect(std::string_view head) {
  constexpr std::string_view kMethod = "CONNECT ";
  const size_t end = head.find(" HTTP/1.");
  if (!head.starts_with(kMethod) || end == std::string_view::npos || end > head.find('\r')) return std::nullopt;
  const std::string_view authority = head.substr(kMethod.size(), end - kMethod.size());
  const size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  TunnelRequest wanted{std::string(authority.substr(0, colon)), 0};
  const std::string_view digits = authority.substr(colon + 1);
  const auto [rest, code] = std::from_chars(digits.data(), digits.data() + digits.size(), wanted.port);
  if (code != std::errc() || rest != digits.data() + digits.size() || wanted.port == 0) return std::nullopt;
  return wanted;
}

asio::awaitable<void> tunnel(Stream client, std::shared_ptr<const TunnelRules> rules) {
  const std::string head = co_await read_head(client);
  if (head.empty()) co_return;
  const auto wanted = parse_connect(head);
  if (!wanted) co_return co_await answer(client, "501 Only CONNECT");
  const auto targets = co_await targets_of(*wanted, rules);
  for (const auto& target : targets) {
    Result<Stream> outside = co_await dial(target);
    if (!outside.ok()) continue;
    // No length: what follows belongs to the tunnel.
    const std::string_view yes = "HTTP/1.1 200 Connected\r\n\r\n";
    error_code failed;
    co_await asio::async_write(client, asio::buffer(yes), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
    co_await join(std::move(client), std::move(outside).value());
    co_return;
  }
  co_await answer(client, "502 Cannot connect");
}

}  // namespace raudal::sandbox
