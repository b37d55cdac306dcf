// Pythons that have PyFlink of a given release: one of the machine's own, or a virtual environment that the product
// makes below its data directory, only when a Python program is to run.
//
//   DATA/flink/python-1.20/      a virtual environment; `complete` in it is written last
#pragma once

#include <optional>
#include <string>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "flink/progress.h"
#include "flink/surroundings.h"
#include "flink/version.h"

namespace raudal::flink {

// A Python with PyFlink.
struct PythonEnvironment {
  std::string python;      // the interpreter: python.executable and python.client.executable
  std::string version;     // "3.11"
  std::string pyflink;     // the release of apache-flink in it
  bool made_here = false;  // ours, below the data directory
};

// Finds and makes them.
class PythonEnvironments {
 public:
  PythonEnvironments(Fs& fs, Process& process, const std::string& data_directory,
                     Surroundings surroundings = Surroundings::of_this_process());

  // One that is there. kNotFound with what provide() would do.
  Result<PythonEnvironment> find(const FlinkVersion& version);
  // find(), else makes one (about a minute, needs the network); waits for another process that is at it.
  Result<PythonEnvironment> provide(const FlinkVersion& version, const ProgressSink& progress = no_progress);
  // Removes the one made here; absent is fine.
  Status remove(const FlinkVersion& version);

 private:
  std::optional<PythonEnvironment> find_made(const FlinkVersion& version);
  std::string folder_of(const FlinkVersion& version) const;

  Fs& fs_;
  Process& process_;
  std::string directory_;
  Surroundings surroundings_;
};

}  // namespace raudal::flink
