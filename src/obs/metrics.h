// A registry of counters, gauges, meters and histograms with Flink's names (obs/metric_names.h) and scopes.
// Whoever counts holds a reference and writes from ONE thread at a time without a lock; anyone may take a snapshot.
// Metrics live as long as their registry or until their job is removed. One registry per process, passed along.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace raudal::obs {

enum class MetricKind { kCounter, kGauge, kMeter, kHistogram };
enum class MetricLevel { kProcess, kJob, kTask, kOperator };

// What a metric is about. Unused members stay empty: a process metric has none.
struct MetricScope {
  std::string job;             // job id, hex
  std::string vertex;          // vertex id, hex
  int subtask = -1;            // -1: of the whole task
  std::string operator_name;   // empty: of the task itself

  MetricLevel level() const;
  friend auto operator<=>(const MetricScope&, const MetricScope&) = default;
};

using MetricValue = std::variant<int64_t, double>;
// As Flink's REST API spells values: integers in full, others shortest ("NaN" if unknown).
std::string metric_value_text(const MetricValue& value);

// Counts events. One writer.
class Counter {
 public:
  void add(int64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// The latest value of something.
class Gauge {
 public:
  explicit Gauge(int64_t initial = 0) : value_(initial) {}
  void set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_;
};

// A distribution in buckets of at most 6 % width. One writer. A snapshot shows it as NAME_count, _min, _max, _mean,
// _median, _p75, _p95, _p99, _p999.
class Histogram {
 public:
  static constexpr int64_t kValueMax = int64_t{1} << 50;
  void record(int64_t value);  // clamped to [0, kValueMax], so that sums do not overflow
  int64_t count() const { return count_.value(); }
  int64_t quantile(double q) const;
  int64_t max() const { return max_.value(); }

 private:
  friend class MetricRegistry;
  static constexpr int kSubBuckets = 16;
  static constexpr int kNumBuckets = 61 * kSubBuckets;
  static int bucket_of(int64_t value);
  static int64_t bucket_top(int bucket);

  std::atomic<int64_t> buckets_[kNumBuckets] = {};
  Counter count_;
  Counter sum_;
  Gauge min_{INT64_MAX};
  Gauge max_{0};
};

// How a meter turns a counter into a rate: (growth over the window) * scale per second. With scale 1e-6 a counter of
// nanoseconds becomes milliseconds per second.
struct MeterOptions {
  double scale = 1.0;
  int window_s = 60;
};

// One value at one moment.
struct MetricSample {
  MetricScope scope;
  std::string name;
  MetricKind kind = MetricKind::kGauge;
  MetricValue value;
};

// All metrics of a process. Thread-safe; reading takes no lock that a writer waits for long.
class MetricRegistry {
 public:
  MetricRegistry();
  ~MetricRegistry();
  MetricRegistry(const MetricRegistry&) = delete;

  // Each returns the metric of that scope and name, made at the first call.
  Counter& counter(const MetricScope& scope, std::string_view name);
  Gauge& gauge(const MetricScope& scope, std::string_view name, int64_t initial = 0);
  Histogram& histogram(const MetricScope& scope, std::string_view name);
  // A rate over a counter of this registry.
  void meter(const MetricScope& scope, std::string_view name, const Counter& counter, MeterOptions options = {});
  // A gauge that is asked at each snapshot; `read` must be safe from any thread.
  void gauge_function(const MetricScope& scope, std::string_view name, std::function<MetricValue()> read);

  // Feeds the meters; the owner calls it about once a second with Clock::monotonic_ns().
  void tick(int64_t now_ns);
  std::vector<MetricSample> snapshot() const;  // ordered by scope, then name
  // Forgets all metrics of a job, whose tasks must have ended: references to them die.
  void remove_job(std::string_view job);

 private:
  struct Entry;
  Entry& entry(const MetricScope& scope, std::string_view name, MetricKind kind);

  mutable std::mutex mutex_;
  std::map<std::pair<MetricScope, std::string>, std::unique_ptr<Entry>> entries_;
};

}  // namespace raudal::obs
