#include "sandbox/root_files.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/fs.h"
#include "sandbox/etc_copy.h"

namespace raudal::sandbox {
namespace {

constexpr std::array kSystemFolders = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
constexpr std::array kDevices = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
constexpr std::array kEmptyFolders = {"/dev", "/etc", "/home", "/mnt", "/opt", "/proc",    "/root",
                                      "/run", "/srv", "/sys",  "/tmp", "/var", "/var/tmp", "/.etc"};
// Files of /proc by which a process of user 0 could change the machine, or learn of it what is no program's business.
constexpr std::array kReadOnlyProc = {"/proc/sys", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger"};
constexpr std::array kHiddenFiles = {"/proc/kcore",         "/proc/keys",     "/proc/timer_list", "/proc/sched_debug",
                                     "/proc/latency_stats", "/proc/kallsyms", "/proc/kmsg"};
constexpr std::array kHiddenFolders = {"/proc/acpi", "/proc/scsi", "/sys/firmware", "/sys/kernel/debug"};

Error mount_error(const std::string& what) { return Error(ErrorCode::kIo, what + ": " + std::strerror(errno)); }

// Folders that a room has of its own: a listed path that is one of them, or their root, shows nothing of the machine's.
constexpr std::array kOwnFolders = {"/",    "/dev", "/etc", "/home", "/proc",   "/root",
                                    "/run", "/sys", "/tmp", "/var",  "/var/tmp"};

// A detached copy of the mount at a path, to be placed elsewhere later.
struct Clone {
  std::string path;  // where it will be placed
  Showing showing = Showing::kReadOnly;
  int fd = -1;  // -1: an empty folder
  bool is_folder = true;
};

Result<Clone> clone_of(const std::string& path, const std::string& place, Showing showing) {
  struct stat info;
  Clone clone{place, showing, -1, true};
  if (::stat(path.c_str(), &info) != 0) return mount_error("Cannot show " + path);
  clone.is_folder = S_ISDIR(info.st_mode);
  clone.fd = ::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (clone.fd < 0) return mount_error("Cannot show " + path);
  mount_attr wanted{};
  wanted.attr_set = MOUNT_ATTR_NOSUID | (path.starts_with("/dev/") ? 0 : MOUNT_ATTR_NODEV);
  if (showing == Showing::kReadOnly) wanted.attr_set |= MOUNT_ATTR_RDONLY;
  if (::mount_setattr(clone.fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &wanted, sizeof wanted) != 0) {
    return mount_error("Cannot protect " + path);
  }
  return clone;
}

void make_folders(const std::string& path) {
  for (size_t at = 1; at < path.size(); ++at) {
    at = std::min(path.find('/', at), path.size());
    ::mkdir(path.substr(0, at).c_str(), 0755);
  }
}

Status place(const Clone& clone) {
  if (clone.is_folder) {
    make_folders(clone.path);
  } else {
    make_folders(parent_directory(clone.path));
    const int fd = ::open(clone.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0) ::close(fd);
  }
  if (clone.fd < 0) {
    const char* options = "mode=755,size=64m";
    if (::mount("tmpfs", clone.path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) {
      return mount_error("Cannot hide " + clone.path);
    }
    return {};
  }
  if (::move_mount(clone.fd, "", AT_FDCWD, clone.path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return mount_error("Cannot show " + clone.path);
  }
  ::close(clone.fd);
  return {};
}

// Links followed; the path itself where it leads nowhere.
std::string real_path(const std::string& path) {
  char* found = ::realpath(path.c_str(), nullptr);
  const std::string real = found ? found : path;
  ::free(found);
  return real;
}

bool is_own(const std::string& path) { return std::ranges::find(kOwnFolders, path) != kOwnFolders.end(); }

// {path as listed, where it leads}, for listed paths that a link stands in.
std::vector<std::pair<std::string, std::string>> links_of(const RootPlan& plan) {
  std::vector<std::pair<std::string, std::string>> links;
  for (const ShownPath& shown : plan.paths) {
    const std::string real = real_path(shown.path);
    if (real != shown.path && shown.showing != Showing::kHidden && !is_own(real)) links.emplace_back(shown.path, real);
  }
  return links;
}

// Everything that comes from the machine, cloned while it can still be named; shorter paths first.
Result<std::vector<Clone>> clones_of(const RootPlan& plan) {
  std::vector<Clone> clones;
  for (const char* folder : kSystemFolders) {
    struct stat info;
    if (::lstat(folder, &info) == 0 && S_ISDIR(info.st_mode)) {
      clones.push_back(TRY(clone_of(folder, folder, Showing::kReadOnly)));
    }
  }
  for (const char* device : kDevices) clones.push_back(TRY(clone_of(device, device, Showing::kWritable)));
  clones.push_back(TRY(clone_of("/etc", "/.etc", Showing::kReadOnly)));
  clones.push_back(TRY(clone_of(plan.scratch + "/tmp", "/tmp", Showing::kWritable)));
  clones.push_back(TRY(clone_of(plan.scratch + "/var-tmp", "/var/tmp", Showing::kWritable)));
  for (const ShownPath& shown : plan.paths) {
    const std::string real = real_path(shown.path);
    if (is_own(real)) continue;
    if (shown.showing == Showing::kHidden)
      clones.push_back({real, shown.showing, -1, true});
    else if (::access(real.c_str(), F_OK) == 0)
      clones.push_back(TRY(clone_of(real, real, shown.showing)));
  }
  // Equal paths keep their order: what is shown last is on top.
  std::multimap<size_t, Clone> by_length;
  for (const Clone& clone : clones) by_length.emplace(clone.path.size(), clone);
  clones.clear();
  for (const auto& [length, clone] : by_length) clones.push_back(clone);
  return clones;
}

Status mount_new(const std::string& kind, const std::string& path, unsigned long flags, const char* options) {
  if (::mount(kind.c_str(), path.c_str(), kind.c_str(), flags, options) == 0) return {};
  return mount_error("Cannot mount " + kind + " at " + path);
}

// The folders of the new root, and the kinds of mount that the kernel allows only where the machine's are in sight.
Status make_root(const std::string& root) {
  TRY(mount_new("tmpfs", root, MS_NOSUID | MS_NODEV, "mode=755,size=64m"));
  for (const char* folder : kEmptyFolders) ::mkdir((root + folder).c_str(), 0755);
  TRY(mount_new("proc", root + "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr));
  // Without /sys a JVM still runs; inside another container it may not be mounted anew.
  (void)::mount("sysfs", (root + "/sys").c_str(), "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr);
  TRY(mount_new("tmpfs", root + "/run", MS_NOSUID | MS_NODEV, "mode=755,size=64m"));
  TRY(mount_new("tmpfs", root + "/dev", MS_NOSUID, "mode=755,size=64k"));
  if (::mkdir((root + "/dev/shm").c_str(), 01777) != 0) return mount_error("Cannot make /dev/shm");
  TRY(mount_new("tmpfs", root + "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777,size=256m"));
  for (const char* folder : kSystemFolders) {
    std::array<char, 4096> target{};
    if (::readlink(folder, target.data(), target.size() - 1) > 0)
      (void)::symlink(target.data(), (root + folder).c_str());
  }
  (void)::symlink("../run", (root + "/var/run").c_str());
  (void)::symlink("/proc/self/fd", (root + "/dev/fd").c_str());
  (void)::symlink("/proc/self/fd/0", (root + "/dev/stdin").c_str());
  (void)::symlink("/proc/self/fd/1", (root + "/dev/stdout").c_str());
  (void)::symlink("/proc/self/fd/2", (root + "/dev/stderr").c_str());
  return {};
}

Status change_root(const std::string& root) {
  if (::chdir(root.c_str()) != 0) return mount_error("Cannot enter " + root);
  if (::syscall(SYS_pivot_root, ".", ".") == 0) {
    if (::umount2(".", MNT_DETACH) != 0) return mount_error("Cannot leave the machine's root");
  } else {
    // An initial root file system cannot be exchanged; it can be covered.
    if (::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0) return mount_error("Cannot move the root");
    if (::chroot(".") != 0) return mount_error("Cannot change the root");
  }
  return ::chdir("/") == 0 ? Status() : mount_error("Cannot enter the new root");
}

// Puts a read-only copy of a mounted path upon itself.
void protect(const char* path) {
  mount_attr wanted{};
  wanted.attr_set = MOUNT_ATTR_RDONLY;
  const int fd = ::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (fd < 0) return;  // absent in this kernel
  (void)::mount_setattr(fd, "", AT_EMPTY_PATH, &wanted, sizeof wanted);
  (void)::move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
  ::close(fd);
}

Status restrict_root() {
  for (const char* path : kReadOnlyProc) protect(path);
  for (const char* path : kHiddenFiles) (void)::mount("/dev/null", path, nullptr, MS_BIND, nullptr);
  for (const char* path : kHiddenFolders) (void)::mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0");
  // A failure above leaves a file open that matters only to user 0: for it, prove the one that would be an escape.
  const int fd = ::open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    ::close(fd);
    return Error(ErrorCode::kIo, "Cannot protect /proc/sys");
  }
  mount_attr wanted{};
  wanted.attr_set = MOUNT_ATTR_RDONLY;
  for (const char* path : {"/", "/dev"}) {
    if (::mount_setattr(AT_FDCWD, path, 0, &wanted, sizeof wanted) != 0) return mount_error("Cannot protect the root");
  }
  return {};
}

}  // namespace

Status enter_root(const RootPlan& plan) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return mount_error("Cannot make mounts private");
  const std::vector<Clone> clones = TRY(clones_of(plan));
  const auto links = links_of(plan);
  std::vector<Clone> covers;
  for (const auto& [path, shown] : plan.covered_files) covers.push_back(TRY(clone_of(shown, path, Showing::kReadOnly)));
  const std::vector<OverlayFile> etc_files = TRY(with_contents(plan.etc_files));
  const std::string root = plan.scratch + "/root";
  ::umask(022);
  TRY(make_root(root));
  TRY(change_root(root));
  for (const Clone& clone : clones) TRY(place(clone));
  for (const auto& [path, real] : links) {
    make_folders(parent_directory(path));
    (void)::symlink(real.c_str(), path.c_str());  // it may stand in a folder that is shown
  }
  copy_readable("/.etc", "/etc");
  if (::umount2("/.etc", MNT_DETACH) == 0) ::rmdir("/.etc");
  for (const OverlayFile& file : etc_files) TRY(write_over(file));
  for (const Clone& cover : covers) {
    if (::access(cover.path.c_str(), F_OK) == 0) TRY(place(cover));
  }
  return restrict_root();
}

}  // namespace raudal::sandbox
