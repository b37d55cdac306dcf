#include "blob/directory_blob_store.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "base/rng.h"

namespace raudal::blob {
namespace {

constexpr int64_t kTemporaryAgeUs = int64_t{3600} * 1'000'000;
constexpr size_t kCopyBytes = 1 << 20;

class FileBlobReader final : public BlobReader {
 public:
  FileBlobReader(std::unique_ptr<File> file, int64_t size_bytes) : file_(std::move(file)), size_bytes_(size_bytes) {}
  int64_t size_bytes() const override { return size_bytes_; }
  Result<size_t> read_at(int64_t offset, std::span<char> buffer) override { return file_->read_at(offset, buffer); }

 private:
  const std::unique_ptr<File> file_;
  const int64_t size_bytes_;
};

// Makes the folder of a new file durable up to the root: an entry whose parent is lost is lost too.
Status make_durable_directories(Fs& fs, const std::string& directory, const std::string& root) {
  if (exists(fs, directory)) return {};
  if (directory.size() > root.size()) TRY(make_durable_directories(fs, parent_directory(directory), root));
  TRY(fs.make_directories(directory));
  return fs.sync_directory(parent_directory(directory));
}

// Writes beside its place; the name in place appears with the commit.
class FileBlobWriter final : public BlobWriter {
 public:
  FileBlobWriter(Fs& fs, std::string path, std::string temporary, std::unique_ptr<File> file)
      : fs_(fs), path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

  ~FileBlobWriter() override {
    if (!temporary_.empty()) (void)fs_.remove(temporary_).ok();
  }

  Status append(std::string_view bytes) override { return file_->append(bytes); }

  Status commit() override {
    TRY(file_->sync());
    FAILPOINT("blob.put");
    TRY(fs_.rename(temporary_, path_));
    temporary_.clear();
    return fs_.sync_directory(parent_directory(path_));
  }

  Status commit_if_absent() override {
    TRY(file_->sync());
    FAILPOINT("blob.put_if_absent");
    TRY(fs_.link(temporary_, path_));
    // From here on the blob exists; a temporary name that stays is clean_up()'s business.
    if (fs_.remove(temporary_).ok()) temporary_.clear();
    return fs_.sync_directory(parent_directory(path_));
  }

 private:
  Fs& fs_;
  const std::string path_;
  std::string temporary_;
  const std::unique_ptr<File> file_;
};

// Calls visit(path, key, info) for all files below a folder; visit returns a Status.
template <class Visit>
Status walk(Fs& fs, const std::string& directory, const std::string& key_prefix, const Visit& visit) {
  const auto files = fs.list(directory);
  if (!files.ok()) {
    if (files.error().code() == ErrorCode::kNotFound) return {};
    return files.error();
  }
  for (const FileInfo& file : *files) {
    const std::string path = join_path(directory, file.name);
    if (file.is_directory) {
      TRY(walk(fs, path, key_prefix + file.name + "/", visit));
    } else {
      TRY(visit(path, key_prefix + file.name, file));
    }
  }
  return {};
}

bool is_temporary(std::string_view name) { return name.starts_with(".tmp-"); }

}  // namespace

DirectoryBlobStore::DirectoryBlobStore(Fs& fs, std::string root) : fs_(fs), root_(std::move(root)) {}

std::string DirectoryBlobStore::path_of(const std::string& key) const {
  CHECK(check_key(key).ok());
  return join_path(root_, key);
}

Status DirectoryBlobStore::put(const std::string& key, std::string_view bytes) {
  const auto writer = TRY(create(key));
  TRY(writer->append(bytes));
  return writer->commit();
}

Status DirectoryBlobStore::put_if_absent(const std::string& key, std::string_view bytes) {
  const auto writer = TRY(create(key));
  TRY(writer->append(bytes));
  return writer->commit_if_absent();
}

Status DirectoryBlobStore::put_file(const std::string& key, const std::string& path) {
  const auto source = TRY(fs_.open(path, OpenMode::kRead));
  const auto writer = TRY(create(key));
  std::string buffer(kCopyBytes, '\0');
  int64_t offset = 0;
  while (const size_t n = TRY(source->read_at(offset, buffer))) {
    TRY(writer->append(std::string_view(buffer.data(), n)));
    offset += static_cast<int64_t>(n);
  }
  return writer->commit();
}

Result<std::unique_ptr<BlobWriter>> DirectoryBlobStore::create(const std::string& key) {
  TRY(check_key(key));
  std::string path = path_of(key);
  const std::string directory = parent_directory(path);
  std::string temporary = join_path(directory, ".tmp-" + secure_random_hex(8));
  // remove_prefix() of another caller may take the folder between the two steps; then they are done again.
  for (int attempt = 0;; ++attempt) {
    TRY(make_durable_directories(fs_, directory, root_));
    auto file = fs_.open(temporary, OpenMode::kCreateNew);
    if (file.ok()) {
      return std::unique_ptr<BlobWriter>(
          new FileBlobWriter(fs_, std::move(path), std::move(temporary), std::move(*file)));
    }
    if (file.error().code() != ErrorCode::kNotFound || attempt == 3) return file.error();
  }
}

Result<std::string> DirectoryBlobStore::get(const std::string& key) {
  return get_range(key, 0, INT64_MAX);
}

Result<std::string> DirectoryBlobStore::get_range(const std::string& key, int64_t offset, int64_t length) {
  CHECK(offset >= 0 && length >= 0);
  const auto reader = TRY(open(key));
  std::string bytes(static_cast<size_t>(std::clamp<int64_t>(reader->size_bytes() - offset, 0, length)), '\0');
  bytes.resize(TRY(reader->read_at(offset, bytes)));
  return bytes;
}

Result<std::unique_ptr<BlobReader>> DirectoryBlobStore::open(const std::string& key) {
  TRY(check_key(key));
  const std::string path = path_of(key);
  if (TRY(fs_.info(path)).is_directory) return Error(ErrorCode::kNotFound, "Blob does not exist: " + key);
  auto file = TRY(fs_.open(path, OpenMode::kRead));
  const int64_t size_bytes = TRY(file->size());
  return std::unique_ptr<BlobReader>(new FileBlobReader(std::move(file), size_bytes));
}

Result<std::vector<BlobInfo>> DirectoryBlobStore::list(const std::string& prefix) {
  std::vector<BlobInfo> blobs;
  // Only the folder in which the prefix ends is walked.
  const size_t slash = prefix.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : prefix.substr(0, slash + 1);
  if (!folder.empty()) TRY(check_key(folder.substr(0, slash)));
  TRY(walk(fs_, folder.empty() ? root_ : path_of(folder.substr(0, slash)), folder,
           [&](const std::string&, const std::string& key, const FileInfo& file) -> Status {
             if (!is_temporary(file.name) && key.starts_with(prefix)) {
               blobs.push_back({key, file.size_bytes, file.modified_us});
             }
             return {};
           }));
  std::ranges::sort(blobs, {}, &BlobInfo::key);
  return blobs;
}

Status DirectoryBlobStore::remove(const std::string& key) {
  TRY(check_key(key));
  const std::string path = path_of(key);
  Status removed = fs_.remove(path);
  if (!removed.ok()) {
    if (removed.error().code() == ErrorCode::kNotFound) return {};
    return removed;
  }
  return fs_.sync_directory(parent_directory(path));
}

Status DirectoryBlobStore::remove_prefix(const std::string& prefix) {
  for (const BlobInfo& blob : TRY(list(prefix))) TRY(remove(blob.key));
  // Whole folders go too; one in which somebody is writing right now stays.
  if (prefix.empty() || !prefix.ends_with('/')) return {};
  const std::string folder = path_of(prefix.substr(0, prefix.size() - 1));
  if (!exists(fs_, folder)) return {};
  TRY(remove_empty_folders(folder));
  return {};
}

Status DirectoryBlobStore::remove_empty_folders(const std::string& folder) {
  for (const FileInfo& file : TRY(fs_.list(folder))) {
    if (file.is_directory) TRY(remove_empty_folders(join_path(folder, file.name)));
  }
  (void)fs_.remove(folder).ok();
  return {};
}

Status DirectoryBlobStore::clean_up(int64_t now_us) {
  return walk(fs_, root_, "", [&](const std::string& path, const std::string&, const FileInfo& file) -> Status {
    if (is_temporary(file.name) && file.modified_us < now_us - kTemporaryAgeUs) return fs_.remove(path);
    return {};
  });
}

}  // namespace raudal::blob
