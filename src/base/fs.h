// The file system behind an interface, so that tests can fill the disk, cut files and fail a sync.
// Paths are strings. Whoever makes something durable: write, sync() the file, then sync_directory() its folder.
// A full disk answers kDiskFull, an absent path kNotFound, everything else kIo with errno's text and the path.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace raudal {

// An open file. Closed by the destructor; data is durable only after sync().
class File {
 public:
  virtual ~File() = default;
  // Reads up to buffer.size() bytes at an offset; fewer only at the end of the file.
  virtual Result<size_t> read_at(int64_t offset, std::span<char> buffer) = 0;
  virtual Status append(std::string_view bytes) = 0;
  virtual Status truncate(int64_t size_bytes) = 0;
  virtual Status sync() = 0;
  virtual Result<int64_t> size() = 0;
};

struct FileInfo {
  std::string name;            // in its folder
  bool is_directory = false;
  int64_t size_bytes = 0;
  int64_t modified_us = 0;
};

enum class OpenMode { kRead, kCreate, kCreateNew, kAppend };  // kCreate truncates; kCreateNew: kAlreadyExists

// All that the product asks of a file system; one implementation per place (RealFs) or fault (tests).
class Fs {
 public:
  virtual ~Fs() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Result<FileInfo> info(const std::string& path) = 0;
  virtual Result<std::vector<FileInfo>> list(const std::string& directory) = 0;  // sorted by name
  virtual Status make_directories(const std::string& path) = 0;                  // like mkdir -p
  virtual Status rename(const std::string& from, const std::string& to) = 0;     // replaces `to`
  virtual Status link(const std::string& from, const std::string& to) = 0;       // kAlreadyExists if `to` is there
  virtual Status remove(const std::string& path) = 0;                            // a file or an empty folder
  virtual Status remove_all(const std::string& path) = 0;                        // absent is fine
  virtual Status sync_directory(const std::string& path) = 0;
};

// The machine's own file system.
std::unique_ptr<Fs> posix_fs();

bool exists(Fs& fs, const std::string& path);
Result<std::string> read_file(Fs& fs, const std::string& path);
// Writes path + ".tmp", syncs it, renames it into place and syncs the folder: after success it survives power loss,
// and a reader sees the old bytes or the new ones.
Status write_file_durably(Fs& fs, const std::string& path, std::string_view bytes);
std::string parent_directory(std::string_view path);
std::string base_name(std::string_view path);
std::string join_path(std::string_view directory, std::string_view name);

}  // namespace raudal
