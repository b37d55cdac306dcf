#include "net/http_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "net/http_client.h"
#include "obs/log_sinks.h"

namespace raudal::net {
namespace {

// A server whose handler is chosen by path, and both kinds of clients for it.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    char name[] = "/tmp/raudal_http_XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  ~HttpServerTest() override {
    server_.reset();
    EXPECT_TRUE(fs_->remove_all(directory_).ok());
  }

  void start(HttpServerOptions options) {
    auto server = HttpServer::start(std::move(options), [this](HttpRequest& q, ResponseWriter& r) { handle(q, r); },
                                    obs::Logger(log_, clock_, "http"));
    ASSERT_TRUE(server.ok()) << server.error().message();
    server_ = std::move(*server);
  }
  void start() { start({.host = "127.0.0.1"}); }

  void handle(HttpRequest& request, ResponseWriter& response) {
    if (request.path == "/echo") {
      const auto body = read_all(*request.body, 1 << 20);
      if (!body.ok()) {
        (void)response.send(error_info(body.error().code()).http_status, {}, body.error().message()).ok();
        return;
      }
      (void)response.send(200, {{"X-Method", request.method}, {"X-Peer", request.peer}}, *body).ok();
    } else if (request.path == "/count") {
      std::string buffer(64 << 10, '\0');
      int64_t total = 0;
      while (true) {
        const auto n = request.body->read(buffer);
        if (!n.ok() || *n == 0) break;
        total += static_cast<int64_t>(*n);
      }
      (void)response.send_json(200, std::to_string(total)).ok();
    } else if (request.path == "/chunks") {
      EXPECT_TRUE(response.begin(200, {{"Content-Type", "text/plain"}}, std::nullopt).ok());
      for (const std::string& piece : {std::string("one "), std::string(100'000, 'x'), std::string(" three")}) {
        EXPECT_TRUE(response.write(piece).ok());
      }
      EXPECT_TRUE(response.finish().ok());
    } else if (request.path == "/file") {
      auto file = fs_->open(directory_ + "/file", OpenMode::kRead).value();
      EXPECT_TRUE(response.send_file(206, {}, *file, 2, 1'000'000).ok());
    } else if (request.path == "/ignore") {
      (void)response.send(403, {}, "no").ok();
    } else if (request.path == "/wait") {
      char byte;
      (void)request.body->read(std::span(&byte, 1)).ok();
      (void)response.send(200, {}, "").ok();
    }
  }

  HttpClient client() { return HttpClient({.base_url = fmt::format("http://127.0.0.1:{}", server_->port())}); }

  // Sends raw bytes and returns all that comes until the server closes.
  std::string raw(std::string_view bytes, bool end_of_input = true) {
    const int fd = connect_raw();
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    if (end_of_input) ::shutdown(fd, SHUT_WR);
    std::string answer;
    char buffer[4096];
    ssize_t n;
    while ((n = ::recv(fd, buffer, sizeof(buffer), 0)) > 0) answer.append(buffer, static_cast<size_t>(n));
    ::close(fd);
    return answer;
  }

  int connect_raw() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  const std::unique_ptr<Fs> fs_ = posix_fs();
  std::string directory_;
  obs::RingLogSink log_;
  SystemClock clock_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, answers_over_tcp_and_keeps_the_connection) {
  start();
  HttpClient http = client();
  for (int i = 0; i < 3; ++i) {
    const auto response = http.send({.method = "PUT", .target = "/echo", .headers = {}, .body = "hello"});
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->headers.get("x-method"), "PUT");
    EXPECT_EQ(response->headers.get("x-peer"), "127.0.0.1");
    EXPECT_FALSE(response->headers.has("connection"));
  }
}

TEST_F(HttpServerTest, answers_over_a_unix_socket_that_only_the_owner_may_use) {
  const std::string path = directory_ + "/s";
  start({.unix_path = path});
  HttpClient http({.base_url = "http://localhost", .unix_path = path});
  EXPECT_EQ(http.post_json("/echo", "{}").value().body, "{}");
  struct stat s;
  ASSERT_EQ(::stat(path.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
  server_->stop();
  EXPECT_NE(::stat(path.c_str(), &s), 0);
  EXPECT_EQ(http.get("/echo").error().code(), ErrorCode::kIo);
}

TEST_F(HttpServerTest, streams_in_chunks) {
  start();
  const auto response = client().get("/chunks").value();
  EXPECT_EQ(response.headers.get("transfer-encoding"), "chunked");
  EXPECT_EQ(response.body, "one " + std::string(100'000, 'x') + " three");
  EXPECT_NE(raw("GET /chunks HTTP/1.0\r\n\r\n").find("\r\n\r\none x"), std::string::npos);
}

TEST_F(HttpServerTest, reads_a_chunked_body) {
  start();
  const std::string answer = raw(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("\r\n\r\nhello world"), std::string::npos) << answer;
  EXPECT_NE(answer.find("X-Method: GET"), std::string::npos) << answer;
}

TEST_F(HttpServerTest, a_large_body_is_streamed) {
  start();
  const std::string body(50 << 20, 'x');
  EXPECT_EQ(client().post_json("/count", body).value().body, std::to_string(body.size()));
}

TEST_F(HttpServerTest, sends_a_range_of_a_file) {
  start();
  std::string content(1'000'010, 'a');
  content[2] = 'b';
  ASSERT_TRUE(write_file_durably(*fs_, directory_ + "/file", content).ok());
  const auto response = client().get("/file").value();
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, content.substr(2, 1'000'000));
}

TEST_F(HttpServerTest, head_has_the_length_but_no_body) {
  start();
  const std::string answer = raw("HEAD /ignore HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, a_client_that_waits_is_asked_for_its_body) {
  start();
  const int fd = connect_raw();
  const std::string_view head = "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_EQ(::send(fd, head.data(), head.size(), 0), static_cast<ssize_t>(head.size()));
  char buffer[512];
  const ssize_t n = ::recv(fd, buffer, sizeof(buffer), 0);
  EXPECT_EQ(std::string_view(buffer, static_cast<size_t>(n)), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_EQ(::send(fd, "hi", 2, 0), 2);
  EXPECT_GT(::recv(fd, buffer, sizeof(buffer), 0), 0);
  EXPECT_TRUE(std::string_view(buffer).starts_with("HTTP/1.1 200"));
  ::close(fd);
}

TEST_F(HttpServerTest, a_client_that_waits_is_not_asked_when_the_answer_is_no) {
  start();
  const std::string answer =
      raw("PUT /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST_F(HttpServerTest, the_client_sees_413_although_it_still_sends) {
  start();
  const auto response = client().post_json("/echo", std::string(20 << 20, 'x'));
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->status, 413);
  start({.host = "127.0.0.1", .body_bytes_max = 1000});
  EXPECT_EQ(client().post_json("/echo", std::string(5 << 20, 'x')).value().status, 413);
}

TEST_F(HttpServerTest, an_unread_small_body_does_not_end_the_connection) {
  start();
  const std::string request = "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
  const std::string answer = raw(request + request);
  EXPECT_NE(answer.find("HTTP/1.1 403", 10), std::string::npos) << answer;
}

TEST_F(HttpServerTest, nonsense_is_answered) {
  start({.host = "127.0.0.1", .header_bytes_max = 2000});
  EXPECT_TRUE(raw("\x16\x03\x01 TLS?\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(raw("GET / HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(raw("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(raw("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")
                  .starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(raw("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_EQ(raw("GET / HTT"), "");
}

TEST_F(HttpServerTest, a_handler_that_does_not_answer_is_a_500) {
  start();
  EXPECT_EQ(client().get("/silent").value().status, 500);
  EXPECT_EQ(log_.query({.level_min = obs::LogLevel::kError}).size(), 1u);
}

TEST_F(HttpServerTest, a_slow_client_is_timed_out) {
  start({.host = "127.0.0.1", .idle_timeout_ms = 50});
  EXPECT_EQ(raw("", false), "");
  start({.host = "127.0.0.1", .header_timeout_ms = 50, .io_timeout_ms = 50});
  EXPECT_TRUE(raw("GET / HTTP/1.1\r\nHos", false).starts_with("HTTP/1.1 408"));
  EXPECT_NE(raw("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe", false).find("silent for 50 ms"),
            std::string::npos);
}

TEST_F(HttpServerTest, too_many_connections_are_told_so) {
  start({.host = "127.0.0.1", .connections_max = 1});
  HttpClient first = client();
  ASSERT_TRUE(first.get("/echo").ok());
  EXPECT_TRUE(raw("", false).starts_with("HTTP/1.1 503"));
}

TEST_F(HttpServerTest, stop_does_not_wait_for_idle_and_waiting_clients) {
  start();
  HttpClient idle = client();
  ASSERT_TRUE(idle.get("/echo").ok());
  const int fd = connect_raw();
  const std::string_view head = "POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
  ASSERT_EQ(::send(fd, head.data(), head.size(), 0), static_cast<ssize_t>(head.size()));
  const int64_t begin_ns = clock_.monotonic_ns();
  server_->stop(100);
  EXPECT_LT(clock_.monotonic_ns() - begin_ns, 10'000'000'000) << "a client's own timeouts are a minute and more";
  ::close(fd);
}

TEST_F(HttpServerTest, many_clients_at_once) {
  start();
  std::vector<std::thread> threads;
  std::atomic<int> num_good{0};
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      HttpClient http = client();
      for (int i = 0; i < 20; ++i) {
        const std::string body(static_cast<size_t>(t * 1000 + i), 'x');
        const auto response = http.post_json("/echo", body);
        if (response.ok() && response->body == body) ++num_good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_good, 320);
}

TEST_F(HttpServerTest, client_has_a_deadline_and_a_limit) {
  start();
  HttpClient http({.base_url = fmt::format("http://127.0.0.1:{}", server_->port()), .response_bytes_max = 10});
  EXPECT_EQ(http.post_json("/echo", "longer than ten").error().code(), ErrorCode::kRequestTooLarge);
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 1), 0);
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  HttpClient waiting({.base_url = fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port)), .timeout_ms = 50});
  EXPECT_EQ(waiting.get("/").error().code(), ErrorCode::kTimeout);
  ::close(silent);
}

}  // namespace
}  // namespace raudal::net
