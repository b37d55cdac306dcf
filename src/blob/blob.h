// Object storage for checkpoints, snapshots and code: whole immutable blobs under keys like "apps/a1/ckpt/7/part-0".
// A put is atomic and durable when it returns; a reader sees the old blob, the new one, or none, never a part.
// put_if_absent is the one conditional step; commits of checkpoints and leases rest on it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace raudal::blob {

struct BlobInfo {
  std::string key;
  int64_t size_bytes = 0;
  int64_t modified_us = 0;
};

// A blob being read.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual int64_t size_bytes() const = 0;
  // Fills as much of the buffer as there is from `offset`.
  virtual Result<size_t> read_at(int64_t offset, std::span<char> buffer) = 0;
};

// A blob being written: invisible until commit(); without it nothing remains.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Status append(std::string_view bytes) = 0;
  virtual Status commit() = 0;             // replaces an older blob of that key
  virtual Status commit_if_absent() = 0;   // kAlreadyExists: somebody was first, nothing was changed
};

// Keys: 1 to 1024 bytes, parts between '/' not empty, not "." or "..", no NUL, none longer than 200 bytes, none that
// begins with ".tmp-". Else kInvalidArgument. A key may not also be a folder of another key.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual Status put(const std::string& key, std::string_view bytes) = 0;
  virtual Status put_if_absent(const std::string& key, std::string_view bytes) = 0;  // kAlreadyExists
  virtual Status put_file(const std::string& key, const std::string& path) = 0;      // a copy of a local file
  virtual Result<std::unique_ptr<BlobWriter>> create(const std::string& key) = 0;
  virtual Result<std::string> get(const std::string& key) = 0;                       // kNotFound
  virtual Result<std::string> get_range(const std::string& key, int64_t offset, int64_t length) = 0;
  virtual Result<std::unique_ptr<BlobReader>> open(const std::string& key) = 0;
  // All blobs whose key begins with the prefix (any text, not only whole folders), sorted by key.
  virtual Result<std::vector<BlobInfo>> list(const std::string& prefix) = 0;
  virtual Status remove(const std::string& key) = 0;                                 // absent is fine
  virtual Status remove_prefix(const std::string& prefix) = 0;
};

bool exists(BlobStore& store, const std::string& key);
// kInvalidArgument with the reason, or fine.
Status check_key(std::string_view key);

}  // namespace raudal::blob
