#include "sandbox/switchboard.h"

#include <signal.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <thread>

#include "base/check.h"
#include "obs/log.h"
#include "sandbox/resolver.h"
#include "sandbox/socket_relay.h"
#include "sandbox/tunnel.h"

namespace raudal::sandbox {

struct Switchboard::State {
  // The thread is joined before the context goes: it ends its coroutines and closes their sockets.
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(*context);
  std::thread thread;
};

Switchboard::Switchboard() : state_(std::make_unique<State>()) {}

Switchboard::~Switchboard() { stop(); }

void Switchboard::forward(int listener, ForwardTarget target) {
  CHECK(!state_->thread.joinable());
  auto shared = std::make_shared<const ForwardTarget>(std::move(target));
  asio::co_spawn(*state_->context,
                 accept_loop(asio::posix::stream_descriptor(*state_->context, listener),
                             [shared](Stream stream) { return relay(std::move(stream), shared); }),
                 asio::detached);
}

void Switchboard::resolve(int udp_socket, int tcp_listener, NameRules rules) {
  CHECK(!state_->thread.joinable());
  auto shared = std::make_shared<const NameRules>(std::move(rules));
  asio::co_spawn(*state_->context,
                 answer_datagrams(asio::posix::stream_descriptor(*state_->context, udp_socket), shared),
                 asio::detached);
  asio::co_spawn(*state_->context,
                 accept_loop(asio::posix::stream_descriptor(*state_->context, tcp_listener),
                             [shared](Stream stream) { return answer_stream(std::move(stream), shared); }),
                 asio::detached);
}

void Switchboard::serve_tunnels(int listener, TunnelRules rules) {
  CHECK(!state_->thread.joinable());
  auto shared = std::make_shared<const TunnelRules>(std::move(rules));
  asio::co_spawn(*state_->context,
                 accept_loop(asio::posix::stream_descriptor(*state_->context, listener),
                             [shared](Stream stream) { return tunnel(std::move(stream), shared); }),
                 asio::detached);
}

void Switchboard::start() {
  // Each forwarded connection takes two descriptors of this process.
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  // Signals are the business of the supervisor's other threads.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  state_->thread = std::thread([context = state_->context.get()] {
    obs::set_thread_name("switchboard");
    context->run();
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Switchboard::stop() {
  if (!state_->context) return;
  state_->context->stop();
  if (state_->thread.joinable()) state_->thread.join();
  state_->guard.reset();
  state_->context.reset();
}

}  // namespace raudal::sandbox
