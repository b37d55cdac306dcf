#include "net/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "net/http_connection.h"

namespace raudal::net {
namespace {

constexpr size_t kStackBytes = 2 << 20;
constexpr int kBacklog = 512;

Error listen_error(const std::string& what) {
  return Error(ErrorCode::kIo, fmt::format("Cannot listen on {}: {}", what, std::strerror(errno)));
}

struct Listener {
  int fd = -1;
  int port = 0;
};

Result<Listener> listen_tcp(const std::string& host, int port) {
  const std::string what = fmt::format("{}:{}", host, port);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (rc != 0) return Error(ErrorCode::kIo, fmt::format("Cannot listen on {}: {}", what, ::gai_strerror(rc)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return listen_error(what);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    const Error error = listen_error(what);
    ::close(fd);
    return error;
  }
  const uint16_t taken = bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                                     : reinterpret_cast<sockaddr_in&>(bound).sin_port;
  return Listener{fd, ntohs(taken)};
}

Result<Listener> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("Unix socket's path is longer than {} bytes: {}", sizeof(address.sun_path) - 1, path));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return listen_error(path);
  struct stat old;
  if (::lstat(path.c_str(), &old) == 0 && S_ISSOCK(old.st_mode)) ::unlink(path.c_str());
  ::fchmod(fd, 0600);  // before bind(), so that it never exists with wider rights
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || ::listen(fd, kBacklog) != 0) {
    const Error error = listen_error(path);
    ::close(fd);
    return error;
  }
  ::chmod(path.c_str(), 0600);
  return Listener{fd, 0};
}

std::string peer_name(const sockaddr_storage& address) {
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

class ThreadedHttpServer final : public HttpServer {
 public:
  ThreadedHttpServer(HttpServerOptions options, HttpHandler handler, const obs::Logger& log)
      : options_(std::move(options)), handler_(std::move(handler)), log_(log) {}
  ~ThreadedHttpServer() override { stop(500); }

  Status listen() {
    wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd_ < 0) return listen_error("an event descriptor");
    if (!options_.host.empty()) {
      const Listener tcp = TRY(listen_tcp(options_.host, options_.port));
      listeners_.push_back(tcp.fd);
      port_ = tcp.port;
    }
    if (!options_.unix_path.empty()) listeners_.push_back(TRY(listen_unix(options_.unix_path)).fd);
    if (listeners_.empty()) return Error(ErrorCode::kInvalidArgument, "HTTP server has neither host nor socket");
    if (::pthread_create(&acceptor_, nullptr, &run_acceptor, this) != 0) return listen_error("a thread");
    accepting_ = true;
    return {};
  }

  int port() const override { return port_; }

  void stop(int grace_ms) override {
    if (stopping_.exchange(true)) return;
    if (accepting_) {
      const uint64_t one = 1;
      CHECK(::write(wake_fd_, &one, sizeof(one)) == sizeof(one));
      ::pthread_join(acceptor_, nullptr);
    }
    for (const int fd : listeners_) ::close(fd);
    if (!options_.unix_path.empty()) ::unlink(options_.unix_path.c_str());
    if (wake_fd_ >= 0) ::close(wake_fd_);
    std::unique_lock lock(mutex_);
    for (Peer& peer : peers_) {
      if (!peer.done && peer.connection.idle()) peer.connection.shut_down();
    }
    ended_.wait_for(lock, std::chrono::milliseconds(grace_ms), [&] { return num_running_ == 0; });
    for (Peer& peer : peers_) {
      if (!peer.done) peer.connection.shut_down();
    }
    ended_.wait(lock, [&] { return num_running_ == 0; });
    join_ended();
  }

 private:
  // A connection with its thread. Stays in the list until the thread is joined.
  struct Peer {
    Peer(ThreadedHttpServer& server, int fd, std::string name)
        : server(server),
          connection(fd, std::move(name), server.options_, server.handler_, server.log_, server.stopping_) {}
    ThreadedHttpServer& server;
    HttpConnection connection;
    pthread_t thread{};
    bool done = false;
  };

  static void* run_acceptor(void* self) {
    obs::set_thread_name("http-accept");
    static_cast<ThreadedHttpServer*>(self)->accept_loop();
    return nullptr;
  }

  static void* run_peer(void* raw) {
    Peer& peer = *static_cast<Peer*>(raw);
    obs::set_thread_name("http");
    peer.connection.serve();
    peer.connection.shut_down();
    std::lock_guard lock(peer.server.mutex_);
    peer.done = true;
    --peer.server.num_running_;
    peer.server.ended_.notify_all();
    return nullptr;
  }

  void accept_loop() {
    std::vector<pollfd> entries{{.fd = wake_fd_, .events = POLLIN, .revents = 0}};
    for (const int fd : listeners_) entries.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    while (!stopping_) {
      // The timeout is for joining ended threads of a server that has become quiet.
      ::poll(entries.data(), entries.size(), 1000);
      {
        std::lock_guard lock(mutex_);
        join_ended();
      }
      for (size_t i = 1; i < entries.size() && !stopping_; ++i) {
        if (entries[i].revents & POLLIN) accept_one(entries[i].fd);
      }
    }
  }

  void accept_one(int listener) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    const int fd = ::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC);
    if (fd < 0) {
      // Out of descriptors: the connection stays in the backlog; do not spin on it.
      if (errno == EMFILE || errno == ENFILE) ::poll(nullptr, 0, 50);
      return;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::lock_guard lock(mutex_);
    if (num_running_ >= options_.connections_max) {
      TimedSocket(fd).write_all("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 0)
          .ok();
      return;
    }
    start_peer(fd, peer_name(address));
  }

  // Under the lock, so that the thread cannot end before it is counted.
  void start_peer(int fd, std::string name) {
    Peer& peer = peers_.emplace_back(*this, fd, std::move(name));
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kStackBytes);
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
  std::vector<int> listeners_;
  pthread_t acceptor_{};
  std::mutex mutex_;
  std::condition_variable ended_;
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
