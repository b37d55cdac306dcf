// The bytes of objects: immutable files under random names, in up to 256 folders. The index says which belong to what;
// a file that no row names is garbage and is swept at the next start. Readers pin files, so that a delete waits for
// them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::neighbours::s3 {

class ObjectFiles {
 public:
  ObjectFiles(Fs& fs, std::string directory) : fs_(fs), directory_(std::move(directory)) {}

  // Makes the folder, and removes every file in it that is not referenced.
  Status open(const std::set<std::string>& referenced);

  // A file being written. Removed again unless committed.
  class Writer {
   public:
    Writer(ObjectFiles& files, std::string id, std::unique_ptr<File> file)
        : files_(files), id_(std::move(id)), file_(std::move(file)) {}
    ~Writer();
    Status append(std::string_view bytes) { return file_->append(bytes); }
    // Makes it durable and hands over its name.
    Result<std::string> commit();

   private:
    ObjectFiles& files_;
    const std::string id_;
    const std::unique_ptr<File> file_;
    bool committed_ = false;
  };

  Result<std::unique_ptr<Writer>> create();
  Result<std::unique_ptr<File>> read(const std::string& id);
  // A discarded file goes when the last pin has gone.
  void discard(const std::vector<std::string>& ids);
  void pin(const std::vector<std::string>& ids);
  void unpin(const std::vector<std::string>& ids);

 private:
  std::string path_of(const std::string& id) const;

  Fs& fs_;
  const std::string directory_;
  std::mutex mutex_;
  std::map<std::string, int> pins_;
  std::set<std::string> doomed_;
};

}  // namespace raudal::neighbours::s3
