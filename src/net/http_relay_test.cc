#include "net/http_relay.h"

#include <poll.h>
#include <stdlib.h>

#include <atomic>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "obs/log_sinks.h"

namespace raudal::net {
namespace {

// A server that passes everything on to another one, which stands on a Unix socket and on TCP.
class HttpRelayTest : public testing::Test {
 protected:
  HttpRelayTest() {
    char name[] = "/tmp/raudal_relay_XXXXXX";
    directory_ = ::mkdtemp(name);
    target_.unix_path = directory_ + "/back";
    back_ = start([this](HttpRequest& q, ResponseWriter& r) { answer(q, r); }, target_.unix_path);
    front_ = start([this](HttpRequest& request, ResponseWriter& response) {
      RelayTarget target = target_;
      target.target = request.target;
      relay_.relay(request, response, target);
    });
  }
  ~HttpRelayTest() override {
    front_.reset();
    back_.reset();
    EXPECT_TRUE(fs_->remove_all(directory_).ok());
  }

  std::unique_ptr<HttpServer> start(HttpHandler handler, const std::string& unix_path = "") {
    return HttpServer::start({.host = "127.0.0.1", .unix_path = unix_path}, std::move(handler),
                             obs::Logger(log_, clock_, "http"))
        .value();
  }

  void answer(HttpRequest& request, ResponseWriter& response) {
    if (request.path == "/endless") {
      (void)response.begin(200, {}, std::nullopt).ok();
      while (response.write(std::string(10'000, 'x')).ok()) {}
      ended_ = true;
      return;
    }
    if (request.path == "/two-lengths") {
      constexpr std::string_view kChunks = "3\r\nabc\r\n0\r\n\r\n";
      return (void)response.send(200, {{"Transfer-Encoding", "chunked"}}, std::string(kChunks)).ok();
    }
    const auto body = read_all(*request.body, 100 << 20);
    if (!body.ok()) return;
    HttpHeaders headers = {{"X-Method", request.method}, {"X-Target", request.target}};
    for (const char* name : {"Host", "Authorization", "Connection", "Content-Type", "User-Agent", "Empty"}) {
      if (request.headers.has(name)) headers.add("X-" + std::string(name), std::string(request.headers.get(name)));
    }
    (void)response.send(request.path == "/absent" ? 404 : 200, headers, *body).ok();
  }

  HttpClient client() { return HttpClient({.base_url = fmt::format("http://127.0.0.1:{}", front_->port())}); }

  const std::unique_ptr<Fs> fs_ = posix_fs();
  std::string directory_;
  obs::RingLogSink log_;
  SystemClock clock_;
  std::atomic<bool> ended_{false};
  HttpRelay relay_;
  RelayTarget target_{.base_url = "http://localhost", .unix_path = "", .target = ""};
  std::unique_ptr<HttpServer> back_;
  std::unique_ptr<HttpServer> front_;
};

TEST_F(HttpRelayTest, chunks_outweigh_a_length) {
  const auto answer = client().get("/two-lengths");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->body, "abc");
}

TEST_F(HttpRelayTest, passes_on_what_was_signed) {
  const HttpCall call{.method = "PUT",
                      .target = "/a%2Fb//c?x=1&y",
                      .headers = {{"Host", "kinesis.us-east-1.amazonaws.com"},
                                  {"Authorization", "AWS4-HMAC-SHA256 x"},
                                  {"Content-Type", "application/x-amz-json-1.1"},
                                  {"Empty", ""}},
                      .body = "hello"};
  for (const bool tcp : {false, true}) {
    if (tcp) target_ = {.base_url = fmt::format("http://127.0.0.1:{}", back_->port())};
    const auto response = client().send(call).value();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.headers.get("x-method"), "PUT");
    EXPECT_EQ(response.headers.get("x-target"), "/a%2Fb//c?x=1&y");
    EXPECT_EQ(response.headers.get("x-host"), "kinesis.us-east-1.amazonaws.com");
    EXPECT_EQ(response.headers.get("x-authorization"), "AWS4-HMAC-SHA256 x");
    EXPECT_EQ(response.headers.get("x-content-type"), "application/x-amz-json-1.1");
    EXPECT_TRUE(response.headers.has("x-empty"));
    EXPECT_FALSE(response.headers.has("x-user-agent"));
  }
}

TEST_F(HttpRelayTest, methods_and_statuses_pass) {
  HttpClient http = client();
  EXPECT_EQ(http.get("/absent").value().status, 404);
  EXPECT_EQ(http.send({.method = "HEAD", .target = "/"}).value().headers.get("x-method"), "HEAD");
  EXPECT_EQ(http.send({.method = "DELETE", .target = "/"}).value().headers.get("x-method"), "DELETE");
  EXPECT_EQ(http.send({.method = "POST", .target = "/"}).value().headers.get("x-method"), "POST");
}

TEST_F(HttpRelayTest, large_bodies_go_both_ways) {
  const std::string body(30 << 20, 'x');
  EXPECT_TRUE(client().post_json("/", body).value().body == body);
}

TEST_F(HttpRelayTest, over_http_2_as_well) {
  HttpClient http({.base_url = fmt::format("http://127.0.0.1:{}", front_->port()), .http2 = true});
  const std::string body(1 << 20, 'x');
  EXPECT_TRUE(http.post_json("/", body).value().body == body);
}

TEST_F(HttpRelayTest, a_client_that_leaves_ends_the_other_side) {
  {
    HttpClient http({.base_url = fmt::format("http://127.0.0.1:{}", front_->port()), .response_bytes_max = 1 << 20});
    EXPECT_EQ(http.get("/endless").error().code(), ErrorCode::kRequestTooLarge);
  }
  const int64_t deadline_ms = monotonic_ms() + 20'000;
  while (!ended_ && monotonic_ms() < deadline_ms) ::poll(nullptr, 0, 5);
  EXPECT_TRUE(ended_);
}

TEST_F(HttpRelayTest, nobody_there_is_a_502) {
  target_ = {.base_url = "http://localhost", .unix_path = directory_ + "/nobody"};
  EXPECT_EQ(client().get("/").value().status, 502);
}

}  // namespace
}  // namespace raudal::net
