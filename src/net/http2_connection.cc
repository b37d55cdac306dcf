#include "net/http2_connection.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/str.h"
#include "net/http2_stream.h"
#include "net/http_head.h"

namespace raudal::net {
namespace {

constexpr uint32_t kStreamsMax = 250;
constexpr int32_t kStreamWindowBytes = 256 << 10;  // what a client may send ahead of a handler
constexpr int32_t kConnectionWindowBytes = 8 << 20;
constexpr size_t kOutputBytes = 64 << 10;      // framed at a time
constexpr int kReadsAtOnce = 16;               // then it is the writer's turn
constexpr int64_t kDrainBytesMax = 256 << 10;  // of a body that nobody reads, before the stream is reset

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Session = std::unique_ptr<nghttp2_session, Freer<nghttp2_session_del>>;
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, Freer<nghttp2_session_callbacks_del>>;
using Option = std::unique_ptr<nghttp2_option, Freer<nghttp2_option_del>>;

// Which streams changed, and how many handlers run. Handlers may outlive their streams, not this.
class Doorbell final : public Http2Doorbell {
 public:
  Doorbell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Doorbell() override {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }

  void ring(int32_t stream_id) override {
    std::lock_guard lock(mutex_);
    ring_locked(stream_id);
  }

  std::vector<int32_t> take_rung() {
    std::lock_guard lock(mutex_);
    uint64_t count;
    if (!rung_.empty()) (void)!::read(fd_, &count, sizeof(count));
    return std::exchange(rung_, {});
  }

  void handler_starts() {
    std::lock_guard lock(mutex_);
    ++num_handlers_;
  }
  void handler_ends() {
    std::lock_guard lock(mutex_);
    --num_handlers_;
    ring_locked(0);
    ended_.notify_all();
  }
  uint32_t num_handlers() {
    std::lock_guard lock(mutex_);
    return num_handlers_;
  }
  void wait_for_handlers() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return num_handlers_ == 0; });
  }

 private:
  void ring_locked(int32_t stream_id) {
    const uint64_t one = 1;
    if (rung_.empty()) (void)!::write(fd_, &one, sizeof(one));
    if (rung_.empty() || rung_.back() != stream_id) rung_.push_back(stream_id);
  }

  const int fd_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<int32_t> rung_;
  uint32_t num_handlers_ = 0;
};

nghttp2_nv field(std::string_view name, std::string_view value) {
  return {.name = reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          .value = reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

// Belongs to HTTP/1.1's connections and must not be sent here.
bool is_hop_by_hop(std::string_view name) {
  for (const std::string_view hop : {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
    if (name == hop) return true;
  }
  return false;
}

class Http2Connection {
 public:
  Http2Connection(ByteStream& stream, const std::string& peer, const ConnectionContext& context,
                  HandlerThreads& threads, int stop_fd)
      : stream_(stream), peer_(peer), context_(context), threads_(threads), stop_fd_(stop_fd) {}

  void serve(std::string_view received) {
    if (doorbell_.fd() < 0 || !open()) return;
    last_heard_ms_ = monotonic_ms();
    if (take(received)) {
      while (step()) {}
    }
    for (auto& [id, entry] : entries_) entry.stream->close();
    doorbell_.wait_for_handlers();
  }

 private:
  // A stream, from its first header until it is closed on both sides.
  struct Entry {
    std::shared_ptr<Http2Stream> stream;
    int64_t num_header_bytes = 0;
    bool too_long = false;  // its headers
    bool dispatched = false;
    bool submitted = false;     // its answer
    bool output_ended = false;  // we have sent all
    int64_t num_dropped = 0;    // of the body, after that
  };

  bool open() {
    nghttp2_session_callbacks* raw_callbacks = nullptr;
    nghttp2_option* raw_option = nullptr;
    CHECK(nghttp2_session_callbacks_new(&raw_callbacks) == 0 && nghttp2_option_new(&raw_option) == 0);
    const Callbacks callbacks(raw_callbacks);
    const Option option(raw_option);
    nghttp2_session_callbacks_set_on_begin_headers_callback(raw_callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(raw_callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(raw_callbacks, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw_callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(raw_callbacks, on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(raw_callbacks, on_close);
    nghttp2_option_set_no_auto_window_update(raw_option, 1);
    nghttp2_option_set_no_closed_streams(raw_option, 1);
    nghttp2_session* session = nullptr;
    CHECK(nghttp2_session_server_new2(&session, raw_callbacks, this, raw_option) == 0);
    session_.reset(session);
    const std::array<nghttp2_settings_entry, 3> settings = {{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreamsMax},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(kStreamWindowBytes)},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(context_.options.header_bytes_max)},
    }};
    return nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0 &&
           nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindowBytes) == 0;
  }

  // One round: what handlers want, what goes out, what comes in. False at the end of the connection.
  bool step() {
    for (const int32_t id : doorbell_.take_rung()) answer_bell(id);
    if (!send_frames()) return false;
    if (output_.empty() && !nghttp2_session_want_read(session_.get()) && !nghttp2_session_want_write(session_.get())) {
      return false;
    }
    std::array<pollfd, 3> entries = {{
        {.fd = stream_.fd(),
         .events = static_cast<short>(read_events_ | (output_.empty() ? 0 : POLLOUT)),
         .revents = 0},
        {.fd = doorbell_.fd(), .events = POLLIN, .revents = 0},
        {.fd = stop_fd_, .events = POLLIN, .revents = 0},
    }};
    const int ready = ::poll(entries.data(), entries.size(), has_more_to_read_ ? 0 : wait_ms());
    if (ready < 0) return errno == EINTR;
    if (stop_fd_ >= 0 && entries[2].revents != 0) begin_end();
    if (entries[0].revents != 0 || has_more_to_read_) return receive();
    if (ready == 0 && wait_ms() == 0) {
      nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
      (void)send_frames();
      return false;
    }
    return true;
  }

  // While handlers run, they have deadlines of their own. Without them the peer must say something now and then.
  int wait_ms() {
    if (doorbell_.num_handlers() > 0) return -1;
    const int timeout_ms = num_requests_ == 0 ? context_.options.header_timeout_ms : context_.options.idle_timeout_ms;
    return static_cast<int>(std::max<int64_t>(0, last_heard_ms_ + timeout_ms - monotonic_ms()));
  }

  // Takes no new streams; the session ends with the last that runs.
  void begin_end() {
    stop_fd_ = -1;
    for (auto& [id, entry] : entries_) entry.stream->end_soon();
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_.get()),
                          NGHTTP2_NO_ERROR, nullptr, 0);
  }

  bool receive() {
    std::array<char, 16 << 10> buffer;
    for (int i = 0; i < kReadsAtOnce; ++i) {
      const auto step = stream_.try_read(buffer);
      if (!step.ok()) return false;
      has_more_to_read_ = step->wait_for == 0;
      if (step->wait_for != 0) {
        read_events_ = step->wait_for;
        return true;
      }
      if (step->num_bytes == 0) return false;
      if (!take(std::string_view(buffer.data(), step->num_bytes))) return false;
    }
    return true;
  }

  bool take(std::string_view bytes) {
    last_heard_ms_ = monotonic_ms();
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    const ssize_t n = nghttp2_session_mem_recv(session_.get(), data, bytes.size());
    if (n >= 0) return true;
    context_.log.debug(fmt::format("{}: HTTP/2 connection is malformed: {}", peer_, nghttp2_strerror(int(n))));
    (void)send_frames();  // says why it ends, where it can
    return false;
  }

  // As much as the socket takes.
  bool send_frames() {
    while (true) {
      while (output_.size() < kOutputBytes) {
        const uint8_t* data = nullptr;
        const ssize_t n = nghttp2_session_mem_send(session_.get(), &data);
        if (n < 0) return false;
        if (n == 0) break;
        output_.append(reinterpret_cast<const char*>(data), static_cast<size_t>(n));
      }
      if (output_.empty()) return true;
      size_t num_sent = 0;
      bool blocked = false;
      while (num_sent < output_.size() && !blocked) {
        const auto step = stream_.try_write(std::string_view(output_).substr(num_sent));
        if (!step.ok()) return false;
        num_sent += step->num_bytes;
        blocked = step->wait_for != 0;
      }
      output_.erase(0, num_sent);
      if (blocked) return true;
    }
  }

  void answer_bell(int32_t id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    Http2StreamWork work = entry.stream->take_work();
    if (work.num_bytes_read > 0) nghttp2_session_consume_stream(session_.get(), id, work.num_bytes_read);
    if (work.send_continue && !entry.submitted) {
      const nghttp2_nv status = field(":status", "100");
      nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr);
    }
    if (work.head && !entry.submitted) submit(entry, *work.head);
    if (work.has_output) nghttp2_session_resume_data(session_.get(), id);
    if (work.handler_ended && !work.answered) {
      nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
    }
  }

  void submit(Entry& entry, const Http2StreamWork::Head& head) {
    entry.submitted = true;
    std::vector<std::pair<std::string, std::string>> texts;
    texts.emplace_back(":status", std::to_string(head.status));
    for (const auto& [name, value] : head.headers) {
      std::string lower = to_lower(one_line(name));
      if (!is_hop_by_hop(lower)) texts.emplace_back(std::move(lower), std::string(trim(one_line(value))));
    }
    std::vector<nghttp2_nv> fields;
    for (const auto& [name, value] : texts) fields.push_back(field(name, value));
    const nghttp2_data_provider body{.source = {.ptr = entry.stream.get()}, .read_callback = on_output};
    const int rc = nghttp2_submit_response(session_.get(), entry.stream->id(), fields.data(), fields.size(),
                                           head.has_body ? &body : nullptr);
    if (rc != 0) context_.log.error(fmt::format("Cannot answer over HTTP/2: {}", nghttp2_strerror(rc)));
  }

  // An answer that needs no handler.
  void refuse(Entry& entry, int status) {
    submit(entry, {.status = status, .headers = {{"content-length", "0"}, {"date", http_date()}}, .has_body = false});
  }

  void dispatch(Entry& entry, bool body_ended) {
    entry.dispatched = true;
    ++num_requests_;
    const int32_t id = entry.stream->id();
    if (body_ended) entry.stream->end_body();
    HttpRequest& request = entry.stream->request();
    if (entry.too_long) return refuse(entry, 431);
    if (!split_target(request).ok()) return refuse(entry, 400);
    if (!request.headers.get("content-length").empty()) {
      request.content_length = parse_int(request.headers.get("content-length"));
    }
    if (request.content_length.value_or(0) > context_.options.body_bytes_max) return refuse(entry, 413);
    if (equals_ignore_case(request.headers.get("expect"), "100-continue")) entry.stream->expect_continue();
    request.peer = peer_;
    request.over_tls = context_.over_tls;
    request.body = entry.stream.get();
    // Streams that a client has reset count as long as their handlers run.
    if (doorbell_.num_handlers() < kStreamsMax && start_handler(entry.stream)) return;
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
  }

  bool start_handler(const std::shared_ptr<Http2Stream>& stream) {
    doorbell_.handler_starts();
    const bool started = threads_.run([this, stream] {
      context_.handler(stream->request(), *stream);
      if (!stream->started()) {
        const HttpRequest& request = stream->request();
        context_.log.error(fmt::format("Request was not answered: {} {}", request.method, request.path));
        (void)stream->send(500, {{"Content-Type", "text/plain"}}, "The request was not answered.\n").ok();
      }
      stream->handler_ended();
      doorbell_.handler_ends();  // the last that is done with this connection
    });
    if (!started) doorbell_.handler_ends();
    return started;
  }

  void take_header(Entry& entry, std::string_view name, std::string_view value) {
    entry.num_header_bytes += static_cast<int64_t>(name.size() + value.size()) + 32;  // as the RFC counts
    if (entry.num_header_bytes > context_.options.header_bytes_max) entry.too_long = true;
    if (entry.too_long) return;
    HttpRequest& request = entry.stream->request();
    if (name == ":method") {
      request.method = value;
    } else if (name == ":path") {
      request.target = value;
    } else if (name == ":authority") {
      request.headers.add("host", std::string(value));
    } else if (name == "cookie" && request.headers.has("cookie")) {
      request.headers.set("cookie", std::string(request.headers.get("cookie")) + "; " + std::string(value));
    } else if (!name.starts_with(':') && !(name == "host" && request.headers.has("host"))) {
      request.headers.add(std::string(name), std::string(value));
    }
  }

  Entry* find(int32_t id) {
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : &found->second;
  }

  static Http2Connection& self_of(void* user) { return *static_cast<Http2Connection*>(user); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Connection& self = self_of(user);
    const int32_t id = frame->hd.stream_id;
    const Http2StreamOptions options{.body_bytes_max = self.context_.options.body_bytes_max,
                                     .io_timeout_ms = self.context_.options.io_timeout_ms};
    self.entries_[id].stream = std::make_shared<Http2Stream>(id, self.doorbell_, options);
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                       const uint8_t* value, size_t value_size, uint8_t, void* user) {
    Http2Connection& self = self_of(user);
    Entry* entry = self.find(frame->hd.stream_id);
    if (!entry || entry->dispatched) return 0;  // a trailer
    self.take_header(*entry, std::string_view(reinterpret_cast<const char*>(name), name_size),
                     std::string_view(reinterpret_cast<const char*>(value), value_size));
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    Http2Connection& self = self_of(user);
    Entry* entry = self.find(frame->hd.stream_id);
    if (!entry) return 0;
    const bool body_ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!entry->dispatched) {
      self.dispatch(*entry, body_ended);
    } else if (body_ended) {
      entry->stream->end_body();
    }
    return 0;
  }

  static int on_data(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
    Http2Connection& self = self_of(user);
    // The connection's window only keeps pace; what a slow handler holds back is its own stream's.
    nghttp2_session_consume_connection(session, size);
    Entry* entry = self.find(id);
    if (!entry) return 0;
    if (!entry->output_ended) {
      const size_t dropped = entry->stream->take_body(std::string_view(reinterpret_cast<const char*>(data), size));
      if (dropped > 0) nghttp2_session_consume_stream(session, id, dropped);
      return 0;
    }
    entry->num_dropped += static_cast<int64_t>(size);
    if (entry->num_dropped <= kDrainBytesMax) {
      nghttp2_session_consume_stream(session, id, size);
    } else {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
    }
    return 0;
  }

  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    Entry* entry = self_of(user).find(frame->hd.stream_id);
    if (entry && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) entry->output_ended = true;
    return 0;
  }

  static int on_close(nghttp2_session*, int32_t id, uint32_t, void* user) {
    Http2Connection& self = self_of(user);
    const auto found = self.entries_.find(id);
    if (found == self.entries_.end()) return 0;
    found->second.stream->close();
    self.entries_.erase(found);
    return 0;
  }

  static ssize_t on_output(nghttp2_session*, int32_t, uint8_t* buffer, size_t size, uint32_t* flags,
                           nghttp2_data_source* source, void*) {
    bool ended = false;
    const size_t n = static_cast<Http2Stream*>(source->ptr)->take_output(std::span(buffer, size), ended);
    if (ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return n == 0 && !ended ? NGHTTP2_ERR_DEFERRED : static_cast<ssize_t>(n);
  }

  ByteStream& stream_;
  const std::string& peer_;
  const ConnectionContext& context_;
  HandlerThreads& threads_;
  int stop_fd_;
  Doorbell doorbell_;
  std::map<int32_t, Entry> entries_;
  Session session_;
  std::string output_;  // framed, not yet sent
  short read_events_ = POLLIN;
  bool has_more_to_read_ = false;
  int64_t last_heard_ms_ = 0;
  int64_t num_requests_ = 0;
};

}  // namespace

void serve_http2(ByteStream& stream, std::string_view received, const std::string& peer,
                 const ConnectionContext& context, HandlerThreads& threads, int stop_fd) {
  Http2Connection(stream, peer, context, threads, stop_fd).serve(received);
}

}  // namespace raudal::net
