#include "obs/metrics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "base/check.h"

namespace raudal::obs {
namespace {

// The growth of a counter over a sliding window.
struct Meter {
  const Counter* counter = nullptr;
  MeterOptions options;
  std::deque<std::pair<int64_t, int64_t>> points;  // {monotonic ns, count}, oldest first

  void tick(int64_t now_ns) {
    if (!points.empty() && now_ns - points.back().first < 100'000'000) return;
    points.emplace_back(now_ns, counter->value());
    const int64_t horizon_ns = now_ns - int64_t{options.window_s} * 1'000'000'000;
    while (points.size() > 2 && points[1].first <= horizon_ns) points.pop_front();
  }

  double rate() const {
    if (points.size() < 2) return 0;
    const double seconds = static_cast<double>(points.back().first - points.front().first) * 1e-9;
    return static_cast<double>(points.back().second - points.front().second) * options.scale / seconds;
  }
};

}  // namespace

struct MetricRegistry::Entry {
  MetricKind kind;
  Counter counter;
  Gauge gauge;
  std::function<MetricValue()> read;       // of a gauge_function
  std::unique_ptr<Meter> meter;
  std::unique_ptr<Histogram> histogram;
};

MetricLevel MetricScope::level() const {
  if (job.empty()) return MetricLevel::kProcess;
  if (vertex.empty()) return MetricLevel::kJob;
  return operator_name.empty() ? MetricLevel::kTask : MetricLevel::kOperator;
}

std::string metric_value_text(const MetricValue& value) {
  if (const int64_t* integer = std::get_if<int64_t>(&value)) return fmt::format("{}", *integer);
  const double real = std::get<double>(value);
  return std::isnan(real) ? "NaN" : fmt::format("{}", real);
}

int Histogram::bucket_of(int64_t value) {
  if (value < kSubBuckets) return static_cast<int>(value);
  const int exponent = 63 - std::countl_zero(static_cast<uint64_t>(value));  // >= 4
  const int sub = static_cast<int>((value >> (exponent - 4)) & (kSubBuckets - 1));
  return (exponent - 3) * kSubBuckets + sub;
}

int64_t Histogram::bucket_top(int bucket) {
  if (bucket < kSubBuckets) return bucket;
  const int exponent = bucket / kSubBuckets + 3;
  const uint64_t sub = static_cast<uint64_t>(bucket % kSubBuckets);
  return static_cast<int64_t>(((kSubBuckets + sub + 1) << (exponent - 4)) - 1);
}

void Histogram::record(int64_t value) {
  value = std::clamp<int64_t>(value, 0, kValueMax);
  std::atomic<int64_t>& bucket = buckets_[bucket_of(value)];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  count_.add(1);
  sum_.add(value);
  if (value < min_.value()) min_.set(value);
  if (value > max_.value()) max_.set(value);
}

int64_t Histogram::quantile(double q) const {
  const int64_t target = std::max<int64_t>(1, std::llround(std::ceil(q * static_cast<double>(count_.value()))));
  int64_t seen = 0;
  for (int i = 0; i < kNumBuckets; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= target) return std::min(bucket_top(i), max_.value());
  }
  return max_.value();
}

MetricRegistry::MetricRegistry() = default;
MetricRegistry::~MetricRegistry() = default;

MetricRegistry::Entry& MetricRegistry::entry(const MetricScope& scope, std::string_view name, MetricKind kind) {
  std::unique_ptr<Entry>& slot = entries_[{scope, std::string(name)}];
  if (!slot) {
    slot = std::make_unique<Entry>();
    slot->kind = kind;
  }
  CHECK(slot->kind == kind);
  return *slot;
}

Counter& MetricRegistry::counter(const MetricScope& scope, std::string_view name) {
  std::lock_guard lock(mutex_);
  return entry(scope, name, MetricKind::kCounter).counter;
}

Gauge& MetricRegistry::gauge(const MetricScope& scope, std::string_view name, int64_t initial) {
  std::lock_guard lock(mutex_);
  const bool is_new = !entries_.contains({scope, std::string(name)});
  Gauge& gauge = entry(scope, name, MetricKind::kGauge).gauge;
  if (is_new) gauge.set(initial);
  return gauge;
}

Histogram& MetricRegistry::histogram(const MetricScope& scope, std::string_view name) {
  std::lock_guard lock(mutex_);
  Entry& found = entry(scope, name, MetricKind::kHistogram);
  if (!found.histogram) found.histogram = std::make_unique<Histogram>();
  return *found.histogram;
}

void MetricRegistry::meter(const MetricScope& scope, std::string_view name, const Counter& counter,
                           MeterOptions options) {
  std::lock_guard lock(mutex_);
  Entry& found = entry(scope, name, MetricKind::kMeter);
  found.meter = std::make_unique<Meter>(Meter{.counter = &counter, .options = options, .points = {}});
}

void MetricRegistry::gauge_function(const MetricScope& scope, std::string_view name,
                                    std::function<MetricValue()> read) {
  std::lock_guard lock(mutex_);
  entry(scope, name, MetricKind::kGauge).read = std::move(read);
}

void MetricRegistry::tick(int64_t now_ns) {
  std::lock_guard lock(mutex_);
  for (auto& [key, entry] : entries_) {
    if (entry->meter) entry->meter->tick(now_ns);
  }
}

std::vector<MetricSample> MetricRegistry::snapshot() const {
  std::vector<MetricSample> samples;
  std::lock_guard lock(mutex_);
  for (const auto& [key, entry] : entries_) {
    const auto add = [&, &scope = key.first, &name = key.second](std::string_view suffix, MetricValue value) {
      samples.push_back({scope, name + std::string(suffix), entry->kind, value});
    };
    switch (entry->kind) {
      case MetricKind::kCounter: add("", entry->counter.value()); break;
      case MetricKind::kGauge: add("", entry->read ? entry->read() : MetricValue(entry->gauge.value())); break;
      case MetricKind::kMeter: add("", entry->meter->rate()); break;
      case MetricKind::kHistogram: {
        const Histogram& h = *entry->histogram;
        const int64_t count = h.count();
        add("_count", count);
        add("_max", h.max());
        add("_mean", count == 0 ? 0.0 : static_cast<double>(h.sum_.value()) / static_cast<double>(count));
        add("_median", h.quantile(0.5));
        add("_min", count == 0 ? int64_t{0} : h.min_.value());
        add("_p75", h.quantile(0.75));
        add("_p95", h.quantile(0.95));
        add("_p99", h.quantile(0.99));
        add("_p999", h.quantile(0.999));
      }
    }
  }
  return samples;
}

void MetricRegistry::remove_job(std::string_view job) {
  std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& item) { return item.first.first.job == job; });
}

}  // namespace raudal::obs
