#include "runtime/restart_strategy.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::runtime {
namespace {

using Options = std::map<std::string, std::string>;

Error bad_value(const std::string& key, const std::string& value) {
  return Error(ErrorCode::kSqlOption, fmt::format("Option has a value that cannot be read: '{}' = '{}'", key, value));
}

Status read_duration(const Options& options, const std::string& key, int64_t* target) {
  const auto it = options.find(key);
  if (it == options.end()) return {};
  const std::optional<int64_t> ms = parse_duration_ms(it->second);
  if (!ms || *ms < 0) return bad_value(key, it->second);
  *target = *ms;
  return {};
}

Status read_count(const Options& options, const std::string& key, int64_t* target) {
  const auto it = options.find(key);
  if (it == options.end()) return {};
  if (equals_ignore_case(it->second, "infinite")) {
    *target = INT64_MAX;
    return {};
  }
  const std::optional<int64_t> count = parse_int(it->second);
  if (!count || *count < 0) return bad_value(key, it->second);
  *target = *count;
  return {};
}

Result<RestartKind> read_kind(const std::string& key, const std::string& value) {
  const std::string kind = to_lower(value);
  if (kind == "none" || kind == "off" || kind == "disable") return RestartKind::kNone;
  if (kind == "fixed-delay" || kind == "fixeddelay") return RestartKind::kFixedDelay;
  if (kind == "exponential-delay" || kind == "exponentialdelay") return RestartKind::kExponentialDelay;
  if (kind == "failure-rate" || kind == "failurerate") return RestartKind::kFailureRate;
  return bad_value(key, value);
}

}  // namespace

Result<RestartOptions> parse_restart_options(const Options& options) {
  RestartOptions parsed;
  for (const char* key : {"restart-strategy", "restart-strategy.type"}) {
    const auto it = options.find(key);
    if (it == options.end()) continue;
    parsed.kind = TRY(read_kind(key, it->second));
    // Flink's default number of attempts of a fixed delay that was asked for.
    if (parsed.kind == RestartKind::kFixedDelay) parsed.attempts_max = 1;
  }
  const std::string prefix = "restart-strategy.";
  if (parsed.kind == RestartKind::kFixedDelay) {
    TRY(read_count(options, prefix + "fixed-delay.attempts", &parsed.attempts_max));
    TRY(read_duration(options, prefix + "fixed-delay.delay", &parsed.delay_ms));
  } else if (parsed.kind == RestartKind::kExponentialDelay) {
    const std::string own = prefix + "exponential-delay.";
    TRY(read_duration(options, own + "initial-backoff", &parsed.initial_backoff_ms));
    TRY(read_duration(options, own + "max-backoff", &parsed.max_backoff_ms));
    TRY(read_duration(options, own + "reset-backoff-threshold", &parsed.reset_backoff_threshold_ms));
    TRY(read_count(options, own + "attempts-before-reset-backoff", &parsed.attempts_max));
    if (const auto it = options.find(own + "backoff-multiplier"); it != options.end()) {
      const std::optional<double> factor = parse_double(it->second);
      if (!factor || *factor < 1) return bad_value(own + "backoff-multiplier", it->second);
      parsed.backoff_multiplier = *factor;
    }
  } else if (parsed.kind == RestartKind::kFailureRate) {
    const std::string own = prefix + "failure-rate.";
    TRY(read_count(options, own + "max-failures-per-interval", &parsed.failures_per_interval_max));
    TRY(read_duration(options, own + "failure-rate-interval", &parsed.failure_rate_interval_ms));
    TRY(read_duration(options, own + "delay", &parsed.delay_ms));
  }
  return parsed;
}

std::optional<int64_t> RestartStrategy::next_delay_ms(int64_t now_ms) {
  switch (options_.kind) {
    case RestartKind::kNone: return std::nullopt;
    case RestartKind::kFixedDelay:
      if (attempts_++ >= options_.attempts_max) return std::nullopt;
      return options_.delay_ms;
    case RestartKind::kExponentialDelay: {
      if (now_ms - last_failure_ms_ > options_.reset_backoff_threshold_ms) backoff_ms_ = attempts_ = 0;
      last_failure_ms_ = now_ms;
      if (attempts_++ >= options_.attempts_max) return std::nullopt;
      const double grown = static_cast<double>(backoff_ms_) * options_.backoff_multiplier;
      backoff_ms_ = backoff_ms_ == 0 ? options_.initial_backoff_ms : static_cast<int64_t>(grown);
      backoff_ms_ = std::min(backoff_ms_, options_.max_backoff_ms);
      return backoff_ms_;
    }
    case RestartKind::kFailureRate:
      failures_.push_back(now_ms);
      while (failures_.front() <= now_ms - options_.failure_rate_interval_ms) failures_.pop_front();
      if (static_cast<int64_t>(failures_.size()) > options_.failures_per_interval_max) return std::nullopt;
      return options_.delay_ms;
  }
  return std::nullopt;
}

}  // namespace raudal::runtime
