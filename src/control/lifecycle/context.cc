#include "control/lifecycle/context.h"

#include <chrono>

#include <fmt/core.h>

namespace raudal::control::lifecycle {
namespace {

constexpr size_t kNameBytesMax = 128;  // of a snapshot's name in its folder's: file systems end at 255

}  // namespace

bool StopSignal::pause_ms(int64_t ms) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return stopping_.load(); });
}

std::string application_directory(const LifecycleOptions& options, const metadata::Application& application) {
  return fmt::format("{}/applications/{}-{}", options.data_directory, application.name, application.created_ms);
}

std::string run_directory(const LifecycleOptions& options, const metadata::Application& application, RunNumber run) {
  return fmt::format("{}/runs/{}", application_directory(options, application), run.value());
}

std::string snapshot_directory(const LifecycleOptions& options, const metadata::Application& application,
                               const metadata::Snapshot& snapshot, Incarnation incarnation,
                               const std::string& shared_folder) {
  const std::string folder = shared_folder.empty()
                                 ? application_directory(options, application) + "/snapshots"
                                 : fmt::format("{}/{}-{}", shared_folder, application.name, application.created_ms);
  return fmt::format("{}/{}-{}-{}", folder, snapshot.name.substr(0, kNameBytesMax), snapshot.id, incarnation.value());
}

std::string application_arn(const LifecycleOptions& options, const std::string& name) {
  return fmt::format("arn:aws:kinesisanalytics:{}:{}:application/{}", options.region, options.account, name);
}

}  // namespace raudal::control::lifecycle
