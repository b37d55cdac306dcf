#include "net/http_connection.h"

#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/str.h"
#include "net/http2_connection.h"
#include "net/http_head.h"

namespace raudal::net {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::buffer_body>;

constexpr size_t kBufferBytes = 64 << 10;
// A body that nobody read is dropped silently up to this size; beyond it the connection ends.
constexpr int64_t kDrainBytesMax = 256 << 10;
constexpr int64_t kLingerBytesMax = int64_t{1} << 30;
constexpr int kLingerMs = 5'000;

}  // namespace

// One request and the parser that is inside its body.
struct HttpConnection::Exchange {
  Parser parser;
  HttpRequest request;
  bool keep_alive = false;
  bool http_10 = false;
  bool expects_continue = false;
};

// The body of the current request, taken out of the parser piece by piece.
class HttpConnection::Body final : public BodyReader {
 public:
  Body(HttpConnection& connection, Exchange& exchange) : connection_(connection), exchange_(exchange) {}

  Result<size_t> read(std::span<char> buffer) override {
    if (failure_) return *failure_;
    auto n = read_some(buffer);
    if (!n.ok()) failure_ = n.error();
    return n;
  }

  bool done() const { return exchange_.parser.is_done(); }
  bool failed() const { return failure_.has_value(); }

  // Drops the rest of a small body so that the connection can go on. False when it must not.
  bool drain() {
    if (exchange_.expects_continue && !done()) return false;
    int64_t dropped = 0;
    std::string buffer(16 << 10, '\0');
    while (!done() && dropped <= kDrainBytesMax) {
      const auto n = read(buffer);
      if (!n.ok()) return false;
      dropped += static_cast<int64_t>(*n);
    }
    return done();
  }

 private:
  Result<size_t> read_some(std::span<char> buffer) {
    Parser& parser = exchange_.parser;
    if (parser.is_done() || buffer.empty()) return size_t{0};
    TRY(send_continue());
    auto& body = parser.get().body();
    body.data = buffer.data();
    body.size = buffer.size();
    body.more = true;
    while (true) {
      boost::system::error_code error;
      const size_t used = parser.put(boost::asio::const_buffer(connection_.buffer_.data() + connection_.begin_,
                                                               connection_.end_ - connection_.begin_),
                                     error);
      connection_.begin_ += used;
      const size_t got = buffer.size() - body.size;
      if (got > 0 && (!error || error == http::error::need_buffer || error == http::error::need_more)) return got;
      if (!error && parser.is_done()) return size_t{0};
      if (error == http::error::need_more || !error) {
        TRY(connection_.fill(connection_.options_.io_timeout_ms));
      } else if (error == http::error::body_limit) {
        return Error(ErrorCode::kRequestTooLarge,
                     fmt::format("Body is longer than {} bytes", connection_.options_.body_bytes_max));
      } else {
        return Error(ErrorCode::kInvalidRequest, "Body is malformed: " + error.message());
      }
    }
  }

  // A client that waits to be asked for its body is asked when somebody wants it.
  Status send_continue() {
    if (!exchange_.expects_continue) return {};
    exchange_.expects_continue = false;
    if (connection_.begin_ < connection_.end_) return {};
    return connection_.stream_.write_all("HTTP/1.1 100 Continue\r\n\r\n", connection_.options_.io_timeout_ms);
  }

  HttpConnection& connection_;
  Exchange& exchange_;
  std::optional<Error> failure_;
};

// Writes the answer's head by hand and its body as it comes.
class HttpConnection::Writer final : public ResponseWriter {
 public:
  Writer(HttpConnection& connection, Exchange& exchange, Body& body)
      : connection_(connection), exchange_(exchange), body_(body) {}

  bool started() const override { return started_; }
  bool is_open() const override {
    pollfd entry{.fd = connection_.stream_.fd(), .events = 0, .revents = 0};
    return !connection_.stopping_ && ::poll(&entry, 1, 0) == 0;
  }
  bool finished() const { return finished_; }
  bool keeps_alive() const { return finished_ && keep_alive_; }
  void close_after() override { wants_close_ = true; }

  Status begin(int status, const HttpHeaders& headers, std::optional<int64_t> content_length) override {
    CHECK(!started_);
    started_ = true;
    has_body_ = has_response_body(exchange_.request.method, status);
    keep_alive_ = exchange_.keep_alive && !wants_close_ && !connection_.stopping_ && may_drain();
    length_ = content_length;
    chunked_ = !content_length && has_body_ && !exchange_.http_10;
    if (!content_length && has_body_ && exchange_.http_10) keep_alive_ = false;

    pending_ = fmt::format("HTTP/1.1 {} {}\r\n", status, http_reason(status));
    for (const auto& [name, value] : headers) pending_ += one_line(name) + ": " + one_line(value) + "\r\n";
    if (!headers.has("Date")) pending_ += "Date: " + http_date() + "\r\n";
    if (chunked_) pending_ += "Transfer-Encoding: chunked\r\n";
    if (content_length && status != 204 && status != 304) {
      pending_ += fmt::format("Content-Length: {}\r\n", *content_length);
    }
    if (!keep_alive_) pending_ += "Connection: close\r\n";
    if (keep_alive_ && exchange_.http_10) pending_ += "Connection: keep-alive\r\n";
    pending_ += "\r\n";
    return {};
  }

  Status write(std::string_view bytes) override {
    CHECK(started_ && !finished_);
    if (!has_body_ || bytes.empty()) return {};
    if (length_) {
      written_ += static_cast<int64_t>(bytes.size());
      CHECK(written_ <= *length_);
    }
    if (chunked_) pending_ += fmt::format("{:x}\r\n", bytes.size());
    // A small piece goes out with the head in one segment.
    if (bytes.size() <= 16 << 10) {
      pending_ += bytes;
      if (chunked_) pending_ += "\r\n";
      return length_ && written_ == *length_ ? Status() : flush();
    }
    TRY(flush());
    TRY(send_bytes(bytes));
    if (chunked_) pending_ += "\r\n";
    return {};
  }

  Status finish() override {
    CHECK(started_ && !finished_);
    if (has_body_ && length_) CHECK(written_ == *length_);
    if (chunked_) pending_ += "0\r\n\r\n";
    TRY(flush());
    finished_ = true;
    return {};
  }

 private:
  // Whether the rest of the request's body, if any, is small enough to be dropped before the next request.
  bool may_drain() const {
    if (body_.done()) return true;
    if (body_.failed() || exchange_.expects_continue) return false;
    const auto& length = exchange_.request.content_length;
    return length && *length <= kDrainBytesMax;
  }

  Status flush() {
    const std::string bytes = std::exchange(pending_, {});
    return send_bytes(bytes);
  }

  Status send_bytes(std::string_view bytes) {
    Status sent = connection_.stream_.write_all(bytes, connection_.options_.io_timeout_ms);
    if (!sent.ok()) keep_alive_ = false;
    return sent;
  }

  HttpConnection& connection_;
  Exchange& exchange_;
  Body& body_;
  std::string pending_;
  std::optional<int64_t> length_;
  int64_t written_ = 0;
  bool started_ = false;
  bool finished_ = false;
  bool has_body_ = true;
  bool chunked_ = false;
  bool keep_alive_ = false;
  bool wants_close_ = false;
};

HttpConnection::HttpConnection(ByteStream& stream, std::string peer, const ConnectionContext& context,
                               std::atomic<bool>& idle)
    : stream_(stream),
      peer_(std::move(peer)),
      over_tls_(context.over_tls),
      options_(context.options),
      handler_(context.handler),
      log_(context.log),
      stopping_(context.stopping),
      idle_(idle) {}

HttpConnection::~HttpConnection() = default;

bool HttpConnection::serve() {
  buffer_.resize(std::max<size_t>(kBufferBytes, static_cast<size_t>(options_.header_bytes_max) + 1024));
  const auto http2 = begins_as_http2();
  if (!http2.ok() || *http2) return http2.ok();
  while (serve_one()) {}
  return false;
}

Result<bool> HttpConnection::begins_as_http2() {
  while (!stopping_) {
    const std::string_view received = unread().substr(0, kHttp2Preface.size());
    if (!received.empty() && received != kHttp2Preface.substr(0, received.size())) return false;
    if (received.size() == kHttp2Preface.size()) return true;
    TRY(fill(received.empty() ? options_.idle_timeout_ms : options_.header_timeout_ms));
  }
  return Error(ErrorCode::kCancelled, "The server stops");
}

Status HttpConnection::fill(int timeout_ms) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ > 0 && end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) return Error(ErrorCode::kInvalidRequest, "A line of the request is too long");
  const size_t n = TRY(stream_.read_some(std::span(buffer_.data() + end_, buffer_.size() - end_), timeout_ms));
  if (n == 0) return Error(ErrorCode::kIo, "Connection was closed by the client");
  end_ += n;
  return {};
}

bool HttpConnection::read_head(Exchange& exchange) {
  Parser& parser = exchange.parser;
  parser.header_limit(static_cast<uint32_t>(options_.header_bytes_max));
  parser.body_limit(static_cast<uint64_t>(options_.body_bytes_max));
  idle_ = true;
  if (stopping_) return false;
  if (begin_ == end_ && !fill(options_.idle_timeout_ms).ok()) return false;
  idle_ = false;
  while (true) {
    boost::system::error_code error;
    begin_ += parser.put(boost::asio::const_buffer(buffer_.data() + begin_, end_ - begin_), error);
    if (parser.is_header_done()) break;
    if (error == http::error::need_more || !error) {
      const Status filled = fill(options_.header_timeout_ms);
      if (filled.ok()) continue;
      if (filled.error().code() == ErrorCode::kTimeout) answer_bad_head(408, "The request was not sent in time.");
      if (filled.error().code() == ErrorCode::kInvalidRequest) answer_bad_head(431, filled.error().message());
      return false;
    }
    if (error == http::error::header_limit) {
      answer_bad_head(431, "The request's headers are too long.");
    } else if (error == http::error::body_limit) {
      answer_bad_head(413, "The request's body is too long.");
    } else {
      answer_bad_head(400, "The request is not HTTP/1.1: " + error.message());
    }
    return false;
  }
  parser.eager(true);
  return true;
}

void HttpConnection::answer_bad_head(int status, std::string_view why) {
  const std::string answer =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}\n",
                  status, http_reason(status), why.size() + 1, why);
  if (stream_.write_all(answer, options_.io_timeout_ms).ok()) stream_.linger_close(kLingerBytesMax, kLingerMs);
}

bool HttpConnection::serve_one() {
  Exchange exchange;
  if (!read_head(exchange)) return false;
  const auto& head = exchange.parser.get();
  HttpRequest& request = exchange.request;
  request.method = std::string(head.method_string());
  request.target = std::string(head.target());
  for (const auto& field : head) request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.peer = peer_;
  request.over_tls = over_tls_;
  if (const auto length = exchange.parser.content_length()) request.content_length = static_cast<int64_t>(*length);
  exchange.keep_alive = head.keep_alive();
  exchange.http_10 = head.version() < 11;
  exchange.expects_continue = !exchange.http_10 && equals_ignore_case(request.headers.get("Expect"), "100-continue");
  if (!split_target(request).ok()) {
    answer_bad_head(400, "The request's target is malformed.");
    return false;
  }

  Body body(*this, exchange);
  request.body = &body;
  Writer writer(*this, exchange, body);
  handler_(request, writer);
  if (!writer.started()) {
    log_.error(fmt::format("Request was not answered: {} {}", request.method, request.path));
    (void)writer.send(500, {{"Content-Type", "text/plain"}}, "The request was not answered.\n").ok();
  }
  if (writer.keeps_alive()) return body.drain();
  if (writer.finished() && !body.done()) stream_.linger_close(kLingerBytesMax, kLingerMs);
  return false;
}

}  // namespace raudal::net
