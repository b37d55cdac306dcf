#include "net/http2_stream.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "net/http_head.h"

namespace raudal::net {
namespace {

constexpr size_t kCompactBytes = 128 << 10;

// Appends behind what is not yet taken, and lets go of what is.
void append(std::string& buffer, size_t& begin, std::string_view bytes) {
  if (begin == buffer.size()) {
    buffer.clear();
    begin = 0;
  } else if (begin >= kCompactBytes) {
    buffer.erase(0, begin);
    begin = 0;
  }
  buffer += bytes;
}

}  // namespace

size_t Http2Stream::take_body(std::string_view bytes) {
  std::lock_guard lock(mutex_);
  num_received_ += static_cast<int64_t>(bytes.size());
  const bool dropped = work_.handler_ended || num_received_ > options_.body_bytes_max;
  if (!dropped) append(body_, body_begin_, bytes);
  changed_.notify_all();
  return dropped ? bytes.size() : 0;
}

void Http2Stream::end_body() {
  std::lock_guard lock(mutex_);
  body_ended_ = true;
  changed_.notify_all();
}

void Http2Stream::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void Http2Stream::end_soon() {
  std::lock_guard lock(mutex_);
  ends_soon_ = true;
}

Http2StreamWork Http2Stream::take_work() {
  std::lock_guard lock(mutex_);
  work_.has_output = finished_ || output_begin_ < output_.size();
  work_.answered = finished_;
  Http2StreamWork work = work_;
  work_.head.reset();
  work_.send_continue = false;
  work_.num_bytes_read = 0;
  return work;
}

size_t Http2Stream::take_output(std::span<uint8_t> buffer, bool& ended) {
  std::lock_guard lock(mutex_);
  const size_t n = std::min(buffer.size(), output_.size() - output_begin_);
  std::memcpy(buffer.data(), output_.data() + output_begin_, n);
  output_begin_ += n;
  num_taken_ += static_cast<int64_t>(n);
  ended = finished_ && output_begin_ == output_.size();
  if (n > 0) changed_.notify_all();
  return n;
}

void Http2Stream::handler_ended() {
  std::lock_guard lock(mutex_);
  work_.handler_ended = true;
  work_.num_bytes_read += body_.size() - body_begin_;
  body_begin_ = body_.size();
  doorbell_.ring(id_);
}

Result<size_t> Http2Stream::read(std::span<char> buffer) {
  if (buffer.empty()) return size_t{0};
  std::unique_lock lock(mutex_);
  if (std::exchange(expects_continue_, false) && !body_ended_ && body_.empty() && !work_.head && !started_) {
    work_.send_continue = true;
    doorbell_.ring(id_);
  }
  const bool ready = changed_.wait_for(lock, std::chrono::milliseconds(options_.io_timeout_ms), [&] {
    return closed_ || body_ended_ || body_begin_ < body_.size() || num_received_ > options_.body_bytes_max;
  });
  if (num_received_ > options_.body_bytes_max) {
    return Error(ErrorCode::kRequestTooLarge, fmt::format("Body is longer than {} bytes", options_.body_bytes_max));
  }
  const size_t n = std::min(buffer.size(), body_.size() - body_begin_);
  if (n > 0) {
    std::memcpy(buffer.data(), body_.data() + body_begin_, n);
    body_begin_ += n;
    work_.num_bytes_read += n;
    // More may come when all is read, or half of what a client may send ahead.
    if (!body_ended_ && (body_begin_ == body_.size() || work_.num_bytes_read >= kCompactBytes)) doorbell_.ring(id_);
    return n;
  }
  if (body_ended_) return size_t{0};
  if (closed_) return gone();
  CHECK(!ready);
  return Error(ErrorCode::kTimeout, fmt::format("Connection is silent for {} ms", options_.io_timeout_ms));
}

bool Http2Stream::is_open() const {
  std::lock_guard lock(mutex_);
  return !closed_ && !ends_soon_;
}

Status Http2Stream::begin(int status, const HttpHeaders& headers, std::optional<int64_t> content_length) {
  CHECK(!started_);
  started_ = true;
  length_ = content_length;
  Http2StreamWork::Head head{
      .status = status, .headers = headers, .has_body = has_response_body(request_.method, status)};
  if (!headers.has("Date")) head.headers.add("date", http_date());
  if (content_length && status != 204 && status != 304) {
    head.headers.set("content-length", std::to_string(*content_length));
  }
  std::lock_guard lock(mutex_);
  has_body_ = head.has_body;
  work_.head = std::move(head);
  return closed_ ? Status(gone()) : Status();
}

Status Http2Stream::write(std::string_view bytes) {
  CHECK(started_);
  if (!has_body_ || bytes.empty()) return {};
  num_written_ += static_cast<int64_t>(bytes.size());
  if (length_) CHECK(num_written_ <= *length_);
  std::unique_lock lock(mutex_);
  CHECK(!finished_);
  while (!bytes.empty()) {
    TRY(wait_for_room(lock));
    const size_t room = options_.output_bytes_max - (output_.size() - output_begin_);
    const std::string_view piece = bytes.substr(0, room);
    append(output_, output_begin_, piece);
    bytes.remove_prefix(piece.size());
    // The last piece of a known length goes out with the end of the stream.
    if (!bytes.empty() || !length_ || num_written_ < *length_) doorbell_.ring(id_);
  }
  return closed_ ? Status(gone()) : Status();
}

Status Http2Stream::wait_for_room(std::unique_lock<std::mutex>& lock) {
  const auto has_room = [&] { return output_.size() - output_begin_ < options_.output_bytes_max; };
  while (!closed_ && !has_room()) {
    const int64_t before = num_taken_;
    const bool moved = changed_.wait_for(lock, std::chrono::milliseconds(options_.io_timeout_ms),
                                         [&] { return closed_ || num_taken_ != before; });
    if (!moved) {
      return Error(ErrorCode::kTimeout, fmt::format("Client reads nothing for {} ms", options_.io_timeout_ms));
    }
  }
  return closed_ ? Status(gone()) : Status();
}

Status Http2Stream::finish() {
  CHECK(started_);
  if (has_body_ && length_) CHECK(num_written_ == *length_);
  std::lock_guard lock(mutex_);
  CHECK(!finished_);
  finished_ = true;
  doorbell_.ring(id_);
  return closed_ ? Status(gone()) : Status();
}

}  // namespace raudal::net
