#include "connector/value_text.h"

#include <cmath>

#include <gtest/gtest.h>

namespace raudal::connector {
namespace {

TEST(ValueText, rounds_decimals_half_up_and_notices_overflow) {
  const auto value = [](std::string_view text, int precision, int scale) {
    const DecimalText parsed = parse_decimal(text, precision, scale);
    EXPECT_EQ(parsed.outcome, DecimalText::Outcome::kValue) << text;
    return static_cast<int64_t>(parsed.unscaled);
  };
  EXPECT_EQ(value("1.005", 10, 2), 101);
  EXPECT_EQ(value("-1.005", 10, 2), -101);
  EXPECT_EQ(value("1.0049999", 10, 2), 100);
  EXPECT_EQ(value("1e2", 10, 2), 10000);
  EXPECT_EQ(value("2.7E-8", 18, 10), 270);
  EXPECT_EQ(value("12", 5, 0), 12);
  EXPECT_EQ(value(".5", 5, 0), 1);
  EXPECT_EQ(value("0.00001", 5, 2), 0);
  EXPECT_EQ(value("0e99999", 5, 2), 0);
  EXPECT_EQ(value("99.99", 4, 2), 9999);
  EXPECT_EQ(parse_decimal("99999999999999999999999999999999999999", 38, 1).outcome, DecimalText::Outcome::kOverflow);
  for (const char* text : {"99.995", "100", "1e40", "123456789012345678901234567890123456789012"}) {
    EXPECT_EQ(parse_decimal(text, 4, 2).outcome, DecimalText::Outcome::kOverflow) << text;
  }
  for (const char* text : {"", "-", ".", "1.2.3", "1e", "abc", "1 ", "0x1", "1e9999999"}) {
    EXPECT_EQ(parse_decimal(text, 4, 2).outcome, DecimalText::Outcome::kMalformed) << text;
  }
}

TEST(ValueText, parses_numbers_as_java_does) {
  EXPECT_EQ(parse_java_int("+12"), 12);
  EXPECT_EQ(parse_java_int("-9223372036854775808"), INT64_MIN);
  for (const char* text : {"", "+", "-", "+-1", "1.0", " 1", "9223372036854775808"}) {
    EXPECT_FALSE(parse_java_int(text)) << text;
  }
  EXPECT_EQ(parse_java_double("1e3"), 1000.0);
  EXPECT_EQ(parse_java_double("-2.5f"), -2.5);
  EXPECT_TRUE(std::isnan(*parse_java_double("NaN")));
  EXPECT_TRUE(std::isinf(*parse_java_double("1e400")));
  EXPECT_EQ(parse_java_double("1e-400"), 0.0);
  for (const char* text : {"", "nan", "inf", "infinity", "1e", "--1", "x", "d"}) {
    EXPECT_FALSE(parse_java_double(text)) << text;
  }
}

TEST(ValueText, parses_times_of_both_standards) {
  const auto sql = [](std::string_view text, int precision = 6) {
    return parse_timestamp(text, TimestampStandard::kSql, false, precision);
  };
  EXPECT_EQ(sql("1970-01-01 00:00:01.5"), 1'500'000);
  EXPECT_EQ(sql("1970-01-01 00:00:01.123456789", 3), 1'123'000);
  EXPECT_EQ(sql("1969-12-31 23:59:59"), -1'000'000);
  EXPECT_EQ(sql("2026-02-30 00:00:00"), sql("2026-02-28 00:00:00"));
  for (const char* text : {"2026-01-01T00:00:00", "2026-01-01 00:00", "2026-1-1 00:00:00", "2026-01-32 00:00:00",
                           " 2026-01-01 00:00:00", "2026-01-01 24:00:00", "2026-01-01 00:00:00Z", ""}) {
    EXPECT_FALSE(sql(text)) << text;
  }
  EXPECT_EQ(parse_timestamp("1970-01-01T00:01", TimestampStandard::kIso8601, false, 3), 60'000'000);
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.5Z", TimestampStandard::kIso8601, true, 3), 500'000);
  EXPECT_FALSE(parse_timestamp("1970-01-01 00:00:00", TimestampStandard::kSql, true, 3));
  EXPECT_EQ(parse_date("1970-01-02"), 1);
  EXPECT_FALSE(parse_date("1970-01-02 "));
  EXPECT_EQ(parse_time("00:00:01.25"), 1250);
  EXPECT_FALSE(parse_time("00:01"));
}

}  // namespace
}  // namespace raudal::connector
