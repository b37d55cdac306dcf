#include "codec/zip.h"

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <zip.h>

#include "base/str.h"

namespace raudal::codec {
namespace {

constexpr int64_t kRatioFreeBytes = 16 << 20;

struct ArchiveCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct EntryCloser {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, ArchiveCloser>;

Error refuse(std::string why) { return Error(ErrorCode::kCodeValidation, "ZIP is refused, " + std::move(why)); }

std::string printable(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 200)) out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return out;
}

// The entry's path in pieces, or why it may not be unpacked.
Result<std::vector<std::string>> check_name(std::string_view name) {
  if (name.empty()) return refuse("an entry has no name");
  if (name.size() > 4096) return refuse("a name is longer than 4096 bytes: " + printable(name));
  if (name.find('\0') != std::string_view::npos) return refuse("a name contains NUL: " + printable(name));
  if (name.find('\\') != std::string_view::npos) return refuse("a name contains a backslash: " + printable(name));
  if (name.front() == '/') return refuse("a name is absolute: " + printable(name));
  if (name.size() > 1 && name[1] == ':') return refuse("a name has a drive letter: " + printable(name));
  std::string_view rest = name;
  if (rest.back() == '/') rest.remove_suffix(1);
  std::vector<std::string> parts = split(rest, '/');
  for (const std::string& part : parts) {
    if (part == "..") return refuse("a name leads out of the folder: " + printable(name));
    if (part.empty() || part == ".") return refuse("a name has an empty part: " + printable(name));
    if (part.size() > 255) return refuse("a part of a name is longer than 255 bytes: " + printable(name));
  }
  return parts;
}

// One pass over an archive. Unpacks entry by entry and counts what it has written.
class Unpacker {
 public:
  Unpacker(Fs& fs, zip_t* archive, const std::string& into, const ZipLimits& limits)
      : fs_(fs), archive_(archive), into_(into), limits_(limits) {}

  Result<std::vector<std::string>> run() {
    const int64_t num_entries = zip_get_num_entries(archive_, 0);
    if (num_entries > limits_.entries_max) {
      return refuse(fmt::format("it has more than {} entries: {}", limits_.entries_max, num_entries));
    }
    TRY(fs_.make_directories(into_));
    for (int64_t i = 0; i < num_entries; ++i) TRY(unpack_entry(static_cast<uint64_t>(i)));
    return std::vector<std::string>(files_.begin(), files_.end());
  }

 private:
  Status unpack_entry(uint64_t index) {
    zip_stat_t stat;
    if (zip_stat_index(archive_, index, ZIP_FL_ENC_RAW, &stat) != 0) return refuse("its directory is damaged");
    const std::string name = stat.name;
    const std::vector<std::string> parts = TRY(check_name(name));
    TRY(check_kind(index, stat, name));
    const bool is_folder = name.back() == '/';
    const std::string path = join(parts, "/");
    TRY(claim(parts, is_folder, name));
    const std::string target = join_path(into_, path);
    if (is_folder) return fs_.make_directories(target);
    TRY(fs_.make_directories(parent_directory(target)));
    return write_entry(index, stat, name, target);
  }

  Status check_kind(uint64_t index, const zip_stat_t& stat, const std::string& name) {
    if (stat.encryption_method != ZIP_EM_NONE) return refuse("an entry is encrypted: " + printable(name));
    uint8_t system = 0;
    uint32_t attributes = 0;
    if (zip_file_get_external_attributes(archive_, index, 0, &system, &attributes) != 0) {
      return refuse("its directory is damaged: " + printable(name));
    }
    if (system != ZIP_OPSYS_UNIX && system != ZIP_OPSYS_OS_X) return {};
    const mode_t kind = (attributes >> 16) & S_IFMT;
    if (kind != 0 && kind != S_IFREG && kind != S_IFDIR) {
      return refuse("an entry is a link or a device: " + printable(name));
    }
    if (kind == S_IFDIR && name.back() != '/') return refuse("a folder's name has no slash: " + printable(name));
    return {};
  }

  // Each name once, and never as a file and a folder.
  Status claim(const std::vector<std::string>& parts, bool is_folder, const std::string& name) {
    std::string path;
    for (size_t i = 0; i < parts.size(); ++i) {
      path += (i > 0 ? "/" : "") + parts[i];
      const bool folder = is_folder || i + 1 < parts.size();
      if (folder ? files_.contains(path) : folders_.contains(path)) {
        return refuse("a name is a file and a folder: " + printable(name));
      }
      if (folder) folders_.insert(path);
    }
    if (!is_folder && !files_.insert(path).second) return refuse("a name occurs twice: " + printable(name));
    return {};
  }

  Status write_entry(uint64_t index, const zip_stat_t& stat, const std::string& name, const std::string& target) {
    const std::unique_ptr<zip_file_t, EntryCloser> entry(zip_fopen_index(archive_, index, 0));
    if (!entry) {
      return refuse(fmt::format("an entry cannot be read, {}: {}", zip_strerror(archive_), printable(name)));
    }
    const std::unique_ptr<File> file = TRY(fs_.open(target, OpenMode::kCreateNew));
    std::string buffer(256 << 10, '\0');
    int64_t entry_bytes = 0;
    while (true) {
      const int64_t n = zip_fread(entry.get(), buffer.data(), buffer.size());
      if (n < 0) {
        return refuse(fmt::format("an entry is damaged, {}: {}", zip_file_strerror(entry.get()), printable(name)));
      }
      if (n == 0) break;
      entry_bytes += n;
      total_bytes_ += n;
      if (total_bytes_ > limits_.total_bytes_max) {
        return refuse(fmt::format("it inflates to more than {} bytes", limits_.total_bytes_max));
      }
      const int64_t packed = std::max<int64_t>(1, static_cast<int64_t>(stat.comp_size));
      if (entry_bytes > kRatioFreeBytes && entry_bytes / packed > limits_.ratio_max) {
        return refuse(fmt::format("an entry inflates more than {} fold: {}", limits_.ratio_max, printable(name)));
      }
      TRY(file->append(std::string_view(buffer.data(), static_cast<size_t>(n))));
    }
    return {};
  }

  Fs& fs_;
  zip_t* archive_;
  const std::string& into_;
  const ZipLimits& limits_;
  std::set<std::string> files_;
  std::set<std::string> folders_;
  int64_t total_bytes_ = 0;
};

Result<Archive> open_zip(Fs& fs, const std::string& zip_path) {
  if (!exists(fs, zip_path)) return Error(ErrorCode::kNotFound, "ZIP file does not exist: " + zip_path);
  int code = 0;
  // Without ZIP_CHECKCONS, which also refuses what `zip -r -` writes into a pipe: only the central directory is
  // believed here, and each entry's checksum is compared while it is read.
  Archive archive(zip_open(zip_path.c_str(), ZIP_RDONLY, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    Error refused = refuse(std::string("it is no ZIP or damaged: ") + zip_error_strerror(&error));
    zip_error_fini(&error);
    return refused;
  }
  return archive;
}

}  // namespace

Result<std::vector<std::string>> unpack_zip(Fs& fs, const std::string& zip_path, const std::string& into,
                                            const ZipLimits& limits) {
  const Archive archive = TRY(open_zip(fs, zip_path));
  return Unpacker(fs, archive.get(), into, limits).run();
}

Result<std::vector<std::string>> list_zip(Fs& fs, const std::string& zip_path) {
  const Archive archive = TRY(open_zip(fs, zip_path));
  std::vector<std::string> names;
  const int64_t num_entries = zip_get_num_entries(archive.get(), 0);
  for (int64_t i = 0; i < num_entries; ++i) {
    const char* name = zip_get_name(archive.get(), static_cast<uint64_t>(i), ZIP_FL_ENC_RAW);
    if (name == nullptr) return refuse("its directory is damaged");
    names.emplace_back(name);
  }
  return names;
}

Result<std::string> read_zip_entry(Fs& fs, const std::string& zip_path, const std::string& name, int64_t bytes_max) {
  const Archive archive = TRY(open_zip(fs, zip_path));
  const std::unique_ptr<zip_file_t, EntryCloser> entry(zip_fopen(archive.get(), name.c_str(), ZIP_FL_ENC_RAW));
  if (!entry) return Error(ErrorCode::kNotFound, "ZIP has no readable entry " + printable(name) + ": " + zip_path);
  std::string bytes(static_cast<size_t>(bytes_max) + 1, '\0');
  const int64_t n = zip_fread(entry.get(), bytes.data(), bytes.size());
  if (n < 0) return refuse("an entry is damaged: " + printable(name));
  if (n > bytes_max) return refuse(fmt::format("an entry is longer than {} bytes: {}", bytes_max, printable(name)));
  bytes.resize(static_cast<size_t>(n));
  return bytes;
}

Result<std::string> make_zip(const std::vector<std::pair<std::string, std::string>>& entries) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, &error);
  CHECK(memory != nullptr);
  zip_source_keep(memory);  // zip_open_from_source takes one reference, reading the result needs another
  zip_t* archive = zip_open_from_source(memory, ZIP_TRUNCATE, &error);
  CHECK(archive != nullptr);
  for (const auto& [name, content] : entries) {
    zip_source_t* bytes = zip_source_buffer(archive, content.data(), content.size(), 0);
    if (zip_file_add(archive, name.c_str(), bytes, ZIP_FL_ENC_UTF_8) < 0) {
      zip_source_free(bytes);
      zip_discard(archive);
      zip_source_free(memory);
      return Error(ErrorCode::kInvalidArgument, "ZIP entry cannot be added: " + printable(name));
    }
  }
  CHECK(zip_close(archive) == 0);
  zip_stat_t stat;
  CHECK(zip_source_stat(memory, &stat) == 0 && zip_source_open(memory) == 0);
  std::string out(stat.size, '\0');
  CHECK(zip_source_read(memory, out.data(), out.size()) == static_cast<zip_int64_t>(out.size()));
  zip_source_close(memory);
  zip_source_free(memory);
  return out;
}

}  // namespace raudal::codec
