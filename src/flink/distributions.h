// The Flink distributions of a data directory: found, installed, checked and removed. `raudal flink` uses it, the
// supervisor of a cluster (find, hold), and the control plane at the first start of an application (install).
//
//   DATA/flink/1.20/             a distribution: lib/ opt/ plugins/ and manifest.json, which is written last
//   DATA/flink/.1.20-*.partial/  one that is being put together; what a killed installer left is removed by the next
//   DATA/flink/.1.20.install     flock'ed by whoever installs or removes
//   DATA/flink/.1.20.use         flock'ed, shared, by whoever runs on it
//   DATA/flink/install-1.20.log  what Maven said the last time
//
// A distribution never changes once it stands under its name. Any number of processes may call all of this at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "flink/progress.h"
#include "flink/surroundings.h"
#include "flink/version.h"

namespace raudal::flink {

// An installed Flink. All paths are absolute.
struct Distribution {
  const FlinkVersion* version = nullptr;
  std::string release;               // "1.20.3"; of another patch number than the table's when it came by install_from
  std::string home;                  // holds lib/, opt/, plugins/
  std::string class_path;            // of JobManager and TaskManager: each jar of lib/, joined by ':'
  std::string opt_directory;         // FLINK_OPT_DIR: where Flink looks for flink-python when the program is Python
  std::string python_jar;            // flink-python in it; empty: not there
  std::string plugins_directory;     // FLINK_PLUGINS_DIR: file systems, metric reporters
  std::string origin;                // "Maven", or the folder or archive it was taken from
  std::vector<std::string> missing;  // what AWS has on its class path and this one lacks, as group:artifact
  int64_t size_bytes = 0;
  int num_files = 0;
};

// Keeps a distribution from being removed as long as it lives.
class DistributionHold {
 public:
  explicit DistributionHold(int descriptor) : descriptor_(descriptor) {}
  DistributionHold(DistributionHold&& other) noexcept;
  DistributionHold& operator=(DistributionHold&& other) noexcept;
  ~DistributionHold();

  // For a child to inherit: then the hold lasts until that ends, too.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// Finds, installs, checks and removes them.
class Distributions {
 public:
  // What is given must outlive it. The data directory need not exist.
  Distributions(Fs& fs, Process& process, const std::string& data_directory,
                Surroundings surroundings = Surroundings::of_this_process());

  // The installed distribution that runs this runtime ("1.20"). kNotFound: not installed, the message says how to.
  // kCorrupt: a file is gone or has another size (a look at the folder, no reading: for each start of a cluster).
  Result<Distribution> find(const std::string& runtime);
  // Those that are installed and whole, oldest first. What is not whole answers an error to find().
  Result<std::vector<Distribution>> list();
  // Whether something stands in its place, whole or not.
  bool present(const std::string& runtime);
  // Reads each file and compares it with the manifest; kCorrupt names the first that differs.
  Status verify(const std::string& runtime);

  // Installs it unless it is there and whole; waits for another process that is at it. Needs the network.
  Result<Distribution> install(const std::string& runtime, const ProgressSink& progress = no_progress);
  // The same from a folder with Flink's lib/, or from an archive (.tgz, .tar.gz, .zip) of one; works without network.
  Result<Distribution> install_from(const std::string& runtime, const std::string& path,
                                    const ProgressSink& progress = no_progress);
  // Absent is fine; kResourceInUse while somebody holds it.
  Status remove(const std::string& runtime);

  // For whoever starts a cluster on it, before the first process starts.
  Result<DistributionHold> hold(const Distribution& distribution);
  // The JDK to start it with.
  Result<Jdk> jdk_for(const FlinkVersion& version);

 private:
  Result<Distribution> install_as(const FlinkVersion& version, const std::string& from, const ProgressSink& progress);
  Result<Distribution> assemble_and_publish(const FlinkVersion& version, const std::string& from,
                                            const ProgressSink& progress);
  Status publish(const FlinkVersion& version, const std::string& home);
  Result<Distribution> open(const FlinkVersion& version);
  std::string home_of(const FlinkVersion& version) const;
  std::string use_lock_of(const FlinkVersion& version) const;

  Fs& fs_;
  Process& process_;
  std::string directory_;  // DATA/flink, absolute
  Surroundings surroundings_;
};

}  // namespace raudal::flink
