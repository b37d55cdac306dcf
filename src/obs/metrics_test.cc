#include "obs/metrics.h"

#include <cmath>

#include <gtest/gtest.h>

#include "obs/metric_names.h"

namespace raudal::obs {
namespace {

const MetricScope kSubtask{.job = "j", .vertex = "v", .subtask = 1};

MetricValue value_of(const MetricRegistry& registry, std::string_view name) {
  for (const MetricSample& sample : registry.snapshot()) {
    if (sample.name == name) return sample.value;
  }
  ADD_FAILURE() << "no metric " << name;
  return int64_t{0};
}

TEST(Metrics, same_scope_and_name_is_the_same_counter) {
  MetricRegistry registry;
  Counter& counter = registry.counter(kSubtask, metric::kNumRecordsIn);
  counter.add(3);
  registry.counter(kSubtask, metric::kNumRecordsIn).add(4);
  registry.counter({.job = "j"}, metric::kNumRecordsIn).add(100);
  EXPECT_EQ(counter.value(), 7);
  EXPECT_EQ(registry.snapshot().size(), 2u);
}

TEST(Metrics, gauge_keeps_extreme_values_exact) {
  MetricRegistry registry;
  registry.gauge(kSubtask, metric::kCurrentInputWatermark, INT64_MIN);
  EXPECT_EQ(metric_value_text(value_of(registry, "currentInputWatermark")), "-9223372036854775808");
  registry.gauge(kSubtask, metric::kCurrentInputWatermark, 5);
  EXPECT_EQ(metric_value_text(value_of(registry, "currentInputWatermark")), "-9223372036854775808");
}

TEST(Metrics, meter_is_growth_per_second_over_its_window) {
  MetricRegistry registry;
  Counter& records = registry.counter(kSubtask, metric::kNumRecordsIn);
  registry.meter(kSubtask, metric::kNumRecordsInPerSecond, records, {.window_s = 10});
  EXPECT_EQ(metric_value_text(value_of(registry, "numRecordsInPerSecond")), "0");
  for (int second = 0; second <= 30; ++second) {
    registry.tick(second * 1'000'000'000ll);
    records.add(second < 20 ? 100 : 50);
  }
  EXPECT_DOUBLE_EQ(std::get<double>(value_of(registry, "numRecordsInPerSecond")), 50);
}

TEST(Metrics, meter_scale_turns_nanoseconds_into_milliseconds_per_second) {
  MetricRegistry registry;
  Counter& busy_ns = registry.counter(kSubtask, "busyTimeNs");
  registry.meter(kSubtask, metric::kBusyTimeMsPerSecond, busy_ns, {.scale = 1e-6, .window_s = 5});
  registry.tick(0);
  busy_ns.add(1'500'000'000);
  registry.tick(2'000'000'000);
  EXPECT_DOUBLE_EQ(std::get<double>(value_of(registry, "busyTimeMsPerSecond")), 750);
}

TEST(Metrics, histogram_quantiles_are_within_a_bucket) {
  MetricRegistry registry;
  Histogram& histogram = registry.histogram(kSubtask, "pause");
  for (int i = 1; i <= 10'000; ++i) histogram.record(i);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.5)), 5000, 5000 * 0.07);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.99)), 9900, 9900 * 0.07);
  EXPECT_EQ(histogram.max(), 10'000);
  EXPECT_EQ(std::get<int64_t>(value_of(registry, "pause_min")), 1);
  EXPECT_EQ(std::get<int64_t>(value_of(registry, "pause_count")), 10'000);
  histogram.record(INT64_MAX);
  EXPECT_EQ(histogram.quantile(1), Histogram::kValueMax);
  histogram.record(-1);
  EXPECT_EQ(std::get<int64_t>(value_of(registry, "pause_min")), 0);
}

TEST(Metrics, function_gauge_is_asked_at_the_snapshot) {
  MetricRegistry registry;
  double load = 0.25;
  registry.gauge_function({}, metric::kCpuLoad, [&] { return MetricValue(load); });
  load = std::nan("");
  EXPECT_EQ(metric_value_text(value_of(registry, "Status.JVM.CPU.Load")), "NaN");
}

TEST(Metrics, removing_a_job_leaves_the_others) {
  MetricRegistry registry;
  registry.counter({.job = "a"}, "x");
  registry.counter({.job = "b"}, "x");
  registry.counter({}, "x");
  registry.remove_job("a");
  ASSERT_EQ(registry.snapshot().size(), 2u);
  EXPECT_EQ(registry.snapshot()[0].scope.level(), MetricLevel::kProcess);
  EXPECT_EQ(registry.snapshot()[1].scope.job, "b");
}

}  // namespace
}  // namespace raudal::obs
