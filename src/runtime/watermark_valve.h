// Combines the watermarks of a node's inputs: the least of all that are active, never backwards. An idle input is left
// out; one that comes back counts again only when it has caught up, as in Flink.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace raudal::runtime {

// See the head of this file; owned by one node of one task.
class WatermarkValve {
 public:
  explicit WatermarkValve(int num_inputs, int64_t restored_ms = INT64_MIN)
      : inputs_(static_cast<size_t>(num_inputs)), combined_ms_(restored_ms) {}

  // The new combined watermark, if it advanced.
  std::optional<int64_t> on_watermark(int input, int64_t watermark_ms);
  std::optional<int64_t> on_idle(int input, bool idle);

  // Whether all inputs are idle: what comes out is idle too.
  bool idle() const { return idle_; }
  int64_t combined_ms() const { return combined_ms_; }

 private:
  struct Input {
    int64_t watermark_ms = INT64_MIN;
    bool idle = false;
    bool aligned = true;
  };

  std::optional<int64_t> advance();

  std::vector<Input> inputs_;
  int64_t combined_ms_;
  bool idle_ = false;
};

}  // namespace raudal::runtime
