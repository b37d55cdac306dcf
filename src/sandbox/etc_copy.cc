#include "sandbox/etc_copy.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fs.h"

namespace raudal::sandbox {
namespace {

constexpr off_t kFileBytesMax = 4 << 20;
constexpr int kDepthMax = 16;

void copy_file(const std::string& from, const std::string& to, const struct stat& info) {
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) return;
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, info.st_mode & 0777);
  if (out >= 0) {
    for (off_t left = info.st_size; left > 0;) {
      const ssize_t n = ::sendfile(out, in, nullptr, static_cast<size_t>(left));
      if (n <= 0) break;
      left -= n;
    }
    ::close(out);
  }
  ::close(in);
}

void copy_folder(const std::string& from, const std::string& to, int depth);

void copy_entry(const std::string& from, const std::string& to, int depth) {
  struct stat info;
  if (::lstat(from.c_str(), &info) != 0) return;
  if (S_ISLNK(info.st_mode)) {
    std::array<char, 4096> target{};
    if (::readlink(from.c_str(), target.data(), target.size() - 1) > 0) (void)::symlink(target.data(), to.c_str());
  } else if (S_ISDIR(info.st_mode) && (info.st_mode & 0005) == 0005 && depth < kDepthMax) {
    ::mkdir(to.c_str(), info.st_mode & 0777);
    copy_folder(from, to, depth + 1);
  } else if (S_ISREG(info.st_mode) && (info.st_mode & 0004) && info.st_size <= kFileBytesMax) {
    copy_file(from, to, info);
  }
}

void copy_folder(const std::string& from, const std::string& to, int depth) {
  DIR* folder = ::opendir(from.c_str());
  if (!folder) return;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") copy_entry(from + "/" + name, to + "/" + name, depth);
  }
  ::closedir(folder);
}

}  // namespace

void copy_readable(const std::string& from, const std::string& to) { copy_folder(from, to, 0); }

Result<std::vector<OverlayFile>> with_contents(std::vector<OverlayFile> files) {
  auto fs = posix_fs();
  for (OverlayFile& file : files) {
    if (!file.source.empty()) file.content = TRY(read_file(*fs, file.source));
    file.source.clear();
  }
  return files;
}

Status write_over(const OverlayFile& file) {
  auto fs = posix_fs();
  TRY(fs->make_directories(parent_directory(file.path)));
  ::unlink(file.path.c_str());
  const int fd = ::open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return Error(ErrorCode::kIo, "Cannot write " + file.path + ": " + std::strerror(errno));
  for (size_t at = 0; at < file.content.size();) {
    const ssize_t n = ::write(fd, file.content.data() + at, file.content.size() - at);
    if (n <= 0) {
      ::close(fd);
      return Error(ErrorCode::kDiskFull, "Cannot write " + file.path + ": " + std::strerror(errno));
    }
    at += static_cast<size_t>(n);
  }
  ::close(fd);
  return {};
}

}  // namespace raudal::sandbox
