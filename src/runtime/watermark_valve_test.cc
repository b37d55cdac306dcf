#include "runtime/watermark_valve.h"

#include <gtest/gtest.h>

namespace raudal::runtime {
namespace {

TEST(WatermarkValve, Least_of_all_inputs_counts_and_never_goes_back) {
  WatermarkValve valve(2);
  EXPECT_EQ(valve.on_watermark(0, 10), std::nullopt);
  EXPECT_EQ(valve.on_watermark(1, 5), 5);
  EXPECT_EQ(valve.on_watermark(1, 4), std::nullopt);
  EXPECT_EQ(valve.on_watermark(1, 20), 10);
  EXPECT_EQ(valve.combined_ms(), 10);
}

TEST(WatermarkValve, Idle_input_is_left_out_until_it_has_caught_up) {
  WatermarkValve valve(2);
  valve.on_watermark(0, 10);
  EXPECT_EQ(valve.on_idle(1, true), 10);
  EXPECT_EQ(valve.on_watermark(0, 30), 30);
  EXPECT_EQ(valve.on_idle(1, false), std::nullopt);
  EXPECT_EQ(valve.on_watermark(1, 20), std::nullopt);
  EXPECT_EQ(valve.on_watermark(0, 40), 40) << "an input behind the combined watermark holds nobody back";
  EXPECT_EQ(valve.on_watermark(1, 45), std::nullopt);
  EXPECT_EQ(valve.on_watermark(0, 60), 45);
}

TEST(WatermarkValve, Last_input_to_fall_idle_lets_the_greatest_watermark_through) {
  WatermarkValve valve(2);
  valve.on_watermark(0, 10);
  valve.on_watermark(1, 30);
  EXPECT_EQ(valve.on_idle(0, true), 30);
  EXPECT_FALSE(valve.idle());
  EXPECT_EQ(valve.on_idle(1, true), std::nullopt);
  EXPECT_TRUE(valve.idle());
}

TEST(WatermarkValve, Restored_watermark_is_where_it_begins) {
  WatermarkValve valve(1, 100);
  EXPECT_EQ(valve.on_watermark(0, 50), std::nullopt);
  EXPECT_EQ(valve.on_watermark(0, 101), 101);
}

}  // namespace
}  // namespace raudal::runtime
