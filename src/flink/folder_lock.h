// An flock'ed file that keeps two processes from changing one folder at once, and who works with it from losing it.
// The kernel frees it when its holder dies, so nothing is left to clean up.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace raudal::flink {

enum class LockKind { kShared, kExclusive };

// Holds the lock until it is destroyed.
class FolderLock {
 public:
  // Takes it at once, or answers nothing when another has it. The file is made when absent.
  static Result<std::optional<FolderLock>> try_take(const std::string& path, LockKind kind);
  // Waits for it, asking `go_on` some ten times a second; kCancelled when that answers false.
  static Result<FolderLock> take(const std::string& path, LockKind kind, const std::function<bool()>& go_on);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

  // Gives up the object but not the lock: the caller closes the descriptor.
  int release();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace raudal::flink
