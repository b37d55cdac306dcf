#include "cluster/checkpoint_keeper.h"

#include <sys/stat.h>

#include <algorithm>

#include <fmt/core.h>

#include "cluster/restore_choice.h"

namespace raudal::cluster {
namespace {

// File systems may round times.
constexpr int64_t kAgeMarginUs = 2'000'000;

// Programs write here. A link in a folder's place would lead the removal to files of others.
bool is_link(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
}

}  // namespace

CheckpointKeeper::CheckpointKeeper(Fs& fs, std::string directory, int64_t restored_id, int64_t began_us)
    : fs_(fs), directory_(std::move(directory)), restored_id_(restored_id), began_us_(began_us) {}

Result<Tidied> CheckpointKeeper::tidy() {
  Tidied tidied;
  if (done_) return tidied;
  const std::string shared = join_path(directory_, "shared");
  for (const std::string& folder : {directory_, shared}) {
    if (is_link(folder)) return Error(ErrorCode::kCorrupt, "A link stands in the place of a folder: " + folder);
  }
  const std::vector<int64_t> numbers = TRY(checkpoint_numbers(fs_, directory_));
  std::vector<std::string> referenced;
  int num_own = 0;
  for (const int64_t number : numbers) {
    if (number <= restored_id_) break;
    const auto whole = inspect_snapshot(fs_, join_path(directory_, fmt::format("chk-{}", number)));
    // Without metadata: in the making, or just being removed by Flink.
    if (!whole.ok() && whole.error().code() == ErrorCode::kNotFound) continue;
    if (!whole.ok()) return whole.error();
    ++num_own;
    for (const StateFile& file : whole->metadata.files) {
      if (!file.relative) referenced.push_back(local_path(file.path));
    }
  }
  if (num_own < kRetained) return tidied;
  for (const int64_t number : numbers) {
    if (number > restored_id_) continue;
    TRY(fs_.remove_all(join_path(directory_, fmt::format("chk-{}", number))));
    ++tidied.num_checkpoints;
  }
  std::sort(referenced.begin(), referenced.end());
  tidied.num_files = TRY(remove_unreferenced(shared, referenced));
  done_ = true;
  return tidied;
}

Result<int> CheckpointKeeper::remove_unreferenced(const std::string& folder,
                                                  const std::vector<std::string>& referenced) {
  int num_removed = 0;
  const auto files = fs_.list(folder);
  if (!files.ok()) return files.error().code() == ErrorCode::kNotFound ? Result<int>(0) : Result<int>(files.error());
  for (const FileInfo& file : *files) {
    const std::string path = join_path(folder, file.name);
    if (file.is_directory || file.modified_us > began_us_ - kAgeMarginUs) continue;
    if (std::binary_search(referenced.begin(), referenced.end(), path)) continue;
    TRY(fs_.remove(path));
    ++num_removed;
  }
  return num_removed;
}

}  // namespace raudal::cluster
