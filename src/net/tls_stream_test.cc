#include "net/tls_stream.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "obs/log_sinks.h"

namespace raudal::net {
namespace {

constexpr char kKinesis[] = "https://kinesis.us-east-1.amazonaws.com";

// A server that speaks TLS on a Unix socket and on TCP and answers with what it was sent.
class TlsStreamTest : public testing::Test {
 protected:
  TlsStreamTest() {
    char name[] = "/tmp/raudal_tls_XXXXXX";
    directory_ = ::mkdtemp(name);
    socket_ = directory_ + "/tls";
  }
  ~TlsStreamTest() override {
    server_.reset();
    EXPECT_TRUE(fs_->remove_all(directory_).ok());
  }

  void start(HttpServerOptions options = {}) {
    authority_ = CertificateAuthority::open(*fs_, clock_, directory_ + "/ca").value();
    tls_ = TlsContext::make(*authority_, clock_).value();
    options.tls = tls_.get();
    options.tls_host = "127.0.0.1";
    options.tls_unix_path = socket_;
    auto echo = [](HttpRequest& request, ResponseWriter& response) {
      const auto body = read_all(*request.body, 100 << 20);
      if (body.ok()) (void)response.send(200, {{"X-Host", std::string(request.headers.get("Host"))}}, *body).ok();
    };
    auto server = HttpServer::start(std::move(options), echo, obs::Logger(log_, clock_, "http"));
    ASSERT_TRUE(server.ok()) << server.error().message();
    server_ = std::move(*server);
  }

  HttpClient client(const std::string& url) {
    return HttpClient({.base_url = url, .unix_path = socket_, .ca_file = authority_->certificate_path()});
  }

  // What the TLS port says to bytes that are no TLS, until it closes.
  std::string raw(std::string_view bytes) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->tls_port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char buffer[4096];
    ssize_t n;
    while ((n = ::recv(fd, buffer, sizeof(buffer), 0)) > 0) answer.append(buffer, static_cast<size_t>(n));
    ::close(fd);
    return answer;
  }

  const std::unique_ptr<Fs> fs_ = posix_fs();
  std::string directory_;
  std::string socket_;
  obs::RingLogSink log_;
  SystemClock clock_;
  std::unique_ptr<CertificateAuthority> authority_;
  std::unique_ptr<TlsContext> tls_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(TlsStreamTest, answers_for_every_name_that_is_asked_for) {
  start();
  for (const std::string& url :
       {std::string(kKinesis), std::string("https://my.bucket.s3.eu-west-1.amazonaws.com"),
        std::string("https://localhost"), "https://" + std::string(63, 'b') + ".s3.amazonaws.com"}) {
    HttpClient http = client(url);
    for (int i = 0; i < 2; ++i) {
      const auto response = http.post_json("/", "hello");
      ASSERT_TRUE(response.ok()) << response.error().message();
      EXPECT_EQ(response->body, "hello");
      EXPECT_EQ("https://" + std::string(response->headers.get("X-Host")), url);
    }
  }
}

TEST_F(TlsStreamTest, answers_over_tcp_without_a_name) {
  start();
  HttpClient http({.base_url = fmt::format("https://127.0.0.1:{}", server_->tls_port()),
                   .ca_file = authority_->certificate_path()});
  EXPECT_EQ(http.post_json("/", "hello").value().body, "hello");
}

TEST_F(TlsStreamTest, large_bodies_go_both_ways) {
  start();
  std::string body(20 << 20, 'x');
  for (size_t i = 0; i < body.size(); i += 1000) body[i] = static_cast<char>(i >> 10);
  EXPECT_TRUE(client(kKinesis).post_json("/", body).value().body == body);
}

TEST_F(TlsStreamTest, who_does_not_trust_the_authority_gets_nothing) {
  start();
  HttpClient stranger({.base_url = kKinesis, .unix_path = socket_});
  EXPECT_EQ(stranger.get("/").error().code(), ErrorCode::kIo);
  EXPECT_EQ(client(kKinesis).get("/").value().status, 200);
}

TEST_F(TlsStreamTest, the_authority_stays_across_starts) {
  start();
  const std::string first = authority_->certificate();
  struct stat s;
  ASSERT_EQ(::stat((directory_ + "/ca/ca.key").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
  const auto again = CertificateAuthority::open(*fs_, clock_, directory_ + "/ca");
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ((*again)->certificate(), first);
  EXPECT_EQ(read_file(*fs_, directory_ + "/ca/ca.pem").value(), first);
}

TEST_F(TlsStreamTest, an_authority_with_a_strange_key_is_refused) {
  ASSERT_TRUE(CertificateAuthority::open(*fs_, clock_, directory_ + "/a").ok());
  ASSERT_TRUE(CertificateAuthority::open(*fs_, clock_, directory_ + "/b").ok());
  ASSERT_TRUE(fs_->rename(directory_ + "/a/ca.key", directory_ + "/b/ca.key").ok());
  EXPECT_EQ(CertificateAuthority::open(*fs_, clock_, directory_ + "/b").error().code(), ErrorCode::kCorrupt);
  ASSERT_TRUE(fs_->remove(directory_ + "/b/ca.pem").ok());
  EXPECT_TRUE(CertificateAuthority::open(*fs_, clock_, directory_ + "/b").ok()) << "half of a first start";
}

TEST_F(TlsStreamTest, only_names_of_hosts_are_signed) {
  start();
  EXPECT_TRUE(authority_->sign_for("::1").ok());
  EXPECT_EQ(authority_->sign_for("a,DNS:b").error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(authority_->sign_for("").error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(authority_->sign_for(std::string(254, 'a')).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(TlsStreamTest, serial_numbers_do_not_repeat) {
  start();
  EXPECT_NE(authority_->sign_for("localhost").value().certificate,
            authority_->sign_for("localhost").value().certificate);
}

TEST_F(TlsStreamTest, nonsense_and_silence_end_the_connection) {
  start({.header_timeout_ms = 2'000});  // enough for the handshake of a client on a busy machine
  EXPECT_LT(raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n").size(), 100u);  // an alert at most
  EXPECT_EQ(raw(std::string_view("\x16\x03\x01\x02", 4)), "");
  EXPECT_EQ(client(kKinesis).get("/").value().status, 200);
  EXPECT_TRUE(log_.query({.level_min = obs::LogLevel::kInfo}).empty());
}

TEST_F(TlsStreamTest, a_socket_may_have_a_long_path) {
  const std::string folder = directory_ + "/" + std::string(150, 'd');
  ASSERT_TRUE(fs_->make_directories(folder).ok());
  socket_ = folder + "/tls";
  start({.unix_path = folder + "/plain"});
  EXPECT_EQ(client(kKinesis).get("/").value().status, 200);
  HttpClient plain({.base_url = "http://localhost", .unix_path = folder + "/plain"});
  EXPECT_EQ(plain.get("/").value().status, 200);
}

}  // namespace
}  // namespace raudal::net
