// What every source promises, as a check that the tests of all connectors share: whenever a checkpoint is taken, and
// at whatever parallelism it is restored, each row comes exactly once. Also drives a source by hand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/rng.h"
#include "connector/source.h"

namespace raudal::connector {

// "+I" is left out: the fields as print_value() writes them, separated by tabs.
std::vector<std::string> rows_as_text(const column::Batch& batch);

// All subtasks of one source, stepped in an order that the seed chooses. Time is advanced instead of waiting.
class SourceDriver {
 public:
  struct Options {
    int parallelism = 1;
    size_t batch_rows_max = column::kBatchRowsMax;
    uint64_t seed = 1;
  };
  SourceDriver(const Source& source, ManualClock& clock, Options options);

  Status open_fresh();
  Status open_restored(const std::vector<std::string>& state);
  // One read of one subtask; false when all have ended.
  Result<bool> step();
  // Steps until the end.
  Status run();
  Result<std::vector<std::string>> snapshot();
  // Rows so far, in order of arrival.
  const std::vector<std::string>& rows() const { return rows_; }

 private:
  Status open(const std::vector<std::string>& state, bool is_restored);

  const Source& source_;
  ManualClock& clock_;
  const Options options_;
  Rng rng_;
  std::vector<std::unique_ptr<SourceReader>> readers_;
  std::vector<size_t> running_;
  std::vector<std::string> rows_;
};

// Reads a bounded source whole, with up to two checkpoints and restores at random moments and other parallelisms,
// `rounds` times; the first round that yields other rows than `expected` (in any order) is the error.
Status check_source(const Source& source, ManualClock& clock, std::vector<std::string> expected, int rounds);

}  // namespace raudal::connector
