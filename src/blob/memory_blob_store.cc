#include "blob/memory_blob_store.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "base/fs.h"

namespace raudal::blob {
namespace {

class MemoryBlobReader final : public BlobReader {
 public:
  explicit MemoryBlobReader(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  int64_t size_bytes() const override { return static_cast<int64_t>(bytes_->size()); }
  Result<size_t> read_at(int64_t offset, std::span<char> buffer) override {
    if (offset >= size_bytes()) return size_t{0};
    return bytes_->copy(buffer.data(), buffer.size(), static_cast<size_t>(offset));
  }

 private:
  const std::shared_ptr<const std::string> bytes_;
};

class MemoryBlobWriter final : public BlobWriter {
 public:
  MemoryBlobWriter(MemoryBlobStore& store, std::string key) : store_(store), key_(std::move(key)) {}
  Status append(std::string_view bytes) override {
    bytes_ += bytes;
    return {};
  }
  Status commit() override { return store_.put(key_, bytes_); }
  Status commit_if_absent() override { return store_.put_if_absent(key_, bytes_); }

 private:
  MemoryBlobStore& store_;
  const std::string key_;
  std::string bytes_;
};

}  // namespace

void MemoryBlobStore::fail_writes(std::optional<Error> error) {
  std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

Status MemoryBlobStore::check_write(const std::string& key) {
  TRY(check_key(key));
  if (failure_) return *failure_;
  return {};
}

Status MemoryBlobStore::put(const std::string& key, std::string_view bytes) {
  FAILPOINT("blob.put");
  std::lock_guard lock(mutex_);
  TRY(check_write(key));
  blobs_[key] = std::make_shared<const std::string>(bytes);
  return {};
}

Status MemoryBlobStore::put_if_absent(const std::string& key, std::string_view bytes) {
  FAILPOINT("blob.put_if_absent");
  std::lock_guard lock(mutex_);
  TRY(check_write(key));
  if (blobs_.contains(key)) return Error(ErrorCode::kAlreadyExists, "Blob exists already: " + key);
  blobs_[key] = std::make_shared<const std::string>(bytes);
  return {};
}

Status MemoryBlobStore::put_file(const std::string& key, const std::string& path) {
  return put(key, TRY(read_file(*posix_fs(), path)));
}

Result<std::unique_ptr<BlobWriter>> MemoryBlobStore::create(const std::string& key) {
  std::lock_guard lock(mutex_);
  TRY(check_write(key));
  return std::unique_ptr<BlobWriter>(new MemoryBlobWriter(*this, key));
}

Result<std::string> MemoryBlobStore::get(const std::string& key) {
  return get_range(key, 0, INT64_MAX);
}

Result<std::string> MemoryBlobStore::get_range(const std::string& key, int64_t offset, int64_t length) {
  CHECK(offset >= 0 && length >= 0);
  const auto reader = TRY(open(key));
  std::string bytes(static_cast<size_t>(std::clamp<int64_t>(reader->size_bytes() - offset, 0, length)), '\0');
  bytes.resize(TRY(reader->read_at(offset, bytes)));
  return bytes;
}

Result<std::unique_ptr<BlobReader>> MemoryBlobStore::open(const std::string& key) {
  TRY(check_key(key));
  std::lock_guard lock(mutex_);
  const auto found = blobs_.find(key);
  if (found == blobs_.end()) return Error(ErrorCode::kNotFound, "Blob does not exist: " + key);
  return std::unique_ptr<BlobReader>(new MemoryBlobReader(found->second));
}

Result<std::vector<BlobInfo>> MemoryBlobStore::list(const std::string& prefix) {
  std::vector<BlobInfo> found;
  std::lock_guard lock(mutex_);
  for (auto it = blobs_.lower_bound(prefix); it != blobs_.end() && it->first.starts_with(prefix); ++it) {
    found.push_back({.key = it->first, .size_bytes = static_cast<int64_t>(it->second->size())});
  }
  return found;
}

Status MemoryBlobStore::remove(const std::string& key) {
  std::lock_guard lock(mutex_);
  TRY(check_write(key));
  blobs_.erase(key);
  return {};
}

Status MemoryBlobStore::remove_prefix(const std::string& prefix) {
  for (const BlobInfo& blob : TRY(list(prefix))) TRY(remove(blob.key));
  return {};
}

}  // namespace raudal::blob
