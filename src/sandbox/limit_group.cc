#include "sandbox/limit_group.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "base/fs.h"
#include "sandbox/kernel_file.h"

namespace raudal::sandbox {
namespace {

constexpr int64_t kPeriodUs = 100'000;
constexpr int kRemoveTriesMax = 200;
constexpr int kRemovePauseUs = 5'000;

// One limit: which controller, which file of it in either version, and what to write there.
struct Limit {
  std::string controller;
  std::string file_v2, text_v2;
  std::string file_v1, text_v1;
};

std::vector<Limit> wanted_limits(const RoomLimits& limits) {
  std::vector<Limit> wanted;
  if (limits.memory_bytes_max > 0) {
    const std::string bytes = std::to_string(limits.memory_bytes_max);
    wanted.push_back({"memory", "memory.max", bytes, "memory.limit_in_bytes", bytes});
  }
  if (limits.cpus_max > 0) {
    const std::string quota = std::to_string(static_cast<int64_t>(limits.cpus_max * kPeriodUs));
    wanted.push_back({"cpu", "cpu.max", quota + " " + std::to_string(kPeriodUs), "cpu.cfs_quota_us", quota});
  }
  if (limits.processes_max > 0) {
    const std::string number = std::to_string(limits.processes_max);
    wanted.push_back({"pids", "pids.max", number, "pids.max", number});
  }
  return wanted;
}

Status make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST) return {};
  return Error(ErrorCode::kIo, folder + ": " + std::strerror(errno));
}

std::vector<std::string> words_of(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) words.push_back(word);
  return words;
}

// Makes one group below `parent` that holds every limit. A group with processes of its own cannot pass controllers on.
Status make_in_v2(const std::string& parent, const std::string& name, const std::vector<Limit>& wanted) {
  for (const Limit& limit : wanted) {
    (void)write_kernel_file(parent + "/cgroup.subtree_control", "+" + limit.controller);
  }
  const std::string folder = parent + "/" + name;
  TRY(make_folder(folder));
  for (const Limit& limit : wanted) {
    const Status status = write_kernel_file(folder + "/" + limit.file_v2, limit.text_v2);
    if (status.ok()) continue;
    ::rmdir(folder.c_str());
    return status;
  }
  return {};
}

Status make_in_v1(const std::vector<ControlTree>& trees, const std::string& own_groups, const std::string& name,
                  const Limit& limit, std::vector<std::string>& folders) {
  const auto tree = std::ranges::find_if(trees, [&](const ControlTree& t) {
    return std::ranges::find(t.controllers, limit.controller) != t.controllers.end();
  });
  if (tree == trees.end()) return Error(ErrorCode::kIo, "no control group holds " + limit.controller);
  const std::string own = own_folder(*tree, own_groups);
  if (own.empty()) return Error(ErrorCode::kIo, "this process is in no visible control group");
  const std::string folder = own + "/" + name;
  TRY(make_folder(folder));
  if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
  return write_kernel_file(folder + "/" + limit.file_v1, limit.text_v1);
}

}  // namespace

std::vector<ControlTree> control_trees(const std::string& mountinfo) {
  std::vector<ControlTree> trees;
  for (const std::string& line : words_of(mountinfo, '\n')) {
    // id parent device root mount options … - type source super-options
    const std::vector<std::string> words = words_of(line, ' ');
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 6 || words.end() - dash < 4) continue;
    if (dash[1] == "cgroup2") trees.push_back({words[4], words[3], {}});
    if (dash[1] == "cgroup") trees.push_back({words[4], words[3], words_of(dash[3], ',')});
  }
  return trees;
}

std::string own_folder(const ControlTree& tree, const std::string& own_groups) {
  for (const std::string& line : words_of(own_groups, '\n')) {
    // number:controllers:path; version 2 is number 0 without controllers
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::vector<std::string> controllers = words_of(line.substr(first + 1, second - first - 1), ',');
    const bool is_this =
        tree.controllers.empty()
            ? controllers.empty()
            : !controllers.empty() && std::ranges::find(tree.controllers, controllers[0]) != tree.controllers.end();
    std::string path = line.substr(second + 1);
    if (!is_this || path.find("/..") != std::string::npos) continue;
    if (tree.root != "/") {
      if (!path.starts_with(tree.root)) continue;
      path = path.substr(tree.root.size());
    }
    return path == "/" ? tree.mount : tree.mount + path;
  }
  return {};
}

Result<LimitGroup> make_limit_group(const std::string& name, const RoomLimits& limits) {
  const std::vector<Limit> wanted = wanted_limits(limits);
  LimitGroup group;
  if (wanted.empty()) return group;
  const std::vector<ControlTree> trees = control_trees(TRY(read_kernel_file("/proc/self/mountinfo")));
  const std::string own_groups = TRY(read_kernel_file("/proc/self/cgroup"));
  Status refused = Error(ErrorCode::kIo, "the machine has no control groups");
  for (const ControlTree& tree : trees) {
    const std::string own = tree.controllers.empty() ? own_folder(tree, own_groups) : std::string();
    // Below the own group; beside it where that one has processes and the parent passes its controllers on.
    for (const std::string& parent : {own, own == tree.mount ? std::string() : parent_directory(own)}) {
      if (parent.empty() || !parent.starts_with(tree.mount)) continue;
      refused = make_in_v2(parent, name, wanted);
      if (!refused.ok()) continue;
      group.folders.push_back(parent + "/" + name);
      return group;
    }
  }
  for (const Limit& limit : wanted) {
    const Status made = make_in_v1(trees, own_groups, name, limit, group.folders);
    if (made.ok()) continue;
    remove_limit_group(group.folders);
    return refused.ok() ? made.error() : refused.error();
  }
  return group;
}

Status add_process(const LimitGroup& group, pid_t pid) {
  for (const std::string& folder : group.folders) {
    TRY(write_kernel_file(folder + "/cgroup.procs", std::to_string(pid)));
  }
  return {};
}

Status change_memory_limit(const LimitGroup& group, int64_t bytes) {
  for (const std::string& folder : group.folders) {
    for (const char* name : {"/memory.max", "/memory.limit_in_bytes"}) {
      const std::string file = folder + name;
      if (::access(file.c_str(), F_OK) == 0) TRY(write_kernel_file(file, std::to_string(bytes)));
    }
  }
  return {};
}

void remove_limit_group(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    // The kernel counts a process as a member until a moment after it was reaped.
    for (int tries = 0; ::rmdir(folder.c_str()) != 0 && errno == EBUSY && tries < kRemoveTriesMax; ++tries) {
      ::usleep(kRemovePauseUs);
    }
  }
}

}  // namespace raudal::sandbox
