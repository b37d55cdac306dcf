// Removes what earlier incarnations left of a run's checkpoints. Flink removes only checkpoints that it made itself:
// its application-mode entry point always restores without claiming, whatever the configuration says. So the
// predecessor's checkpoints, and the files in shared/ that only they refer to, would stay for ever.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::cluster {

// What one tidying removed.
struct Tidied {
  int num_checkpoints = 0;
  int num_files = 0;  // of shared/
};

// Works on the folder of one job id.
class CheckpointKeeper {
 public:
  // `directory` holds chk-N/ and shared/. `restored_id` is the checkpoint that this incarnation began with (-1: none);
  // `began_us` the time when it began, before its first process.
  CheckpointKeeper(Fs& fs, std::string directory, int64_t restored_id, int64_t began_us);

  // What lies in taskowned/ is referred to from within states, and stays. Once this incarnation has kRetained whole
  // checkpoints of its own, removes all of its predecessors', and then files that are older than the incarnation and in
  // no remaining checkpoint. Where one of those cannot be read nothing is removed. Does nothing after it has succeeded.
  Result<Tidied> tidy();

  static constexpr int kRetained = 3;

 private:
  Result<int> remove_unreferenced(const std::string& folder, const std::vector<std::string>& referenced);

  Fs& fs_;
  const std::string directory_;
  const int64_t restored_id_;
  const int64_t began_us_;
  bool done_ = false;
};

}  // namespace raudal::cluster
