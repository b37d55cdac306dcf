#include "flink/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace raudal::flink {
namespace {

constexpr int kPollMs = 100;

}  // namespace

Result<std::optional<FolderLock>> FolderLock::try_take(const std::string& path, LockKind kind) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return Error(ErrorCode::kIo, std::string("Cannot lock, ") + std::strerror(errno) + ": " + path);
  FolderLock lock(descriptor);
  const int how = kind == LockKind::kShared ? LOCK_SH : LOCK_EX;
  if (::flock(descriptor, how | LOCK_NB) == 0) return std::optional<FolderLock>(std::move(lock));
  if (errno == EWOULDBLOCK || errno == EINTR) return std::optional<FolderLock>();
  return Error(ErrorCode::kIo, std::string("Cannot lock, ") + std::strerror(errno) + ": " + path);
}

Result<FolderLock> FolderLock::take(const std::string& path, LockKind kind, const std::function<bool()>& go_on) {
  while (true) {
    auto lock = TRY(try_take(path, kind));
    if (lock) return *std::move(lock);
    if (!go_on()) return Error(ErrorCode::kCancelled, "Ended on request while another process was at it: " + path);
    ::usleep(kPollMs * 1000);
  }
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int FolderLock::release() { return std::exchange(descriptor_, -1); }

}  // namespace raudal::flink
