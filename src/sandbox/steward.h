// The two processes that a room has of its own, beside the programs:
//
//   supervisor ──lifeline──► keeper      outside the room; waits until all in it are dead, then lets go of the lock
//       └───────control────► steward     first process (pid 1) of the room; starts and reaps programs on request
//
// The keeper kills the steward, and with it the PID namespace, when the supervisor's end of the lifeline closes: it
// does so however the supervisor dies. Where there is no PID namespace it kills every descendant instead.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "sandbox/control_channel.h"
#include "sandbox/root_files.h"

namespace raudal::sandbox {

// A socket that the steward makes in the room's network and hands to the supervisor, which answers there.
struct Listener {
  std::string address;
  uint16_t port = 0;
  bool is_udp = false;
};

struct StewardPlan {
  bool user_namespace = false;  // gives the right to the others to who is not root
  bool mounts = false;          // mount, PID, IPC and host-name namespaces
  bool network = false;         // network namespace
  RootPlan root;
  std::vector<Listener> listeners;
  int lock_descriptor = -1;
  std::vector<std::string> limit_folders;  // control groups that go with the room
};

// A started pair of processes, seen from the supervisor. All calls are answered at once by the steward, one at a time.
class Steward {
 public:
  // Forks; the child never returns. An error names the step that the machine refused.
  static Result<Steward> start(const StewardPlan& plan);
  Steward(Steward&& other) noexcept;
  Steward& operator=(Steward&&) = delete;
  ~Steward();  // end()

  pid_t pid() const { return pid_; }                    // as the machine knows it
  std::vector<int>& listeners() { return listeners_; }  // in the plan's order; they belong to the caller once taken

  Result<Message> ask(const Message& request);
  // Gives up all rights in the room's namespaces. No program is started before.
  Status seal();
  // Kills everything and waits for the keeper, which waits for the rest.
  void end();

 private:
  Steward() = default;
  int control_ = -1;
  int lifeline_ = -1;
  pid_t keeper_ = -1;
  pid_t pid_ = -1;
  std::vector<int> listeners_;
};

// What the steward does in its own process: returns when the supervisor is gone.
void serve_requests(int control);

// ProcessSpec as fields of a message, and back. The descriptors travel beside the fields.
Message spawn_request(const ProcessSpec& spec);

}  // namespace raudal::sandbox
