// How a long installation tells what it does: to a terminal, a log, or an application's status.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace raudal::flink {

// A moment of an installation.
struct Progress {
  std::string stage;   // "Downloading artifacts": changes a few times
  std::string detail;  // "flink-runtime-1.20.3.jar": changes often; may be empty
  int files_done = 0;  // of this stage, as far as it is known
  int64_t bytes_done = 0;
  double seconds = 0;  // since the installation began
};

// Called from the installing thread, at each change and at least a few times a second. Answers whether to go on:
// false ends what was started, and the installation fails with kCancelled.
using ProgressSink = std::function<bool(const Progress&)>;

// Goes on, and tells nobody.
inline bool no_progress(const Progress&) { return true; }

}  // namespace raudal::flink
