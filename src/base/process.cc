#include "base/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fs.h"

extern char** environ;

namespace raudal {
namespace {

Error errno_error(const std::string& what) {
  return Error(ErrorCode::kIo, what + ": " + std::strerror(errno));
}

// Shows each overlay file at its path, in a mount namespace of this process alone: an overlay whose changes lie on a
// tmpfs covers /etc, so nothing is left on the host. Best effort: false where the host forbids it.
bool enter_mount_namespace(const ProcessSpec& spec) {
  const std::string room = spec.overlay_scratch;
  const std::string upper = room + "/upper", work = room + "/work";
  const std::string options = "lowerdir=/etc,upperdir=" + upper + ",workdir=" + work;
  if (::unshare(CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (::mkdir(room.c_str(), 0755) != 0 && errno != EEXIST) return false;
  if (::mount("tmpfs", room.c_str(), "tmpfs", 0, nullptr) != 0) return false;
  if (::mkdir(upper.c_str(), 0755) != 0 || ::mkdir(work.c_str(), 0755) != 0) return false;
  if (::mount("overlay", "/etc", "overlay", 0, options.c_str()) != 0) return false;
  for (const auto& [seen, shown] : spec.overlay_files) {
    ::mkdir(parent_directory(seen).c_str(), 0755);
    const int fd = ::open(seen.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    ::close(fd);
    if (::mount(shown.c_str(), seen.c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
  }
  return true;
}

void move_descriptors(const ProcessSpec& spec) {
  // First above every target, so that no target overwrites a source.
  int highest = 2;
  for (const auto& [ours, theirs] : spec.descriptors) highest = std::max({highest, ours, theirs});
  std::vector<std::pair<int, int>> moved;
  for (const auto& [ours, theirs] : spec.descriptors) moved.emplace_back(::fcntl(ours, F_DUPFD, highest + 1), theirs);
  int last = 2;
  for (const auto& [from, theirs] : moved) {
    ::dup2(from, theirs);
    last = std::max(last, theirs);
  }
  ::close_range(last + 1, ~0u, 0);
}

[[noreturn]] void become(const ProcessSpec& spec, char* const* argv, char* const* envp) {
  ::setpgid(0, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!spec.output_file.empty()) {
    const int out = ::open(spec.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0644);
    const int in = ::open("/dev/null", O_RDONLY);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
  }
  if (!spec.overlay_files.empty()) enter_mount_namespace(spec);
  if (!spec.working_directory.empty() && ::chdir(spec.working_directory.c_str()) != 0) ::_exit(127);
  move_descriptors(spec);
  ::execve(spec.program.c_str(), argv, envp);
  ::_exit(127);
}

class PosixProcess final : public Process {
 public:
  Result<pid_t> spawn(const ProcessSpec& spec) override {
    if (::access(spec.program.c_str(), X_OK) != 0) return errno_error("cannot run " + spec.program);
    std::vector<std::string> words{spec.program};
    words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
    std::vector<std::string> settings;
    for (char** entry = environ; *entry; ++entry) settings.push_back(*entry);
    for (const auto& [name, value] : spec.environment) {
      std::erase_if(settings, [&](const std::string& s) { return s.starts_with(name + "="); });
      settings.push_back(name + "=" + value);
    }
    std::vector<char*> argv = pointers(words);
    std::vector<char*> envp = pointers(settings);
    const pid_t pid = ::fork();
    if (pid < 0) return errno_error("fork failed");
    if (pid == 0) become(spec, argv.data(), envp.data());
    ::setpgid(pid, pid);  // also here: a signal sent at once must find the group
    return pid;
  }

  Result<std::optional<ExitStatus>> poll(pid_t pid) override {
    int status = 0;
    const pid_t got = ::waitpid(pid, &status, WNOHANG);
    if (got < 0) return Error(ErrorCode::kNotFound, "not a child of this process: " + std::to_string(pid));
    if (got == 0) return std::optional<ExitStatus>();
    if (WIFSIGNALED(status)) return std::optional<ExitStatus>({.signal = WTERMSIG(status)});
    return std::optional<ExitStatus>({.code = WEXITSTATUS(status)});
  }

  Status signal_group(pid_t pid, int signal) override {
    if (::kill(-pid, signal) != 0 && errno != ESRCH) return errno_error("kill failed");
    return {};
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> result;
    for (std::string& word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
  }
};

}  // namespace

std::unique_ptr<Process> posix_process() { return std::make_unique<PosixProcess>(); }

}  // namespace raudal
