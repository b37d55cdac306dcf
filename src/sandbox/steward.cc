#include "sandbox/steward.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "sandbox/kernel_file.h"
#include "sandbox/limit_group.h"
#include "sandbox/loopback.h"

extern char** environ;

namespace raudal::sandbox {
namespace {

Error step_error(const std::string& step) { return Error(ErrorCode::kIo, step + ": " + std::strerror(errno)); }

Message failure(const Error& error) { return {{"error", error.message()}, {}}; }

// The keeper inherits all of the supervisor and keeps nothing but what it needs: no descriptor, no handler, no
// variable.
void forget_supervisor(std::vector<int> kept) {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  std::erase(kept, -1);
  std::ranges::sort(kept);
  unsigned from = 3;
  for (const int fd : kept) {
    if (static_cast<unsigned>(fd) > from) ::close_range(from, static_cast<unsigned>(fd) - 1, 0);
    from = static_cast<unsigned>(fd) + 1;
  }
  ::close_range(from, ~0u, 0);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, 0);
  if (null > 2) ::close(null);
  static char* no_variables[] = {nullptr};
  environ = no_variables;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
}

// The room's user and group are the machine's, so that files belong to whom they belong outside.
Status enter_user_namespace() {
  const std::string user = std::to_string(::geteuid()), group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER) != 0) return step_error("no user namespace");
  TRY(write_kernel_file("/proc/self/uid_map", user + " " + user + " 1"));
  TRY(write_kernel_file("/proc/self/setgroups", "deny"));
  return write_kernel_file("/proc/self/gid_map", group + " " + group + " 1");
}

Status enter_room(const StewardPlan& plan, std::vector<int>& listeners) {
  const int kinds = (plan.mounts ? CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS : 0) | (plan.network ? CLONE_NEWNET : 0);
  if (kinds != 0 && ::unshare(kinds) != 0) return step_error("no namespaces");
  if (plan.network) {
    TRY(bring_up_loopback());
    for (const Listener& wanted : plan.listeners) {
      listeners.push_back(
          TRY(wanted.is_udp ? bind_udp(wanted.address, wanted.port) : listen_tcp(wanted.address, wanted.port)));
    }
  }
  if (!plan.mounts) return {};
  if (::sethostname("room", 4) != 0) return step_error("no host name");
  return enter_root(plan.root);
}

[[noreturn]] void run_steward(const StewardPlan& plan, int control) {
  ::prctl(PR_SET_NAME, "room-steward");
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Stops at the terminal and the like are for the supervisor alone; only its word and its end count here.
  ::setsid();
  Message report{{"ready"}, {}};
  const Status entered = enter_room(plan, report.descriptors);
  const Status told = send_message(control, entered.ok() ? report : failure(entered.error()));
  close_all(report.descriptors);
  if (entered.ok() && told.ok()) serve_requests(control);
  ::_exit(0);
}

// Kills whatever descends from this process, which adopts orphans, until nothing is left.
void end_descendants() {
  const std::string children = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
  for (;;) {
    const auto listed = read_kernel_file(children);
    for (size_t at = 0; listed.ok() && at < listed->size();) {
      const int pid = std::atoi(listed->c_str() + at);
      if (pid > 1) ::kill(pid, SIGKILL);
      at = std::min(listed->find(' ', at), listed->size() - 1) + 1;
    }
    int status = 0;
    if (::waitpid(-1, &status, 0) < 0 && errno == ECHILD) return;
  }
}

// Waits for the end of the steward, or of the supervisor.
void wait_for_end(pid_t steward, int lifeline) {
  const int steward_fd = static_cast<int>(::syscall(SYS_pidfd_open, steward, 0));
  pollfd watched[2] = {{lifeline, POLLIN, 0}, {steward_fd, POLLIN, 0}};
  while (::poll(watched, steward_fd < 0 ? 1 : 2, -1) < 0 && errno == EINTR) {}
  ::kill(steward, SIGKILL);
  end_descendants();
}

[[noreturn]] void run_keeper(const StewardPlan& plan, int control, int lifeline) {
  ::prctl(PR_SET_NAME, "room-keeper");
  // A group of its own: who kills the supervisor's group must not kill who waits for the room's end.
  ::setsid();
  // Descriptor 3 marks the processes that a successor kills; the keeper lives on a moment longer, to tell the truth.
  const int lock = plan.lock_descriptor < 0 ? -1 : ::fcntl(plan.lock_descriptor, F_DUPFD_CLOEXEC, 16);
  forget_supervisor({control, lifeline, lock});
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Status status = plan.user_namespace ? enter_user_namespace() : Status();
  if (status.ok() && plan.mounts && ::unshare(CLONE_NEWPID) != 0) status = step_error("no PID namespace");
  const pid_t steward = status.ok() ? ::fork() : -1;
  if (steward == 0) {
    ::close(lifeline);
    if (lock >= 0) ::close(lock);
    run_steward(plan, control);
  }
  if (status.ok() && steward < 0) status = step_error("fork failed");
  ::close(control);
  (void)send_message(lifeline, status.ok() ? Message{{"pid", std::to_string(steward)}, {}} : failure(status.error()));
  if (steward > 0) wait_for_end(steward, lifeline);
  remove_limit_group(plan.limit_folders);
  ::_exit(0);
}

Result<Message> checked(Result<Message> reply) {
  if (!reply.ok()) return std::move(reply).error();
  if (reply->fields.empty()) return Error(ErrorCode::kCorrupt, "The room's answer is empty");
  if (reply->fields[0] != "error") return reply;
  close_all(reply->descriptors);
  return Error(ErrorCode::kIo, reply->fields.size() > 1 ? reply->fields[1] : "The room refused");
}

}  // namespace

Result<Steward> Steward::start(const StewardPlan& plan) {
  const auto [control, control_inside] = TRY(message_sockets());
  const auto lifeline_ends = message_sockets();
  if (!lifeline_ends.ok()) {
    ::close(control);
    ::close(control_inside);
    return lifeline_ends.error();
  }
  const auto [lifeline, lifeline_inside] = lifeline_ends.value();
  Steward steward;
  steward.control_ = control;
  steward.lifeline_ = lifeline;
  steward.keeper_ = ::fork();
  if (steward.keeper_ == 0) run_keeper(plan, control_inside, lifeline_inside);
  ::close(control_inside);
  ::close(lifeline_inside);
  if (steward.keeper_ < 0) return step_error("fork failed");
  const Message born = TRY(checked(receive_message(lifeline)));
  steward.pid_ = static_cast<pid_t>(std::atoi(born.fields.back().c_str()));
  Message ready = TRY(checked(receive_message(control)));
  steward.listeners_ = std::move(ready.descriptors);
  return steward;
}

Steward::Steward(Steward&& other) noexcept
    : control_(std::exchange(other.control_, -1)),
      lifeline_(std::exchange(other.lifeline_, -1)),
      keeper_(std::exchange(other.keeper_, -1)),
      pid_(other.pid_),
      listeners_(std::exchange(other.listeners_, {})) {}

Steward::~Steward() { end(); }

Result<Message> Steward::ask(const Message& request) {
  if (control_ < 0) return Error(ErrorCode::kNotFound, "The room is gone");
  TRY(send_message(control_, request));
  return checked(receive_message(control_));
}

Status Steward::seal() {
  TRY(ask({{"seal"}, {}}));
  return {};
}

void Steward::end() {
  if (lifeline_ >= 0) ::close(lifeline_);
  if (control_ >= 0) ::close(control_);
  lifeline_ = control_ = -1;
  close_all(listeners_);
  int status = 0;
  while (keeper_ > 0 && ::waitpid(keeper_, &status, 0) < 0 && errno == EINTR) {}
  keeper_ = -1;
}

}  // namespace raudal::sandbox
