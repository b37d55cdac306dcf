#include "net/http2_connection.h"

#include <arpa/inet.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/timed_socket.h"
#include "obs/log_sinks.h"

namespace raudal::net {
namespace {

constexpr int kPatienceMs = 20'000;

// What came back on one stream.
struct Answer {
  std::string status;
  std::map<std::string, std::string> headers;
  std::string body;
  int num_informational = 0;
  bool closed = false;
  uint32_t error = 0;
};

// A client of HTTP/2 that sends and reads only when it is told to, on one thread.
class FrameClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  FrameClient(int port, int32_t window) : socket_(connect(port)) {
    nghttp2_session_callbacks* callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_option* option;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_session_client_new2(&session_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(window)};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &settings, 1);
  }
  ~FrameClient() { nghttp2_session_del(session_); }

  // A request with a body, whole or (has_more) open.
  int32_t request(const std::string& method, const std::string& path, const std::string* body = nullptr,
                  const Fields& more = {}, bool has_more = false) {
    Fields fields = {{":method", method}, {":path", path}, {":scheme", "http"}, {":authority", "here"}};
    fields.insert(fields.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> raw;
    for (auto& [name, value] : fields) {
      raw.push_back({reinterpret_cast<uint8_t*>(name.data()), reinterpret_cast<uint8_t*>(value.data()), name.size(),
                     value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    Upload& upload = uploads_.emplace_back();
    if (body) upload = {*body, 0, has_more};
    const nghttp2_data_provider provider{.source = {.ptr = &upload}, .read_callback = on_upload};
    return nghttp2_submit_request(session_, nullptr, raw.data(), raw.size(), body ? &provider : nullptr, nullptr);
  }

  // Reads no more of this stream than its window.
  void hold(int32_t id) { held_ = id; }
  void reset(int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }

  bool send() {
    const uint8_t* data;
    ssize_t n;
    while ((n = nghttp2_session_mem_send(session_, &data)) > 0) {
      const std::string_view bytes(reinterpret_cast<const char*>(data), static_cast<size_t>(n));
      if (!socket_.write_all(bytes, kPatienceMs).ok()) return false;
    }
    return true;
  }
  bool send_raw(std::string_view bytes) { return socket_.write_all(bytes, kPatienceMs).ok(); }

  // Until it is so; false when the connection ends first.
  bool run_until(const std::function<bool()>& done) {
    std::string buffer(64 << 10, '\0');
    while (!done()) {
      if (!send()) return false;
      if (done()) break;
      const auto n = socket_.read_some(buffer, kPatienceMs);
      if (!n.ok() || *n == 0) return false;
      if (nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(buffer.data()), *n) < 0) return false;
    }
    return send();
  }
  bool run_until_closed(int32_t id) {
    return run_until([&] { return answers_[id].closed; });
  }
  // Reads on until the server ends the connection.
  void run_to_end() {
    EXPECT_FALSE(run_until([] { return false; }));
  }

  Answer& answer(int32_t id) { return answers_[id]; }
  bool goes_away() const { return goes_away_; }

 private:
  struct Upload {
    std::string body;
    size_t sent = 0;
    bool has_more = false;
  };

  static int connect(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  static FrameClient& self_of(void* user) { return *static_cast<FrameClient*>(user); }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                       const uint8_t* value, size_t value_size, uint8_t, void* user) {
    Answer& answer = self_of(user).answers_[frame->hd.stream_id];
    const std::string key(reinterpret_cast<const char*>(name), name_size);
    const std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":status" && text.starts_with('1')) {
      ++answer.num_informational;
    } else if (key == ":status") {
      answer.status = text;
    } else {
      answer.headers[key] = text;
    }
    return 0;
  }
  static int on_data(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
    nghttp2_session_consume_connection(session, size);
    if (id != self_of(user).held_) nghttp2_session_consume_stream(session, id, size);
    self_of(user).answers_[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_close(nghttp2_session*, int32_t id, uint32_t error, void* user) {
    self_of(user).answers_[id].closed = true;
    self_of(user).answers_[id].error = error;
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) self_of(user).goes_away_ = true;
    return 0;
  }
  static ssize_t on_upload(nghttp2_session*, int32_t, uint8_t* buffer, size_t size, uint32_t* flags,
                           nghttp2_data_source* source, void*) {
    Upload& upload = *static_cast<Upload*>(source->ptr);
    const size_t n = upload.body.copy(reinterpret_cast<char*>(buffer), size, upload.sent);
    upload.sent += n;
    if (upload.sent == upload.body.size() && !upload.has_more) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return n == 0 && upload.has_more ? NGHTTP2_ERR_DEFERRED : static_cast<ssize_t>(n);
  }

  TimedSocket socket_;
  nghttp2_session* session_ = nullptr;
  std::list<Upload> uploads_;
  std::map<int32_t, Answer> answers_;
  int32_t held_ = 0;
  bool goes_away_ = false;
};

class Http2ConnectionTest : public testing::Test {
 protected:
  ~Http2ConnectionTest() override { server_.reset(); }

  void start(HttpServerOptions options = {}) {
    options.host = "127.0.0.1";
    auto server = HttpServer::start(
        std::move(options), [this](HttpRequest& q, ResponseWriter& r) { handle(q, r); },
        obs::Logger(log_, clock_, "http"));
    ASSERT_TRUE(server.ok()) << server.error().message();
    server_ = std::move(*server);
  }

  void handle(HttpRequest& request, ResponseWriter& response) {
    if (request.path == "/echo") {
      const auto body = read_all(*request.body, 100 << 20);
      const int status = body.ok() ? 200 : error_info(body.error().code()).http_status;
      (void)response
          .send(status,
                {{"X-Method", request.method},
                 {"X-Host", std::string(request.headers.get("Host"))},
                 {"X-Cookie", std::string(request.headers.get("Cookie"))}},
                body.ok() ? *body : body.error().message())
          .ok();
    } else if (request.path == "/endless") {
      (void)response.begin(200, {}, std::nullopt).ok();
      const std::string piece(10'000, 'x');
      while (response.write(piece).ok()) ++num_pieces_;
      ended_ = true;
    } else if (request.path == "/together") {
      // Answers when so many requests are here at once.
      ++num_together_;
      wait_for([&] { return num_together_ >= 120; });
      (void)response.send(200, {}, "together").ok();
    } else if (request.path == "/wait") {
      waiting_ = true;
      wait_for([&] { return !response.is_open(); });
      ended_ = true;
      (void)response.send(200, {}, "bye").ok();
    } else if (request.path == "/broken") {
      (void)response.begin(200, {}, 10).ok();
      (void)response.write("half").ok();
    } else if (request.path == "/refuse") {
      (void)response.send(403, {}, "no").ok();
    } else if (request.path == "/nothing") {
      (void)response.send(204, {}, "").ok();
    }
  }

  void wait_for(const std::function<bool()>& condition) {
    const int64_t deadline_ms = monotonic_ms() + kPatienceMs;
    while (!condition() && monotonic_ms() < deadline_ms) std::this_thread::yield();
    EXPECT_TRUE(condition());
  }

  FrameClient client(int32_t window = 1 << 20) { return FrameClient(server_->port(), window); }

  obs::RingLogSink log_;
  SystemClock clock_;
  std::atomic<int> num_pieces_{0};
  std::atomic<int> num_together_{0};
  std::atomic<bool> waiting_{false};
  std::atomic<bool> ended_{false};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Http2ConnectionTest, answers_clients_that_know_it_beforehand) {
  start();
  HttpClient http({.base_url = fmt::format("http://127.0.0.1:{}", server_->port()), .http2 = true});
  for (const size_t size : {size_t{0}, size_t{5}, size_t{20} << 20}) {
    const auto response = http.send({.method = "PUT", .target = "/echo", .body = std::string(size, 'x')});
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body.size(), size);
    EXPECT_EQ(response->headers.get("x-method"), "PUT");
    EXPECT_FALSE(response->headers.has("connection"));
  }
  EXPECT_EQ(http.send({.method = "HEAD", .target = "/refuse"}).value().headers.get("content-length"), "2");
  EXPECT_EQ(http.get("/nothing").value().status, 204);
  EXPECT_EQ(http.get("/unanswered").value().status, 500);
}

TEST_F(Http2ConnectionTest, answers_over_tls) {
  char name[] = "/tmp/raudal_h2_XXXXXX";
  const std::string directory = ::mkdtemp(name);
  const auto fs = posix_fs();
  const auto authority = CertificateAuthority::open(*fs, clock_, directory).value();
  const auto tls = TlsContext::make(*authority, clock_).value();
  start({.tls = tls.get(), .tls_host = "127.0.0.1"});
  HttpClient http({.base_url = fmt::format("https://127.0.0.1:{}", server_->tls_port()),
                   .ca_file = authority->certificate_path(),
                   .http2 = true});
  const std::string body(30 << 20, 'y');
  const auto response = http.post_json("/echo", body);
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_TRUE(response->body == body);
  EXPECT_TRUE(response->headers.has("date")) << "in lower case, as only HTTP/2 has it";
  server_.reset();
  EXPECT_TRUE(fs->remove_all(directory).ok());
}

TEST_F(Http2ConnectionTest, a_request_looks_as_over_http_1) {
  start();
  FrameClient http = client();
  const std::string body = "hello";
  const int32_t id = http.request("POST", "/echo?x=1", &body, {{"cookie", "a=1"}, {"cookie", "b=2"}});
  ASSERT_TRUE(http.run_until_closed(id));
  EXPECT_EQ(http.answer(id).status, "200");
  EXPECT_EQ(http.answer(id).body, "hello");
  EXPECT_EQ(http.answer(id).headers["x-host"], "here");
  EXPECT_EQ(http.answer(id).headers["x-cookie"], "a=1; b=2");
  EXPECT_EQ(http.answer(id).headers["content-length"], "5");
}

TEST_F(Http2ConnectionTest, many_requests_run_at_once) {
  start();
  FrameClient http = client();
  std::vector<int32_t> ids;
  for (int i = 0; i < 120; ++i) ids.push_back(http.request("GET", "/together"));
  for (const int32_t id : ids) {
    ASSERT_TRUE(http.run_until_closed(id));
    EXPECT_EQ(http.answer(id).body, "together");
  }
}

TEST_F(Http2ConnectionTest, a_reader_that_is_slow_holds_the_writer_back) {
  start();
  FrameClient http = client(100'000);
  const int32_t slow = http.request("GET", "/endless");
  http.hold(slow);
  const std::string body = "quick";
  const int32_t quick = http.request("POST", "/echo", &body);
  ASSERT_TRUE(http.run_until([&] { return http.answer(quick).closed && http.answer(slow).body.size() == 100'000; }));
  EXPECT_EQ(http.answer(quick).body, "quick");
  EXPECT_LT(num_pieces_, 100) << "the window, and what is ready to be sent";
  http.reset(slow);
  ASSERT_TRUE(http.send());
  wait_for([&] { return ended_.load(); });
}

TEST_F(Http2ConnectionTest, a_reader_that_stands_still_is_given_up) {
  start({.io_timeout_ms = 100});
  FrameClient http = client();
  http.request("GET", "/endless");
  ASSERT_TRUE(http.send());
  wait_for([&] { return ended_.load(); });
  EXPECT_LT(num_pieces_, 2'000) << "what is not read is bounded";
}

TEST_F(Http2ConnectionTest, a_reset_reaches_the_handler) {
  start();
  FrameClient http = client();
  const int32_t id = http.request("GET", "/wait");
  ASSERT_TRUE(http.send());
  wait_for([&] { return waiting_.load(); });
  http.reset(id);
  ASSERT_TRUE(http.send());
  wait_for([&] { return ended_.load(); });
}

TEST_F(Http2ConnectionTest, a_lost_connection_reaches_the_handler) {
  start();
  {
    FrameClient http = client();
    http.request("GET", "/wait");
    ASSERT_TRUE(http.send());
    wait_for([&] { return waiting_.load(); });
  }
  wait_for([&] { return ended_.load(); });
}

TEST_F(Http2ConnectionTest, an_answer_that_breaks_off_is_an_error) {
  start();
  FrameClient http = client();
  const int32_t id = http.request("GET", "/broken");
  ASSERT_TRUE(http.run_until_closed(id));
  EXPECT_EQ(http.answer(id).error, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(Http2ConnectionTest, a_body_that_nobody_reads_stops) {
  start();
  FrameClient http = client();
  const std::string body(10 << 20, 'x');
  const int32_t id = http.request("POST", "/refuse", &body);
  ASSERT_TRUE(http.run_until_closed(id));
  EXPECT_EQ(http.answer(id).status, "403");
  EXPECT_EQ(http.answer(id).error, NGHTTP2_NO_ERROR);
  const std::string small = "x";
  const int32_t next = http.request("POST", "/refuse", &small);
  ASSERT_TRUE(http.run_until_closed(next));
  EXPECT_EQ(http.answer(next).status, "403");
}

TEST_F(Http2ConnectionTest, limits_of_body_and_headers) {
  start({.header_bytes_max = 5'000, .body_bytes_max = 1'000});
  FrameClient http = client();
  const std::string body(5'000, 'x');
  const int32_t told = http.request("POST", "/echo", &body, {{"content-length", "5000"}});
  const int32_t untold = http.request("POST", "/echo", &body);
  const int32_t wordy = http.request("GET", "/echo", nullptr, {{"x-long", std::string(6'000, 'x')}});
  const int32_t bad = http.request("GET", "/%zz");
  for (const int32_t id : {told, untold, wordy, bad}) ASSERT_TRUE(http.run_until_closed(id));
  EXPECT_EQ(http.answer(told).status, "413");
  EXPECT_EQ(http.answer(untold).status, "413");
  EXPECT_EQ(http.answer(wordy).status, "431");
  EXPECT_EQ(http.answer(bad).status, "400");
}

TEST_F(Http2ConnectionTest, a_client_that_waits_is_asked_for_its_body) {
  start();
  FrameClient http = client();
  const std::string none;
  const int32_t id = http.request("POST", "/echo", &none, {{"expect", "100-continue"}}, true);
  EXPECT_TRUE(http.run_until([&] { return http.answer(id).num_informational > 0; }));
  const int32_t refused = http.request("POST", "/refuse", &none, {{"expect", "100-continue"}}, true);
  EXPECT_TRUE(http.run_until([&] { return !http.answer(refused).status.empty(); }));
  EXPECT_EQ(http.answer(refused).num_informational, 0);
}

TEST_F(Http2ConnectionTest, stop_takes_leave) {
  start();
  FrameClient http = client();
  const int32_t id = http.request("GET", "/wait");
  ASSERT_TRUE(http.send());
  wait_for([&] { return waiting_.load(); });
  std::thread stopper([&] { server_->stop(kPatienceMs); });
  http.run_to_end();
  stopper.join();
  EXPECT_TRUE(http.goes_away());
  EXPECT_EQ(http.answer(id).body, "bye") << "what runs may end";
}

TEST_F(Http2ConnectionTest, silence_ends_the_connection) {
  start({.idle_timeout_ms = 50, .header_timeout_ms = 50});
  FrameClient fresh = client();
  fresh.run_to_end();
  FrameClient used = client();
  const int32_t id = used.request("GET", "/refuse");
  ASSERT_TRUE(used.run_until_closed(id));
  used.run_to_end();
  EXPECT_TRUE(used.goes_away());
}

TEST_F(Http2ConnectionTest, a_flood_of_resets_ends_the_connection) {
  start();
  FrameClient http = client();
  for (int i = 0; i < 20'000 && !http.goes_away(); ++i) {
    const int32_t id = http.request("GET", "/refuse");
    if (id < 0 || !http.send()) break;
    http.reset(id);
    if (!http.send()) break;
  }
  http.run_to_end();
  FrameClient next = client();
  const int32_t id = next.request("GET", "/refuse");
  ASSERT_TRUE(next.run_until_closed(id));
}

TEST_F(Http2ConnectionTest, malformed_frames_end_the_connection_alone) {
  start();
  using std::string_view_literals::operator""sv;
  const std::string_view settings = "\0\0\0\x04\0\0\0\0\0"sv;
  for (const std::string_view bytes : {
           "\0\0\x04\x01\x05\0\0\0\x01\xff\xff\xff\xff"sv,  // HEADERS that do not decode
           "\0\0\x05\0\0\0\0\0\0hello"sv,                   // DATA on stream 0
           "\xff\xff\xff\0\0\0\0\0\x01"sv,                  // a frame of 16 MiB
           "\0\0\x04\x08\0\0\0\0\0\0\0\0\0"sv,              // WINDOW_UPDATE by nothing
           "\0\0\0\x09\x04\0\0\0\x01"sv,                    // CONTINUATION of nothing
           "\0\0\x05\x04\0\0\0\0\0hello"sv,                 // SETTINGS of a wrong size
       }) {
    FrameClient http = client();
    ASSERT_TRUE(http.send_raw(std::string(kHttp2Preface) + std::string(settings) + std::string(bytes)));
    http.run_to_end();
  }
  FrameClient http = client();
  const int32_t id = http.request("GET", "/refuse");
  ASSERT_TRUE(http.run_until_closed(id));
  EXPECT_TRUE(log_.query({.level_min = obs::LogLevel::kInfo}).empty());
}

}  // namespace
}  // namespace raudal::net
