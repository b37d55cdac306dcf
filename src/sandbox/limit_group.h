// Bounds on the memory, processors and number of processes of a room, by control groups: version 2 where a group may be
// made there, else version 1. The room's keeper removes the groups when the last process is gone.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/room.h"

namespace raudal::sandbox {

// Folders of the control groups of one room. Either every limit that was asked is in force, or there are none.
struct LimitGroup {
  std::vector<std::string> folders;
};

// kIo says what the machine does not allow.
Result<LimitGroup> make_limit_group(const std::string& name, const RoomLimits& limits);

// Puts a process, and what it starts from now on, under the limits.
Status add_process(const LimitGroup& group, pid_t pid);

// Of a group that bounds memory.
Status change_memory_limit(const LimitGroup& group, int64_t bytes);

// After the last process of the group is gone.
void remove_limit_group(const std::vector<std::string>& folders);

// A control-group file system: where it is mounted, which part of the tree stands there, and what it controls.
struct ControlTree {
  std::string mount;
  std::string root;
  std::vector<std::string> controllers;  // empty: version 2, which has all in one
};

// From the text of /proc/self/mountinfo.
std::vector<ControlTree> control_trees(const std::string& mountinfo);
// The folder in a tree where the caller is, from the text of /proc/self/cgroup; empty when it is not below the mount.
std::string own_folder(const ControlTree& tree, const std::string& own_groups);

}  // namespace raudal::sandbox
