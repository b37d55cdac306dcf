#include "column/print.h"

#include "column/builder.h"
#include "column/calendar.h"

namespace raudal::column {
namespace {

template <class T>
std::string print(const Type& type, T value, const TimeZone& zone = {}) {
  ColumnBuilder builder(type);
  builder.append(value);
  return print_value(builder.finish(), 0, zone);
}

TEST(PrintValue, writes_numbers_as_java_does) {
  const Type type(TypeKind::kDouble);
  EXPECT_EQ(print(type, 0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(print(type, 1e40), "1.0E40");
  EXPECT_EQ(print(type, 1e-7), "1.0E-7");
  EXPECT_EQ(print(type, 0.001), "0.001");
  EXPECT_EQ(print(type, 1024.0), "1024.0");
  EXPECT_EQ(print(type, 12345678.9), "1.23456789E7");
  EXPECT_EQ(print(type, -0.0), "-0.0");
  EXPECT_EQ(print(Type(TypeKind::kFloat), 1.1f), "1.1");
  EXPECT_EQ(print(Type(TypeKind::kFloat), 123456789.125f), "1.23456792E8");
  EXPECT_EQ(print(Type(TypeKind::kFloat), 2147483648.0f), "2.14748365E9");
  EXPECT_EQ(print(type, 9.223372036854776E18), "9.223372036854776E18");
  EXPECT_EQ(print(type, 4611686018427387904.0), "4.6116860184273879E18");
  EXPECT_EQ(print(Type::decimal(10, 2), int64_t{-5}), "-0.05");
  EXPECT_EQ(print(Type::decimal(38, 0), __int128{0}), "0");
}

TEST(PrintValue, writes_times_with_the_digits_of_their_type) {
  const int64_t us = days_from_civil(2026, 1, 1) * kUsPerDay + 123'456;
  EXPECT_EQ(print(Type::timestamp(3), us), "2026-01-01 00:00:00.123");
  EXPECT_EQ(print(Type::timestamp(0), us), "2026-01-01 00:00:00");
  EXPECT_EQ(print(Type::timestamp(3), int64_t{-1}), "1969-12-31 23:59:59.999");
  EXPECT_EQ(print(Type::timestamp_ltz(3), us, *TimeZone::find("Asia/Shanghai")), "2026-01-01 08:00:00.123");
  EXPECT_EQ(print(Type(TypeKind::kDate), int32_t{-1}), "1969-12-31");
}

TEST(PrintValue, writes_nested_values) {
  ColumnBuilder builder(Type::row({{"a", Type(TypeKind::kInt)}, {"m", Type::map(Type::string(), Type::binary(1))}}));
  builder.child(0).append_null();
  builder.child(1).child(0).append_string("k");
  builder.child(1).child(1).append_string("\xc3");
  builder.child(1).close_row();
  builder.close_row();
  builder.append_null();
  const Column column = builder.finish();
  EXPECT_EQ(print_value(column, 0), "(NULL, {k=x'c3'})");
  EXPECT_EQ(print_value(column, 1), "<NULL>");
}

TEST(TimeZone, gaps_move_forward_and_overlaps_take_the_earlier_offset) {
  const TimeZone zone = *TimeZone::find("Europe/Madrid");
  const auto local = [](int month, int day, int hour, int minute) {
    return days_from_civil(2026, month, day) * kUsPerDay + (hour * 60 + minute) * 60 * kUsPerSecond;
  };
  EXPECT_EQ(zone.to_utc_us(local(7, 1, 12, 0)), local(7, 1, 10, 0));
  EXPECT_EQ(zone.to_local_us(zone.to_utc_us(local(3, 29, 2, 30))), local(3, 29, 3, 30));  // does not exist
  EXPECT_EQ(zone.to_utc_us(local(10, 25, 2, 30)), local(10, 25, 0, 30));                  // exists twice
  EXPECT_EQ(TimeZone::find("GMT+05:30")->to_local_us(0), (5 * 60 + 30) * 60 * kUsPerSecond);
  EXPECT_EQ(TimeZone::find("Mars/Olympus").error().code(), ErrorCode::kSqlValidation);
}

TEST(Calendar, days_and_dates_are_inverse) {
  for (int64_t days = -800'000; days < 800'000; days += 37) {
    const CivilDate date = civil_from_days(days);
    EXPECT_EQ(days_from_civil(date.year, date.month, date.day), days);
  }
  EXPECT_EQ(add_months(days_from_civil(2024, 1, 31), 1), days_from_civil(2024, 2, 29));
  EXPECT_EQ(add_months(days_from_civil(2024, 1, 31), -11), days_from_civil(2023, 2, 28));
}

}  // namespace
}  // namespace raudal::column
