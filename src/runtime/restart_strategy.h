// How often and after which pause a failed job starts again, by Flink's options `restart-strategy.*`.
// Used by the job's control loop; owned and called by one thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"

namespace raudal::runtime {

enum class RestartKind { kNone, kFixedDelay, kExponentialDelay, kFailureRate };

// Defaults are the service's: without end, with a pause that grows from 100 ms to 1 min.
struct RestartOptions {
  RestartKind kind = RestartKind::kExponentialDelay;
  int64_t attempts_max = INT64_MAX;  // fixed-delay and exponential-delay
  int64_t delay_ms = 1'000;          // fixed-delay, failure-rate
  int64_t initial_backoff_ms = 100;  // exponential-delay …
  int64_t max_backoff_ms = 60'000;
  double backoff_multiplier = 1.5;
  int64_t reset_backoff_threshold_ms = 3'600'000;
  int64_t failures_per_interval_max = 1;  // failure-rate
  int64_t failure_rate_interval_ms = 60'000;
};

// Reads `restart-strategy.type` (or the older `restart-strategy`) and what belongs to it; kSqlOption names a bad value.
Result<RestartOptions> parse_restart_options(const std::map<std::string, std::string>& options);

// Decides, failure by failure.
class RestartStrategy {
 public:
  explicit RestartStrategy(RestartOptions options) : options_(options) {}
  // Milliseconds to wait before the next attempt; empty: no more attempts.
  std::optional<int64_t> next_delay_ms(int64_t now_ms);

 private:
  const RestartOptions options_;
  int64_t attempts_ = 0;
  int64_t backoff_ms_ = 0;
  int64_t last_failure_ms_ = 0;
  std::deque<int64_t> failures_;
};

}  // namespace raudal::runtime
