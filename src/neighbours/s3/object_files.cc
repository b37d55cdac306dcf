#include "neighbours/s3/object_files.h"

#include <utility>

#include "base/rng.h"

namespace raudal::neighbours::s3 {

std::string ObjectFiles::path_of(const std::string& id) const {
  return join_path(join_path(directory_, id.substr(0, 2)), id);
}

Status ObjectFiles::open(const std::set<std::string>& referenced) {
  TRY(fs_.make_directories(directory_));
  for (const FileInfo& folder : TRY(fs_.list(directory_))) {
    const std::string path = join_path(directory_, folder.name);
    for (const FileInfo& file : TRY(fs_.list(path))) {
      if (!referenced.contains(file.name)) TRY(fs_.remove(join_path(path, file.name)));
    }
  }
  return fs_.sync_directory(directory_);
}

Result<std::unique_ptr<ObjectFiles::Writer>> ObjectFiles::create() {
  std::string id = secure_random_hex(16);
  const std::string path = path_of(id);
  const std::string folder = parent_directory(path);
  if (!exists(fs_, folder)) {
    TRY(fs_.make_directories(folder));
    TRY(fs_.sync_directory(directory_));
  }
  auto file = TRY(fs_.open(path, OpenMode::kCreateNew));
  return std::make_unique<Writer>(*this, std::move(id), std::move(file));
}

ObjectFiles::Writer::~Writer() {
  if (!committed_) (void)files_.fs_.remove(files_.path_of(id_)).ok();
}

Result<std::string> ObjectFiles::Writer::commit() {
  TRY(file_->sync());
  TRY(files_.fs_.sync_directory(parent_directory(files_.path_of(id_))));
  committed_ = true;
  return id_;
}

Result<std::unique_ptr<File>> ObjectFiles::read(const std::string& id) {
  return fs_.open(path_of(id), OpenMode::kRead);
}

void ObjectFiles::discard(const std::vector<std::string>& ids) {
  std::lock_guard lock(mutex_);
  for (const std::string& id : ids) {
    if (pins_.contains(id)) {
      doomed_.insert(id);
    } else {
      (void)fs_.remove(path_of(id)).ok();  // what stays is swept at the next start
    }
  }
}

void ObjectFiles::pin(const std::vector<std::string>& ids) {
  std::lock_guard lock(mutex_);
  for (const std::string& id : ids) ++pins_[id];
}

void ObjectFiles::unpin(const std::vector<std::string>& ids) {
  std::lock_guard lock(mutex_);
  for (const std::string& id : ids) {
    const auto found = pins_.find(id);
    CHECK(found != pins_.end());
    if (--found->second > 0) continue;
    pins_.erase(found);
    if (doomed_.erase(id) > 0) (void)fs_.remove(path_of(id)).ok();
  }
}

}  // namespace raudal::neighbours::s3
