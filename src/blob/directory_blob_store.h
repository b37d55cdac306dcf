// A BlobStore in a folder: a key is a path below it. Each put writes a temporary file, syncs it, renames (or links) it
// into place and syncs the folder. Left-over temporary files of a killed process are removed by clean_up().
#pragma once

#include <memory>
#include <string>

#include "base/fs.h"
#include "blob/blob.h"

namespace raudal::blob {

class DirectoryBlobStore final : public BlobStore {
 public:
  // The folder is made at the first put. `fs` must outlive the store. Many processes may share one folder.
  DirectoryBlobStore(Fs& fs, std::string root);

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

  // Removes temporary files that are older than an hour by `now_us` (wall time). Call at start.
  Status clean_up(int64_t now_us);

  // Where a blob's bytes are, for code that needs a path. The key must be a valid one.
  std::string path_of(const std::string& key) const;

 private:
  Status remove_empty_folders(const std::string& folder);

  Fs& fs_;
  const std::string root_;
};

}  // namespace raudal::blob
