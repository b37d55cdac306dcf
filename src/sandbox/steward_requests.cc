#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "sandbox/confinement.h"
#include "sandbox/steward.h"

namespace raudal::sandbox {
namespace {

Message refusal(const std::string& what) { return {{"error", what}, {}}; }

int number(const Message& message, size_t field) {
  return field < message.fields.size() ? std::atoi(message.fields[field].c_str()) : 0;
}

// Reads the fields of a spawn request one after the other.
class FieldReader {
 public:
  explicit FieldReader(const Message& message) : message_(message) {}
  std::string text() { return at_ < message_.fields.size() ? message_.fields[at_++] : std::string(); }
  size_t count() { return static_cast<size_t>(std::atoi(text().c_str())); }

 private:
  const Message& message_;
  size_t at_ = 1;
};

// Starts and reaps the programs of a room.
class Programs {
 public:
  Message answer(const Message& request) {
    const std::string& wish = request.fields[0];
    if (wish == "spawn") return spawn(request);
    if (wish == "poll") return poll(number(request, 1));
    if (wish == "signal") return signal(number(request, 1), number(request, 2));
    if (wish == "pidfd") return pidfd(number(request, 1));
    if (wish == "socket") return socket();
    if (wish == "seal") return seal();
    return refusal("The room does not know the request " + wish);
  }

  // Takes note of every child that has ended, orphans of programs too.
  void reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto program = programs_.find(pid);
      if (program == programs_.end()) continue;
      if (WIFSIGNALED(status))
        program->second = ExitStatus{.signal = WTERMSIG(status)};
      else
        program->second = ExitStatus{.code = WEXITSTATUS(status)};
    }
  }

 private:
  Message spawn(const Message& request) {
    if (!sealed_) return refusal("The room is not sealed yet");
    FieldReader fields(request);
    ProcessSpec spec;
    spec.program = fields.text();
    spec.working_directory = fields.text();
    for (size_t left = fields.count(); left > 0; --left) spec.arguments.push_back(fields.text());
    for (size_t left = fields.count(); left > 0; --left) {
      std::string name = fields.text();
      spec.environment.emplace_back(std::move(name), fields.text());
    }
    for (const int fd : request.descriptors) spec.descriptors.emplace_back(fd, std::atoi(fields.text().c_str()));
    const auto pid = process_->spawn(spec);
    if (!pid.ok()) return refusal(pid.error().message());
    programs_[*pid] = std::nullopt;
    return {{"ok", std::to_string(*pid)}, {}};
  }

  Message poll(pid_t pid) {
    reap();
    const auto program = programs_.find(pid);
    if (program == programs_.end()) return {{"unknown"}, {}};
    if (!program->second) return {{"running"}, {}};
    const ExitStatus status = *program->second;
    programs_.erase(program);
    return {{"ended", std::to_string(status.code), std::to_string(status.signal)}, {}};
  }

  Message signal(pid_t pid, int signal) {
    if (pid <= 1) return refusal("Not a program's pid: " + std::to_string(pid));
    const Status status = process_->signal_group(pid, signal);
    return status.ok() ? Message{{"ok"}, {}} : refusal(status.error().message());
  }

  Message pidfd(pid_t pid) {
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (fd < 0) return {{"unknown"}, {}};
    return {{"ok"}, {fd}};
  }

  // A socket of the room's network, for a connection that comes from outside.
  Message socket() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return refusal(std::string("No socket: ") + std::strerror(errno));
    return {{"ok"}, {fd}};
  }

  Message seal() {
    const Status status = confine();
    sealed_ = status.ok();
    return status.ok() ? Message{{"ok"}, {}} : refusal(status.error().message());
  }

  std::unique_ptr<Process> process_ = posix_process();
  std::map<pid_t, std::optional<ExitStatus>> programs_;
  bool sealed_ = false;
};

}  // namespace

Message spawn_request(const ProcessSpec& spec) {
  Message request{{"spawn", spec.program, spec.working_directory}, {}};
  request.fields.push_back(std::to_string(spec.arguments.size()));
  request.fields.insert(request.fields.end(), spec.arguments.begin(), spec.arguments.end());
  request.fields.push_back(std::to_string(spec.environment.size()));
  for (const auto& [name, value] : spec.environment) {
    request.fields.push_back(name);
    request.fields.push_back(value);
  }
  for (const auto& [ours, theirs] : spec.descriptors) {
    request.fields.push_back(std::to_string(theirs));
    request.descriptors.push_back(ours);
  }
  return request;
}

void serve_requests(int control) {
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  const int signals = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  Programs programs;
  for (;;) {
    pollfd watched[2] = {{control, POLLIN, 0}, {signals, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0 && errno != EINTR) return;
    signalfd_siginfo dropped;
    while (::read(signals, &dropped, sizeof dropped) > 0) {}
    programs.reap();
    if (watched[0].revents == 0) continue;
    auto request = receive_message(control);
    if (!request.ok() || request->fields.empty()) return;
    Message reply = programs.answer(*request);
    close_all(request->descriptors);
    const Status told = send_message(control, reply);
    close_all(reply.descriptors);
    if (!told.ok()) return;
  }
}

}  // namespace raudal::sandbox
