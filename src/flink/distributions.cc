#include "flink/distributions.h"

#include <stdlib.h>
#include <unistd.h>

#include <climits>
#include <utility>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/rng.h"
#include "base/str.h"
#include "flink/assembly.h"
#include "flink/folder_lock.h"
#include "flink/manifest.h"

namespace raudal::flink {
namespace {

constexpr char kPartial[] = ".partial";

// Absolute, though the folder may not be there yet.
std::string absolute(const std::string& path) {
  if (path.starts_with("/")) return path;
  char current[PATH_MAX];
  return ::getcwd(current, sizeof current) ? join_path(current, path) : path;
}

// Adds the time since the beginning to what an assembly says.
ProgressSink with_time(const ProgressSink& progress) {
  const int64_t begin_ns = SystemClock().monotonic_ns();
  return [progress, begin_ns](const Progress& now) {
    Progress timed = now;
    timed.seconds = static_cast<double>(SystemClock().monotonic_ns() - begin_ns) / 1e9;
    return progress(timed);
  };
}

// Removes a folder and what is in it when it goes out of scope.
class TemporaryFolder {
 public:
  TemporaryFolder(Fs& fs, std::string path) : fs_(fs), path_(std::move(path)) {}
  ~TemporaryFolder() { (void)fs_.remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  Fs& fs_;
  std::string path_;
};

Status remove_partials(Fs& fs, const std::string& directory, const FlinkVersion& version) {
  const std::string prefix = fmt::format(".{}-", version.runtime);
  for (const FileInfo& entry : TRY(fs.list(directory))) {
    if (!entry.name.starts_with(prefix) || !entry.name.ends_with(kPartial)) continue;
    TRY(fs.remove_all(join_path(directory, entry.name)));
  }
  return {};
}

Error not_installed(const FlinkVersion& version) {
  return Error(ErrorCode::kNotFound,
               fmt::format("Flink {0} is not installed: raudal flink install {0}", version.runtime));
}

}  // namespace

DistributionHold::DistributionHold(DistributionHold&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DistributionHold& DistributionHold::operator=(DistributionHold&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

DistributionHold::~DistributionHold() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Distributions::Distributions(Fs& fs, Process& process, const std::string& data_directory, Surroundings surroundings)
    : fs_(fs),
      process_(process),
      directory_(join_path(absolute(data_directory), "flink")),
      surroundings_(std::move(surroundings)) {}

Result<Distribution> Distributions::find(const std::string& runtime) {
  return open(*TRY(require_flink_version(runtime)));
}

Result<std::vector<Distribution>> Distributions::list() {
  std::vector<Distribution> found;
  for (const FlinkVersion& version : flink_versions()) {
    if (version.support != Support::kInstallable) continue;
    auto distribution = open(version);
    if (distribution.ok()) found.push_back(*std::move(distribution));
  }
  return found;
}

bool Distributions::present(const std::string& runtime) {
  const FlinkVersion* version = find_flink_version(runtime);
  return version && exists(fs_, home_of(*version));
}

Status Distributions::verify(const std::string& runtime) {
  const FlinkVersion& version = *TRY(require_flink_version(runtime));
  if (!exists(fs_, home_of(version))) return not_installed(version);
  const Manifest manifest = TRY(read_manifest(fs_, home_of(version)));
  return check_contents(fs_, home_of(version), manifest);
}

Result<Distribution> Distributions::install(const std::string& runtime, const ProgressSink& progress) {
  return install_as(*TRY(require_flink_version(runtime)), "", with_time(progress));
}

Result<Distribution> Distributions::install_from(const std::string& runtime, const std::string& path,
                                                 const ProgressSink& progress) {
  return install_as(*TRY(require_flink_version(runtime)), absolute(path), with_time(progress));
}

Status Distributions::remove(const std::string& runtime) {
  const FlinkVersion& version = *TRY(require_flink_version(runtime));
  if (!exists(fs_, directory_)) return {};
  const auto installing = TRY(
      FolderLock::try_take(join_path(directory_, fmt::format(".{}.install", version.runtime)), LockKind::kExclusive));
  if (!installing) {
    return Error(ErrorCode::kResourceInUse,
                 fmt::format("Another process is installing or removing Flink {}", version.runtime));
  }
  TRY(remove_partials(fs_, directory_, version));
  if (!exists(fs_, home_of(version))) return {};
  const auto unused = TRY(FolderLock::try_take(use_lock_of(version), LockKind::kExclusive));
  if (!unused) {
    return Error(ErrorCode::kResourceInUse,
                 fmt::format("An application runs on Flink {}: stop it first", version.runtime));
  }
  const std::string doomed =
      join_path(directory_, fmt::format(".{}-{}{}", version.runtime, secure_random_hex(4), kPartial));
  TRY(fs_.rename(home_of(version), doomed));
  TRY(fs_.sync_directory(directory_));
  return fs_.remove_all(doomed);
}

Result<DistributionHold> Distributions::hold(const Distribution& distribution) {
  CHECK(distribution.version);
  auto lock = TRY(FolderLock::try_take(use_lock_of(*distribution.version), LockKind::kShared));
  if (!lock || !exists(fs_, distribution.home)) return not_installed(*distribution.version);
  return DistributionHold(lock->release());
}

Result<Jdk> Distributions::jdk_for(const FlinkVersion& version) {
  return find_jdk(fs_, surroundings_, version.java_majors);
}

Result<Distribution> Distributions::install_as(const FlinkVersion& version, const std::string& from,
                                               const ProgressSink& progress) {
  TRY(fs_.make_directories(directory_));
  const std::string lock_path = join_path(directory_, fmt::format(".{}.install", version.runtime));
  const FolderLock lock = TRY(FolderLock::take(lock_path, LockKind::kExclusive, [&] {
    return progress({.stage = "Waiting for another process that installs it", .detail = ""});
  }));
  auto installed = open(version);
  if (installed.ok()) return installed;
  TRY(remove_partials(fs_, directory_, version));
  return assemble_and_publish(version, from, progress);
}

Result<Distribution> Distributions::assemble_and_publish(const FlinkVersion& version, const std::string& from,
                                                         const ProgressSink& progress) {
  const TemporaryFolder partial(
      fs_, join_path(directory_, fmt::format(".{}-{}{}", version.runtime, secure_random_hex(4), kPartial)));
  const std::string home = join_path(partial.path(), "home");
  const std::string scratch = join_path(partial.path(), "scratch");
  TRY(fs_.make_directories(home));
  TRY(fs_.make_directories(scratch));
  // A cluster needs it, so say at once that it is not here.
  if (from.empty()) TRY(find_jdk(fs_, surroundings_, version.java_majors));
  const Assembly assembly{.fs = fs_,
                          .process = process_,
                          .surroundings = surroundings_,
                          .version = version,
                          .home = home,
                          .scratch = scratch,
                          .log = join_path(directory_, fmt::format("install-{}.log", version.runtime)),
                          .progress = progress};
  const Assembled assembled = from.empty() ? TRY(assemble_with_maven(assembly)) : TRY(assemble_from(assembly, from));
  TRY(check_home(fs_, home));
  FAILPOINT("flink.assembled");
  Manifest manifest{.runtime = std::string(version.runtime),
                    .release = assembled.release,
                    .origin = assembled.origin,
                    .missing = assembled.missing,
                    .files = {}};
  Progress now{.stage = "Checking files", .detail = ""};
  auto files = take_inventory(fs_, home, [&](const Manifest::Entry& file) {
    now.detail = base_name(file.path);
    ++now.files_done;
    now.bytes_done += file.size_bytes;
    return progress(now);
  });
  if (!files.ok() && files.error().code() == ErrorCode::kCorrupt && from.empty()) {
    return std::move(files).error().within(
        "Maven gave a damaged file; remove it from Maven's own repository (~/.m2/repository) and try again");
  }
  manifest.files = TRY(std::move(files));
  TRY(write_manifest(fs_, home, manifest));
  FAILPOINT("flink.before_publish");
  TRY(publish(version, home));
  return open(version);
}

// What stands in its place is damaged, or there is nothing.
Status Distributions::publish(const FlinkVersion& version, const std::string& home) {
  const std::string place = home_of(version);
  if (exists(fs_, place)) {
    const auto unused = TRY(FolderLock::try_take(use_lock_of(version), LockKind::kExclusive));
    if (!unused) {
      return Error(ErrorCode::kResourceInUse,
                   fmt::format("Flink {} is damaged, and cannot be replaced while an application runs on it: stop it "
                               "first",
                               version.runtime));
    }
    TRY(fs_.rename(place, join_path(parent_directory(home), "damaged")));
  }
  TRY(fs_.rename(home, place));
  return fs_.sync_directory(directory_);
}

Result<Distribution> Distributions::open(const FlinkVersion& version) {
  const std::string home = home_of(version);
  if (!exists(fs_, home)) return not_installed(version);
  const auto manifest = read_manifest(fs_, home);
  const Status whole = manifest.ok() ? check_sizes(fs_, home, *manifest) : Status(manifest.error());
  if (!whole.ok()) {
    return Error(ErrorCode::kCorrupt, fmt::format("Flink {0} is damaged, install it again with `raudal flink install "
                                                  "{0}`: {1}",
                                                  version.runtime, whole.error().message()));
  }
  Distribution result{.version = &version,
                      .release = manifest->release,
                      .home = home,
                      .class_path = "",
                      .opt_directory = join_path(home, "opt"),
                      .python_jar = "",
                      .plugins_directory = join_path(home, "plugins"),
                      .origin = manifest->origin,
                      .missing = manifest->missing,
                      .size_bytes = manifest->size_bytes(),
                      .num_files = static_cast<int>(manifest->files.size())};
  std::vector<std::string> jars;
  for (const Manifest::Entry& file : manifest->files) {
    if (file.path.starts_with("lib/") && file.path.ends_with(".jar")) jars.push_back(join_path(home, file.path));
    if (file.path.starts_with("opt/flink-python")) result.python_jar = join_path(home, file.path);
  }
  result.class_path = join(jars, ":");
  return result;
}

std::string Distributions::home_of(const FlinkVersion& version) const { return join_path(directory_, version.runtime); }

std::string Distributions::use_lock_of(const FlinkVersion& version) const {
  return join_path(directory_, fmt::format(".{}.use", version.runtime));
}

}  // namespace raudal::flink
