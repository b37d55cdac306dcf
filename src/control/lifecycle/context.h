// What every part of the lifecycle works with: the store, the engine, the folders, and the wish to stop.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "control/metadata/store.h"
#include "engine/engine.h"
#include "obs/log.h"

namespace raudal::control::lifecycle {

// Where code packages come from: the S3 interface of this service, or a test's map.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  // Copies an object into a local file; its size. kResourceNotFound when bucket, key or version are absent.
  virtual Result<int64_t> fetch(const std::string& bucket, const std::string& key,
                                const std::optional<std::string>& version, const std::string& path) = 0;
};

// Where things are and how long is too long.
struct LifecycleOptions {
  std::string data_directory;
  std::string region = "us-east-1";
  std::string account = "000000000000";
  int64_t unresponsive_ms = 10'000;        // a worker that answers nothing for so long is killed and replaced
  int64_t flink_unresponsive_ms = 30'000;  // the same for a cluster of JVMs
  int64_t relaunch_delay_max_ms = 10'000;  // between incarnations that fail one after another
  int64_t savepoint_timeout_ms = 600'000;
  int64_t rescale_timeout_ms = 60'000;       // for a job to run at another parallelism; then it is restarted
  int64_t tick_ms = 200;                     // between two looks at a running application
  int num_threads = 8;                       // applications that are worked on at once
  std::string credentials_key;               // of the tokens by which programs get credentials (codec/access_token.h)
  std::vector<std::string> direct_services;  // of AWS, which programs reach themselves: "kinesis"; "*" for all
};

// Below the data directory: what the rooms of applications are connected to, and the CA that they trust.
inline constexpr char kServiceTlsSocket[] = "service.tls";
inline constexpr char kServiceHttpSocket[] = "service.sock";
inline constexpr char kServiceCaFile[] = "ca/ca.pem";

// Ends all waiting when the service stops.
class StopSignal {
 public:
  void stop() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  bool stopping() const { return stopping_; }
  // Waits; false when the service stops.
  bool pause_ms(int64_t ms);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_ = false;
};

// Shared by everything below control/lifecycle; outlives all of it.
struct Context {
  Fs& fs;
  const Clock& clock;
  metadata::Store& store;
  engine::Engine& engine;
  ObjectSource& objects;
  const obs::Logger& log;
  const LifecycleOptions options;
  StopSignal stop = {};

  int64_t now_ms() const { return clock.wall_us() / 1000; }
};

// ---- folders and names
std::string application_directory(const LifecycleOptions& options, const metadata::Application& application);
std::string run_directory(const LifecycleOptions& options, const metadata::Application& application, RunNumber run);
// Of one attempt to make a snapshot: attempts never share a folder. Below the application's own, or where a cluster on
// other machines can write.
std::string snapshot_directory(const LifecycleOptions& options, const metadata::Application& application,
                               const metadata::Snapshot& snapshot, Incarnation incarnation,
                               const std::string& shared_folder);
std::string application_arn(const LifecycleOptions& options, const std::string& name);

}  // namespace raudal::control::lifecycle
