#include "net/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "net/handler_threads.h"
#include "net/http2_connection.h"
#include "net/http_connection.h"
#include "net/listener.h"
#include "net/timed_socket.h"

namespace raudal::net {
namespace {

std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof(text));
  } else if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof(text));
  } else {
    return "unix";
  }
  return text;
}

// Whom a client means that gives no name: this address.
std::string local_name(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "localhost";
  const std::string name = address_text(address);
  return name == "unix" ? "localhost" : name;
}

class ThreadedHttpServer final : public HttpServer {
 public:
  ThreadedHttpServer(HttpServerOptions options, HttpHandler handler, const obs::Logger& log)
      : options_(std::move(options)), handler_(std::move(handler)), log_(log) {}
  ~ThreadedHttpServer() override { stop(500); }

  Status listen() {
    wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd_ < 0) return start_error();
    if (!options_.host.empty()) port_ = TRY(add_listener(listen_tcp(options_.host, options_.port), false));
    if (!options_.unix_path.empty()) TRY(add_listener(listen_unix(options_.unix_path), false));
    if (!options_.tls_host.empty())
      tls_port_ = TRY(add_listener(listen_tcp(options_.tls_host, options_.tls_port), true));
    if (!options_.tls_unix_path.empty()) TRY(add_listener(listen_unix(options_.tls_unix_path), true));
    threads_.emplace(options_.connections_max);
    if (listeners_.empty()) return Error(ErrorCode::kInvalidArgument, "HTTP server has neither host nor socket");
    if (::pthread_create(&acceptor_, nullptr, &run_acceptor, this) != 0) return start_error();
    accepting_ = true;
    return {};
  }

  int port() const override { return port_; }
  int tls_port() const override { return tls_port_; }

  void stop(int grace_ms) override {
    if (stopping_.exchange(true)) return;
    if (accepting_) {
      const uint64_t one = 1;
      CHECK(::write(wake_fd_, &one, sizeof(one)) == sizeof(one));
      ::pthread_join(acceptor_, nullptr);
    }
    for (const Listener& listener : listeners_) ::close(listener.fd);
    for (const std::string& path : {options_.unix_path, options_.tls_unix_path}) {
      if (!path.empty()) ::unlink(path.c_str());
    }
    std::unique_lock lock(mutex_);
    for (Peer& peer : peers_) {
      if (!peer.done && peer.idle) peer.stream->shut_down();
    }
    ended_.wait_for(lock, std::chrono::milliseconds(grace_ms), [&] { return num_running_ == 0; });
    for (Peer& peer : peers_) {
      if (!peer.done) peer.stream->shut_down();
    }
    ended_.wait(lock, [&] { return num_running_ == 0; });
    join_ended();
    threads_.reset();
    if (wake_fd_ >= 0) ::close(wake_fd_);
  }

 private:
  struct Listener {
    int fd = -1;
    bool tls = false;
  };

  // A connection with its thread. Stays in the list until the thread is joined.
  struct Peer {
    ThreadedHttpServer& server;
    std::unique_ptr<ByteStream> stream;
    TlsStream* tls = nullptr;  // the same stream, if it is one
    std::string name;
    std::atomic<bool> idle{true};
    pthread_t thread{};
    bool done = false;
  };

  static Error start_error() {
    return Error(ErrorCode::kIo, fmt::format("Cannot start an HTTP server: {}", std::strerror(errno)));
  }

  // The port that was taken.
  Result<int> add_listener(Result<ListeningSocket> socket, bool tls) {
    CHECK(!tls || options_.tls != nullptr);
    if (!socket.ok()) return socket.error();
    listeners_.push_back({socket->fd, tls});
    return socket->port;
  }

  static void* run_acceptor(void* self) {
    obs::set_thread_name("http-accept");
    static_cast<ThreadedHttpServer*>(self)->accept_loop();
    return nullptr;
  }

  static void* run_peer(void* raw) {
    Peer& peer = *static_cast<Peer*>(raw);
    obs::set_thread_name("http");
    peer.server.serve(peer);
    peer.stream->end_output();
    peer.stream->shut_down();
    std::lock_guard lock(peer.server.mutex_);
    peer.done = true;
    --peer.server.num_running_;
    peer.server.ended_.notify_all();
    return nullptr;
  }

  void serve(Peer& peer) {
    if (peer.tls) {
      const Status shaken = peer.tls->handshake(options_.header_timeout_ms);
      if (!shaken.ok()) return log_.debug(fmt::format("{}: {}", peer.name, shaken.error().message()));
    }
    const ConnectionContext context{options_, handler_, log_, stopping_, peer.tls != nullptr};
    std::string received;
    if (!peer.tls || peer.tls->protocol() != "h2") {
      HttpConnection connection(*peer.stream, peer.name, context, peer.idle);
      if (!connection.serve()) return;
      received = connection.unread();
    }
    peer.idle = false;  // it takes leave of its client by itself when stop() wakes it
    serve_http2(*peer.stream, received, peer.name, context, *threads_, wake_fd_);
  }

  void accept_loop() {
    std::vector<pollfd> entries{{.fd = wake_fd_, .events = POLLIN, .revents = 0}};
    for (const Listener& listener : listeners_) entries.push_back({.fd = listener.fd, .events = POLLIN, .revents = 0});
    while (!stopping_) {
      // The timeout is for joining ended threads of a server that has become quiet.
      ::poll(entries.data(), entries.size(), 1000);
      {
        std::lock_guard lock(mutex_);
        join_ended();
      }
      for (size_t i = 1; i < entries.size() && !stopping_; ++i) {
        if (entries[i].revents & POLLIN) accept_one(listeners_[i - 1]);
      }
    }
  }

  void accept_one(const Listener& listener) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    const int fd = ::accept4(listener.fd, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC);
    if (fd < 0) {
      // Out of descriptors: the connection stays in the backlog; do not spin on it.
      if (errno == EMFILE || errno == ENFILE) ::poll(nullptr, 0, 50);
      return;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::lock_guard lock(mutex_);
    if (num_running_ >= options_.connections_max) {
      TimedSocket refused(fd);
      if (listener.tls) return;
      (void)refused.write_all("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 0)
          .ok();
      return;
    }
    start_peer(fd, listener.tls, address_text(address));
  }

  // Under the lock, so that the thread cannot end before it is counted.
  void start_peer(int fd, bool tls, std::string name) {
    Peer& peer = peers_.emplace_back(*this);
    peer.name = std::move(name);
    if (tls) {
      auto stream = options_.tls->accept(fd, local_name(fd));
      peer.tls = stream.get();
      peer.stream = std::move(stream);
    } else {
      peer.stream = std::make_unique<TimedSocket>(fd);
    }
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kHandlerStackBytes);
    const int rc = ::pthread_create(&peer.thread, &attributes, &run_peer, &peer);
    ::pthread_attr_destroy(&attributes);
    if (rc != 0) {
      log_.error(fmt::format("Cannot start a thread for a connection: {}", std::strerror(rc)));
      peers_.pop_back();
      return;
    }
    ++num_running_;
  }

  // Under the lock. A thread that is done only has its last few instructions left.
  void join_ended() {
    for (auto it = peers_.begin(); it != peers_.end();) {
      if (!it->done) {
        ++it;
        continue;
      }
      ::pthread_join(it->thread, nullptr);
      it = peers_.erase(it);
    }
  }

  const HttpServerOptions options_;
  const HttpHandler handler_;
  const obs::Logger log_;
  std::atomic<bool> stopping_{false};
  bool accepting_ = false;
  int wake_fd_ = -1;
  int port_ = 0;
  int tls_port_ = 0;
  std::vector<Listener> listeners_;
  pthread_t acceptor_{};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<HandlerThreads> threads_;
  std::list<Peer> peers_;
  int num_running_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, HttpHandler handler,
                                                      const obs::Logger& log) {
  auto server = std::make_unique<ThreadedHttpServer>(std::move(options), std::move(handler), log);
  TRY(server->listen());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace raudal::net
