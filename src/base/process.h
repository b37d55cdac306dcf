// Child processes behind an interface. A child leads its own process group, so that stopping it stops all it started.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace raudal {

struct ProcessSpec {
  std::string program;                    // path of the executable
  std::vector<std::string> arguments;     // without the program's own name
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string working_directory;
  std::string output_file;                // stdout and stderr are appended to it; empty: inherited
  std::vector<std::pair<int, int>> descriptors;  // {ours, the child's number}; all others are closed
  // {path below /etc, file shown there}: in a mount namespace of the child's own where the host allows one; the child
  // starts in any case.
  std::vector<std::pair<std::string, std::string>> overlay_files;
  std::string overlay_scratch;            // folder for that namespace's mounts, made when absent; stays empty
};

// How a child ended.
struct ExitStatus {
  int code = 0;     // exit status, when signal is 0
  int signal = 0;   // the signal that killed it
};

// Starts, signals and reaps children; a fake of it tests whoever supervises them.
class Process {
 public:
  virtual ~Process() = default;
  virtual Result<pid_t> spawn(const ProcessSpec& spec) = 0;
  // Reaps the child if it has ended; empty while it runs. kNotFound for a pid that is not our child.
  virtual Result<std::optional<ExitStatus>> poll(pid_t pid) = 0;
  // Sends a signal to the whole group of a child that leads it. An absent group is fine.
  virtual Status signal_group(pid_t pid, int signal) = 0;
};

std::unique_ptr<Process> posix_process();

}  // namespace raudal
