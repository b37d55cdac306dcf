#include "cluster/restore_choice.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "base/str.h"
#include "cluster/cluster_spec.h"

namespace raudal::cluster {
namespace {

constexpr std::string_view kPrefix = "chk-";

Error corrupt(const std::string& folder, const std::string& why) {
  return Error(ErrorCode::kCorrupt, fmt::format("{}: {}", folder, why));
}

// Of a local path that Flink wrote as a URI: blanks and umlauts are percent-encoded only when it wrote a java.net.URI,
// which it does not; the text behind the scheme is the path.
std::string path_behind(std::string_view uri, std::string_view scheme) {
  uri.remove_prefix(scheme.size());
  if (uri.starts_with("//")) uri.remove_prefix(2);
  return std::string(uri);
}

// An error where it cannot be found out: a savepoint that cannot be looked at is not one that is absent.
Result<bool> holds_metadata(Fs& fs, const std::string& folder) {
  const auto info = fs.info(join_path(folder, kMetadataFile));
  if (info.ok()) return true;
  if (info.error().code() == ErrorCode::kNotFound) return false;
  return info.error();
}

// The starting snapshot of the run.
Result<Restore> starting_snapshot(Fs& fs, const std::string& restore_path) {
  if (restore_path.empty()) return Restore{};
  const std::string folder = TRY(savepoint_folder(fs, restore_path));
  TRY(inspect_snapshot(fs, folder));
  return Restore{.path = folder};
}

}  // namespace

std::string local_path(const std::string& uri) {
  if (uri.starts_with("file:")) return path_behind(uri, "file:");
  return uri.starts_with('/') ? uri : "";
}

Result<std::vector<int64_t>> checkpoint_numbers(Fs& fs, const std::string& directory) {
  std::vector<int64_t> numbers;
  Result<std::vector<FileInfo>> entries = fs.list(directory);
  if (!entries.ok() && entries.error().code() == ErrorCode::kNotFound) return numbers;
  if (!entries.ok()) return std::move(entries).error();
  for (const FileInfo& entry : *entries) {
    if (!entry.is_directory || !entry.name.starts_with(kPrefix)) continue;
    if (const auto number = parse_int(std::string_view(entry.name).substr(kPrefix.size()))) numbers.push_back(*number);
  }
  std::sort(numbers.rbegin(), numbers.rend());
  return numbers;
}

Result<WholeSnapshot> inspect_snapshot(Fs& fs, const std::string& folder) {
  const std::string text = TRY(read_file(fs, join_path(folder, kMetadataFile)));
  Result<CheckpointMetadata> metadata = parse_checkpoint_metadata(text);
  if (!metadata.ok()) return std::move(metadata).error().within(folder);
  std::map<std::string, int64_t> needed;  // path to the size it must have
  for (const StateFile& file : metadata->files) {
    const std::string path = file.relative ? join_path(folder, file.path) : local_path(file.path);
    if (!path.empty()) needed[path] = std::max(needed[path], file.size_bytes);
  }
  int64_t size_bytes = static_cast<int64_t>(text.size());
  for (const auto& [path, bytes] : needed) {
    Result<FileInfo> info = fs.info(path);
    if (!info.ok() && info.error().code() == ErrorCode::kNotFound)
      return corrupt(folder, "a file of it is gone: " + path);
    if (!info.ok()) return std::move(info).error();
    if (info->is_directory || info->size_bytes < bytes) {
      return corrupt(folder, fmt::format("a file of it has {} of {} bytes: {}", info->size_bytes, bytes, path));
    }
    size_bytes += info->size_bytes;
  }
  return WholeSnapshot{.folder = folder, .metadata = std::move(*metadata), .size_bytes = size_bytes};
}

Result<std::string> savepoint_folder(Fs& fs, const std::string& folder) {
  if (TRY(holds_metadata(fs, folder))) return folder;
  std::optional<std::string> found;
  for (const FileInfo& entry : TRY(fs.list(folder))) {
    const std::string below = join_path(folder, entry.name);
    if (!entry.is_directory || !TRY(holds_metadata(fs, below))) continue;
    if (found) return corrupt(folder, "it holds several savepoints");
    found = below;
  }
  if (!found) return Error(ErrorCode::kNotFound, "No complete savepoint is there (_metadata is missing): " + folder);
  return *found;
}

Result<Restore> choose_restore(Fs& fs, const std::string& run_directory, const engine::LaunchFile& launch) {
  // Several jobs have ids of their own in each incarnation: what they left belongs to none of the new ones.
  if (launch.flink.many_jobs && !launch.restore_path.empty()) {
    return Error(ErrorCode::kInvalidApplicationConfiguration,
                 "A program of many jobs cannot begin from a snapshot: start it with SKIP_RESTORE_FROM_SNAPSHOT, or "
                 "leave out jobs = many");
  }
  if (launch.flink.many_jobs) return Restore{};
  const std::string directory = checkpoints_of(run_directory, engine::job_id_of(launch.identity));
  std::vector<Restore::PassedOver> passed_over;
  for (const int64_t number : TRY(checkpoint_numbers(fs, directory))) {
    const std::string folder = join_path(directory, fmt::format("{}{}", kPrefix, number));
    Result<WholeSnapshot> whole = inspect_snapshot(fs, folder);
    if (whole.ok()) {
      return Restore{
          .path = folder, .own_checkpoint = true, .checkpoint_id = number, .passed_over = std::move(passed_over)};
    }
    // A folder without _metadata is a checkpoint that never was complete: no state is lost with it.
    if (whole.error().code() == ErrorCode::kNotFound) continue;
    // One that cannot be looked at may be whole: an older one in its place would bring rows a second time.
    if (whole.error().code() != ErrorCode::kCorrupt) return std::move(whole).error().within(folder);
    passed_over.push_back({folder, whole.error().message()});
  }
  if (!passed_over.empty()) {
    std::string reasons;
    for (const Restore::PassedOver& each : passed_over) reasons += "; " + each.why;
    return Error(
        ErrorCode::kCorrupt,
        "The run has checkpoints, but none of them can be read; it does not start without its state" + reasons);
  }
  return starting_snapshot(fs, launch.restore_path);
}

Status set_aside_passed_over(Fs& fs, const Restore& restore) {
  for (const Restore::PassedOver& each : restore.passed_over) {
    const std::string aside = join_path(parent_directory(each.folder), "unreadable-" + base_name(each.folder));
    TRY(fs.remove_all(aside));
    TRY(fs.rename(each.folder, aside));
  }
  return {};
}

}  // namespace raudal::cluster
