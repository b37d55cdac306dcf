// The lock that says whether a run has a living process: a flock'ed descriptor of RUN/lock that the worker inherits and
// keeps until it dies. There is no pid file: who holds the lock is found by asking the kernel which processes have it
// open.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace raudal::engine {

class ProcessLock {
 public:
  explicit ProcessLock(std::string run_directory) : run_directory_(std::move(run_directory)) {}

  // Whether a process other than the caller holds it. An absent run directory: no.
  Result<bool> held() const;

  // Takes the lock and returns its descriptor, to be handed to a child. kTimeout when it stays held.
  Result<int> acquire(int timeout_ms) const;

  // The lock's descriptor without taking it: only for the test of a zombie beside its successor.
  Result<int> open_only() const;

  // Processes that have the lock file open as kLockDescriptor.
  std::vector<pid_t> holders() const;

 private:
  std::string run_directory_;
};

}  // namespace raudal::engine
