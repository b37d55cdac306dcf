#include "sandbox/way_out.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/process.h"

namespace raudal::sandbox {
namespace {

constexpr int kReadyTimeMs = 10'000;
constexpr std::array kPrograms = {"/usr/bin/slirp4netns", "/usr/local/bin/slirp4netns", "/bin/slirp4netns"};

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error(ErrorCode::kIo, std::string("pipe failed: ") + std::strerror(errno));
  return Pipe{ends[0], ends[1]};
}

void kill_and_reap(pid_t pid) {
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
}

Result<std::string> find_program() {
  if (::access("/dev/net/tun", F_OK) != 0) return Error(ErrorCode::kNotFound, "/dev/net/tun is absent");
  for (const char* program : kPrograms) {
    if (::access(program, X_OK) == 0) return std::string(program);
  }
  return Error(ErrorCode::kNotFound, "slirp4netns is not installed (Debian package slirp4netns)");
}

}  // namespace

Result<WayOut> WayOut::open(pid_t process_in_room) {
  const std::string program = TRY(find_program());
  const Pipe ready = TRY(make_pipe());
  const Pipe exit = TRY(make_pipe());
  const auto pid =
      posix_process()->spawn({.program = program,
                              .arguments = {"--configure", "--mtu=65520", "--disable-host-loopback", "--disable-dns",
                                            "--ready-fd=3", "--exit-fd=4", std::to_string(process_in_room), "out0"},
                              .output_file = "/dev/null",
                              .descriptors = {{ready.write_end, 3}, {exit.read_end, 4}}});
  ::close(ready.write_end);
  ::close(exit.read_end);
  pollfd watched{ready.read_end, POLLIN, 0};
  char byte = 0;
  const bool is_ready = pid.ok() && ::poll(&watched, 1, kReadyTimeMs) == 1 && ::read(ready.read_end, &byte, 1) == 1;
  ::close(ready.read_end);
  if (is_ready) return WayOut(*pid, exit.write_end);
  ::close(exit.write_end);
  if (pid.ok()) kill_and_reap(*pid);
  return Error(ErrorCode::kIo, "slirp4netns cannot connect the room (may it open /dev/net/tun?)");
}

WayOut::WayOut(WayOut&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_pipe_(std::exchange(other.exit_pipe_, -1)) {}

WayOut::~WayOut() {
  if (exit_pipe_ >= 0) ::close(exit_pipe_);
  if (pid_ > 0) kill_and_reap(pid_);
}

}  // namespace raudal::sandbox
