// One request and its answer on an HTTP/2 connection, between two threads: the connection's, which has the frames, and
// the handler's, which reads the body and writes the answer as if it were alone. Both directions hold a bounded number
// of bytes; whoever is too fast waits.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/http.h"

namespace raudal::net {

// Where a handler's thread leaves word that the connection's thread has something to do for a stream.
class Http2Doorbell {
 public:
  virtual ~Http2Doorbell() = default;
  virtual void ring(int32_t stream_id) = 0;
};

// The server's limits, as far as they are a stream's.
struct Http2StreamOptions {
  int64_t body_bytes_max = 0;
  int io_timeout_ms = 0;
  size_t output_bytes_max = 256 << 10;  // written by the handler, not yet framed
};

// What the connection's thread is to do for a stream.
struct Http2StreamWork {
  struct Head {
    int status = 0;
    HttpHeaders headers;
    bool has_body = false;
  };
  std::optional<Head> head;    // to be sent now
  bool send_continue = false;  // the client waits to be asked for its body
  size_t num_bytes_read = 0;   // by the handler since the last time: so much more may come
  bool has_output = false;
  bool handler_ended = false;
  bool answered = false;  // with handler_ended: the answer is whole
};

// What the handler sees as the request's body and as its ResponseWriter.
class Http2Stream final : public BodyReader, public ResponseWriter {
 public:
  Http2Stream(int32_t id, Http2Doorbell& doorbell, Http2StreamOptions options)
      : id_(id), doorbell_(doorbell), options_(options) {}

  int32_t id() const { return id_; }
  HttpRequest& request() { return request_; }

  // The connection's side.
  void expect_continue() { expects_continue_ = true; }  // before the handler starts
  // How many of them nobody will read.
  size_t take_body(std::string_view bytes);
  void end_body();
  // Reset by the client, or the connection is gone.
  void close();
  // The service ends: a handler that waits for more to say had better end its answer.
  void end_soon();
  Http2StreamWork take_work();
  // Fills the buffer; `ended` when nothing more will come.
  size_t take_output(std::span<uint8_t> buffer, bool& ended);

  // The handler's side.
  void handler_ended();
  Result<size_t> read(std::span<char> buffer) override;
  bool started() const override { return started_; }
  bool is_open() const override;
  Status begin(int status, const HttpHeaders& headers, std::optional<int64_t> content_length) override;
  Status write(std::string_view bytes) override;
  Status finish() override;
  void close_after() override {}  // what is left of a body costs other streams nothing

 private:
  Status wait_for_room(std::unique_lock<std::mutex>& lock);
  Error gone() const { return Error(ErrorCode::kIo, "Stream was closed by the client"); }

  const int32_t id_;
  Http2Doorbell& doorbell_;
  const Http2StreamOptions options_;
  HttpRequest request_;
  // Of the handler's thread alone.
  bool started_ = false;
  std::optional<int64_t> length_;
  int64_t num_written_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Http2StreamWork work_;
  std::string body_;  // received, not yet read: from body_begin_
  size_t body_begin_ = 0;
  int64_t num_received_ = 0;
  bool body_ended_ = false;
  bool expects_continue_ = false;
  std::string output_;  // written, not yet framed: from output_begin_
  size_t output_begin_ = 0;
  int64_t num_taken_ = 0;
  bool has_body_ = false;  // of the answer
  bool finished_ = false;
  bool closed_ = false;
  bool ends_soon_ = false;
};

}  // namespace raudal::net
