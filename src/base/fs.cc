#include "base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace raudal {
namespace {

Error errno_error(const char* what, const std::string& path) {
  const int saved = errno;
  ErrorCode code = ErrorCode::kIo;
  if (saved == ENOENT || saved == ENOTDIR) code = ErrorCode::kNotFound;
  if (saved == EEXIST) code = ErrorCode::kAlreadyExists;
  if (saved == ENOSPC || saved == EDQUOT) code = ErrorCode::kDiskFull;
  return Error(code, std::string(what) + " failed, " + std::strerror(saved) + ": " + path);
}

FileInfo info_of(std::string name, const struct stat& s) {
  return {.name = std::move(name), .is_directory = S_ISDIR(s.st_mode), .size_bytes = s.st_size,
          .modified_us = int64_t{s.st_mtim.tv_sec} * 1'000'000 + s.st_mtim.tv_nsec / 1000};
}

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~PosixFile() override { ::close(fd_); }

  Result<size_t> read_at(int64_t offset, std::span<char> buffer) override {
    size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t n = ::pread(fd_, buffer.data() + done, buffer.size() - done, offset + done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno_error("read", path_);
      if (n == 0) break;
      done += n;
    }
    return done;
  }

  Status append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno_error("write", path_);
      bytes.remove_prefix(n);
    }
    return {};
  }

  Status truncate(int64_t size_bytes) override {
    if (::ftruncate(fd_, size_bytes) != 0) return errno_error("truncate", path_);
    return {};
  }

  Status sync() override {
    if (::fdatasync(fd_) != 0) return errno_error("fsync", path_);
    return {};
  }

  Result<int64_t> size() override {
    struct stat s;
    if (::fstat(fd_, &s) != 0) return errno_error("stat", path_);
    return int64_t{s.st_size};
  }

 private:
  int fd_;
  std::string path_;
};

class PosixFs final : public Fs {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::kRead: flags |= O_RDONLY; break;
      // Not through a link: programs of others may have laid one in a folder that they share with us.
      case OpenMode::kCreate: flags |= O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW; break;
      case OpenMode::kCreateNew: flags |= O_RDWR | O_CREAT | O_EXCL; break;
      case OpenMode::kAppend: flags |= O_RDWR | O_CREAT | O_APPEND; break;
    }
    const int fd = ::open(path.c_str(), flags, 0644);
    if (fd < 0) return errno_error("open", path);
    return std::unique_ptr<File>(new PosixFile(fd, path));
  }

  Result<FileInfo> info(const std::string& path) override {
    struct stat s;
    if (::stat(path.c_str(), &s) != 0) return errno_error("stat", path);
    return info_of(base_name(path), s);
  }

  Result<std::vector<FileInfo>> list(const std::string& directory) override {
    DIR* handle = ::opendir(directory.c_str());
    if (!handle) return errno_error("list", directory);
    std::vector<FileInfo> files;
    while (const dirent* entry = ::readdir(handle)) {
      const std::string name = entry->d_name;
      struct stat s;
      if (name == "." || name == "..") continue;
      if (::fstatat(::dirfd(handle), entry->d_name, &s, 0) != 0) continue;  // removed meanwhile
      files.push_back(info_of(name, s));
    }
    ::closedir(handle);
    std::ranges::sort(files, {}, &FileInfo::name);
    return files;
  }

  Status make_directories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    errno = error.value();
    if (error) return errno_error("mkdir", path);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return errno_error("rename", from + " to " + to);
    return {};
  }

  Status link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) != 0) return errno_error("link", from + " to " + to);
    return {};
  }

  Status remove(const std::string& path) override {
    if (::remove(path.c_str()) != 0) return errno_error("remove", path);
    return {};
  }

  Status remove_all(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    errno = error.value();
    if (error) return errno_error("remove", path);
    return {};
  }

  Status sync_directory(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno_error("open", path);
    const int rc = ::fsync(fd);
    const int saved = errno;
    ::close(fd);
    errno = saved;
    if (rc != 0) return errno_error("fsync", path);
    return {};
  }
};

}  // namespace

std::unique_ptr<Fs> posix_fs() { return std::make_unique<PosixFs>(); }

bool exists(Fs& fs, const std::string& path) { return fs.info(path).ok(); }

Result<std::string> read_file(Fs& fs, const std::string& path) {
  auto file = TRY(fs.open(path, OpenMode::kRead));
  std::string bytes(TRY(file->size()), '\0');
  bytes.resize(TRY(file->read_at(0, bytes)));
  return bytes;
}

Status write_file_durably(Fs& fs, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  auto file = TRY(fs.open(temporary, OpenMode::kCreate));
  TRY(file->append(bytes));
  TRY(file->sync());
  TRY(fs.rename(temporary, path));
  return fs.sync_directory(parent_directory(path));
}

std::string parent_directory(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

std::string base_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

}  // namespace raudal
