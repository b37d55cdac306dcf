#include "engine/process_lock.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "base/fs.h"
#include "engine/run_directory.h"

namespace raudal::engine {
namespace {

Error lock_error(const std::string& path) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return Error(code, std::string("Cannot lock, ") + std::strerror(errno) + ": " + path);
}

}  // namespace

Result<int> ProcessLock::open_only() const {
  const std::string path = join_path(run_directory_, kLockFile);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return lock_error(path);
  return fd;
}

Result<bool> ProcessLock::held() const {
  Result<int> fd = open_only();
  if (!fd.ok() && fd.error().code() == ErrorCode::kNotFound) return false;
  if (!fd.ok()) return std::move(fd).error();
  const bool free = ::flock(*fd, LOCK_SH | LOCK_NB) == 0;
  ::close(*fd);
  return !free;
}

Result<int> ProcessLock::acquire(int timeout_ms) const {
  const int fd = TRY(open_only());
  const SystemClock clock;
  const int64_t deadline = clock.monotonic_ns() + int64_t{timeout_ms} * 1'000'000;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      const Error error = lock_error(run_directory_);
      ::close(fd);
      return error;
    }
    if (clock.monotonic_ns() > deadline) {
      ::close(fd);
      return Error(ErrorCode::kTimeout, "A process of the run still holds its lock: " + run_directory_);
    }
    ::usleep(1000);
  }
  return fd;
}

std::vector<pid_t> ProcessLock::holders() const {
  std::vector<pid_t> found;
  struct stat lock;
  if (::stat(join_path(run_directory_, kLockFile).c_str(), &lock) != 0) return found;
  DIR* proc = ::opendir("/proc");
  if (!proc) return found;
  while (const dirent* entry = ::readdir(proc)) {
    const pid_t pid = static_cast<pid_t>(std::atoi(entry->d_name));
    struct stat open_file;
    const std::string link = "/proc/" + std::string(entry->d_name) + "/fd/" + std::to_string(kLockDescriptor);
    if (pid <= 0 || pid == ::getpid() || ::stat(link.c_str(), &open_file) != 0) continue;
    if (open_file.st_dev == lock.st_dev && open_file.st_ino == lock.st_ino) found.push_back(pid);
  }
  ::closedir(proc);
  return found;
}

}  // namespace raudal::engine
