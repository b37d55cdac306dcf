// The files of a room: a root of its own, built on a tmpfs from what is listed, so that all else of the machine is
// absent and not merely forbidden. Shown are the system's programs (/usr, read-only), a copy of what anybody may read
// in /etc, and the listed paths; /tmp and /var/tmp are folders of the run, /run, /dev and /dev/shm are new, and /proc
// shows the room's processes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sandbox/room.h"

namespace raudal::sandbox {

enum class Showing { kReadOnly, kWritable, kHidden };

// A path of the machine that is seen in the room at the same place, or covered by an empty folder. Longer paths are
// placed upon shorter ones, so that a folder within a hidden one can be seen. The root, /etc, /tmp and the other
// folders that every room has of its own cannot be shown: who lists them gets the room's.
struct ShownPath {
  std::string path;
  Showing showing = Showing::kReadOnly;
};

struct RootPlan {
  std::string scratch;  // folder of the machine; root/, tmp/ and var-tmp/ are there
  std::vector<ShownPath> paths;
  std::vector<OverlayFile> etc_files;
  // {path of a file in the room, file of the machine shown there}; those that are absent in the room are left out.
  std::vector<std::pair<std::string, std::string>> covered_files;
};

// Moves the calling process, alone in a mount and a PID namespace of its own, into the room's root.
Status enter_root(const RootPlan& plan);

}  // namespace raudal::sandbox
