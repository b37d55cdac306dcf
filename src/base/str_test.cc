#include "base/str.h"

#include <gtest/gtest.h>

namespace raudal {
namespace {

TEST(Str, durations_are_spelled_as_in_flink) {
  EXPECT_EQ(parse_duration_ms("10 s"), 10'000);
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("7"), 7);
  EXPECT_EQ(parse_duration_ms("1 fortnight"), std::nullopt);
}

TEST(Str, sizes_are_spelled_as_in_flink) {
  EXPECT_EQ(parse_bytes("128MB"), 128 << 20);
  EXPECT_EQ(parse_bytes("64 kb"), 64 << 10);
  EXPECT_EQ(parse_bytes("9999999999999 tb"), std::nullopt);
}

TEST(Str, utc_before_1970_keeps_its_milliseconds) {
  EXPECT_EQ(format_utc_ms(-1000), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_utc_ms(1'767'225'600'123'000), "2026-01-01T00:00:00.123Z");
}

TEST(Str, split_keeps_empty_parts) { EXPECT_EQ(split("a,,b", ',').size(), 3u); }

}  // namespace
}  // namespace raudal
