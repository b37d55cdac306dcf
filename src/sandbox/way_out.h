// The way from a room to other machines: slirp4netns, a program of its own that gives the room a second network
// interface and makes its connections from the machine's network. The machine's loopback is not reachable by it.
#pragma once

#include <sys/types.h>

#include "base/result.h"

namespace raudal::sandbox {

// A running slirp4netns; ends with this object, and with this process however it dies.
class WayOut {
 public:
  // Connects the network namespace of a process. kNotFound: the program or the device that it needs is not there.
  static Result<WayOut> open(pid_t process_in_room);
  WayOut(WayOut&& other) noexcept;
  WayOut& operator=(WayOut&&) = delete;
  ~WayOut();

 private:
  WayOut(pid_t pid, int exit_pipe) : pid_(pid), exit_pipe_(exit_pipe) {}
  pid_t pid_;
  int exit_pipe_;
};

}  // namespace raudal::sandbox
