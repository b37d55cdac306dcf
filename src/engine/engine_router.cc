#include "engine/engine_router.h"

#include <algorithm>

namespace raudal::engine {
namespace {

constexpr char kMetadata[] = "_metadata";
constexpr char kFlinkMagic[] = {0x49, 0x60, 0x67, 0x2d};

Result<bool> holds_flink_savepoint(Fs& fs, const std::string& folder) {
  const std::string path = join_path(folder, kMetadata);
  const auto info = fs.info(path);
  // What cannot be looked at may well be there: only a clear no is one.
  if (!info.ok() && info.error().code() == ErrorCode::kNotFound) return false;
  if (!info.ok()) return info.error();
  char head[sizeof kFlinkMagic];
  const size_t n = TRY(TRY(fs.open(path, OpenMode::kRead))->read_at(0, head));
  return n == sizeof head && std::equal(std::begin(head), std::end(head), std::begin(kFlinkMagic));
}

class EngineRouter final : public Engine {
 public:
  EngineRouter(Fs& fs, RoutedEngines engines) : fs_(fs), engines_(std::move(engines)) {}

  Status check(const std::string& run) override { return engine_of(run).check(run); }
  Status start(const std::string& run, const Progress& progress) override {
    return engine_of(run).start(run, progress);
  }
  Result<bool> alive(const std::string& run) override { return engine_of(run).alive(run); }
  std::optional<ExitReport> exit_report(const std::string& run) override { return engine_of(run).exit_report(run); }
  Status kill(const std::string& run) override { return engine_of(run).kill(run); }
  std::unique_ptr<JobClient> job(const std::string& run) override { return engine_of(run).job(run); }
  Status check_rescale(const std::string& run, int parallelism) override {
    return engine_of(run).check_rescale(run, parallelism);
  }
  Result<bool> rescale(const std::string& run, int parallelism) override {
    return engine_of(run).rescale(run, parallelism);
  }

  Result<int64_t> verify_savepoint(const std::string& savepoint) override {
    const auto flink = find_flink_savepoint(fs_, savepoint);
    if (flink.ok()) return engines_.flink_local->verify_savepoint(savepoint);
    if (flink.error().code() != ErrorCode::kNotFound) return flink.error();
    return engines_.native->verify_savepoint(savepoint);
  }

 private:
  // A run directory without launch.json was never started: no engine has a process on it, and any may say so.
  Engine& engine_of(const std::string& run_directory) {
    const auto launch = read_launch_file(fs_, run_directory);
    if (!launch.ok()) return *engines_.native;
    switch (launch->engine) {
      case EngineKind::kNative: return *engines_.native;
      case EngineKind::kFlinkLocal: return *engines_.flink_local;
      case EngineKind::kFlinkRemote: return *engines_.flink_remote;
    }
    return *engines_.native;
  }

  Fs& fs_;
  const RoutedEngines engines_;
};

}  // namespace

std::unique_ptr<Engine> engine_router(Fs& fs, RoutedEngines engines) {
  return std::make_unique<EngineRouter>(fs, std::move(engines));
}

Result<std::string> find_flink_savepoint(Fs& fs, const std::string& target_directory) {
  if (TRY(holds_flink_savepoint(fs, target_directory))) return target_directory;
  for (const FileInfo& info : TRY(fs.list(target_directory))) {
    const std::string folder = join_path(target_directory, info.name);
    if (info.is_directory && TRY(holds_flink_savepoint(fs, folder))) return folder;
  }
  return Error(ErrorCode::kNotFound, "No savepoint of Flink stands in " + target_directory);
}

}  // namespace raudal::engine
