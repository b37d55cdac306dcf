// A BlobStore in memory, for tests. Can be told to fail.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "blob/blob.h"

namespace raudal::blob {

class MemoryBlobStore final : public BlobStore {
 public:
  Status put(const std::string& key, std::string_view bytes) override;
  Status put_if_absent(const std::string& key, std::string_view bytes) override;
  Status put_file(const std::string& key, const std::string& path) override;
  Result<std::unique_ptr<BlobWriter>> create(const std::string& key) override;
  Result<std::string> get(const std::string& key) override;
  Result<std::string> get_range(const std::string& key, int64_t offset, int64_t length) override;
  Result<std::unique_ptr<BlobReader>> open(const std::string& key) override;
  Result<std::vector<BlobInfo>> list(const std::string& prefix) override;
  Status remove(const std::string& key) override;
  Status remove_prefix(const std::string& prefix) override;

  // From now on every call that writes answers this error; empty: works again.
  void fail_writes(std::optional<Error> error);

 private:
  Status check_write(const std::string& key);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const std::string>> blobs_;
  std::optional<Error> failure_;
};

}  // namespace raudal::blob
