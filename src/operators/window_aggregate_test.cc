#include "operators/operator_script.h"

namespace raudal::operators {
namespace {

using column::Type;
using column::TypeKind;
using graph::AggregateCall;
using graph::WindowKind;
using graph::WindowProperty;
using script::expect_output;
using script::graph_of;

const Type kBigInt(TypeKind::kBigInt);
const Type kTime = Type::timestamp(3);
const column::Schema kBids = {{"item", Type::string()}, {"bidder", Type::string()}, {"price", Type::decimal(10, 2)},
                              {"ts", kTime}};

// The bids of tools/flink/examples in seconds of one minute, with the watermarks that Flink had.
constexpr std::string_view kBidRows = R"(
  +I apple alice 1.20 1000 @-9000
  +I pear bob 0.80 4500 @-4000
  +I apple bob 1.50 9999 @-500
  +I apple carol 1.45 10000 @4999
  +I pear alice NULL 13000 @4999
  +I fig alice 9.99 12000 @8000
  +I apple alice 2.10 31000 @8000
  +I pear dave 0.95 6000 @26000
  +I pear bob 1.05 33250 @26000
  +I fig carol 10.50 62000 @28250
  watermark 57000
  watermark max
)";

AggregateCall call(std::string function, std::vector<int> args, Type result) {
  return {.function = std::move(function), .args = std::move(args), .result = std::move(result)};
}

void expect_windows(const column::Schema& input, const graph::WindowAggregateSpec& spec, std::string_view events,
                    std::string_view expected, std::optional<int64_t> late_rows = {}) {
  column::Schema output;
  for (const int key : spec.keys) output.push_back(input[static_cast<size_t>(key)]);
  for (const AggregateCall& aggregate : spec.aggregates) output.push_back({aggregate.function, aggregate.result});
  for (size_t i = 0; i < spec.properties.size(); ++i) output.push_back({"window", kTime});
  expect_output(graph_of(input, spec, output), spec.keys, events, expected, late_rows);
}

graph::WindowAggregateSpec window_spec(WindowKind kind, int64_t size_s, int64_t slide_s) {
  return {.window = {.kind = kind, .rowtime_column = 3, .size_ms = size_s * 1000, .slide_ms = slide_s * 1000},
          .keys = {},
          .aggregates = {call("COUNT", {}, kBigInt)},
          .properties = {WindowProperty::kStart, WindowProperty::kEnd}};
}

TEST(WindowAggregateTest, tumble_gives_what_flink_gives_and_drops_the_late_row) {
  auto spec = window_spec(WindowKind::kTumble, 10, 10);
  spec.keys = {0};
  spec.aggregates.push_back(call("SUM", {2}, Type::decimal(38, 2)));
  spec.aggregates.push_back(call("MAX", {1}, Type::string()));
  spec.properties = {WindowProperty::kEnd};
  expect_windows(kBids, spec, kBidRows, R"(
    +I apple 2 2.70 bob 1970-01-01 00:00:10.000
    +I pear 1 0.80 bob 1970-01-01 00:00:10.000
    +I apple 1 1.45 carol 1970-01-01 00:00:20.000
    +I pear 1 <NULL> alice 1970-01-01 00:00:20.000
    +I fig 1 9.99 alice 1970-01-01 00:00:20.000
    +I apple 1 2.10 alice 1970-01-01 00:00:40.000
    +I pear 1 1.05 bob 1970-01-01 00:00:40.000
    +I fig 1 10.50 carol 1970-01-01 00:01:10.000
  )", 1);
}

TEST(WindowAggregateTest, hop_begins_before_the_first_row) {
  auto spec = window_spec(WindowKind::kHop, 15, 5);
  spec.aggregates.push_back(call("AVG", {2}, Type::decimal(38, 6)));
  expect_windows(kBids, spec, kBidRows, R"(
    +I 2 1.000000 1969-12-31 23:59:50.000 1970-01-01 00:00:05.000
    +I 3 1.166667 1969-12-31 23:59:55.000 1970-01-01 00:00:10.000
    +I 6 2.988000 1970-01-01 00:00:00.000 1970-01-01 00:00:15.000
    +I 4 4.313333 1970-01-01 00:00:05.000 1970-01-01 00:00:20.000
    +I 3 5.720000 1970-01-01 00:00:10.000 1970-01-01 00:00:25.000
    +I 2 1.575000 1970-01-01 00:00:20.000 1970-01-01 00:00:35.000
    +I 2 1.575000 1970-01-01 00:00:25.000 1970-01-01 00:00:40.000
    +I 2 1.575000 1970-01-01 00:00:30.000 1970-01-01 00:00:45.000
    +I 1 10.500000 1970-01-01 00:00:50.000 1970-01-01 00:01:05.000
    +I 1 10.500000 1970-01-01 00:00:55.000 1970-01-01 00:01:10.000
    +I 1 10.500000 1970-01-01 00:01:00.000 1970-01-01 00:01:15.000
  )", 1);
}

TEST(WindowAggregateTest, cumulate_grows_to_its_full_size) {
  auto spec = window_spec(WindowKind::kCumulate, 30, 10);
  spec.aggregates.push_back(call("SUM", {2}, Type::decimal(38, 2)));
  expect_windows(kBids, spec, kBidRows, R"(
    +I 3 3.50 1970-01-01 00:00:00.000 1970-01-01 00:00:10.000
    +I 6 14.94 1970-01-01 00:00:00.000 1970-01-01 00:00:20.000
    +I 7 15.89 1970-01-01 00:00:00.000 1970-01-01 00:00:30.000
    +I 2 3.15 1970-01-01 00:00:30.000 1970-01-01 00:00:40.000
    +I 2 3.15 1970-01-01 00:00:30.000 1970-01-01 00:00:50.000
    +I 2 3.15 1970-01-01 00:00:30.000 1970-01-01 00:01:00.000
    +I 1 10.50 1970-01-01 00:01:00.000 1970-01-01 00:01:10.000
    +I 1 10.50 1970-01-01 00:01:00.000 1970-01-01 00:01:20.000
    +I 1 10.50 1970-01-01 00:01:00.000 1970-01-01 00:01:30.000
  )", 0);
}

TEST(WindowAggregateTest, distinct_values_of_a_window_are_the_union_of_its_slices) {
  auto spec = window_spec(WindowKind::kHop, 20, 10);
  spec.aggregates = {call("COUNT", {1}, kBigInt)};
  spec.aggregates[0].distinct = true;
  spec.properties = {WindowProperty::kTime};
  expect_windows(kBids, spec, R"(
    +I a x 1.00 1000
    +I a y 1.00 2000
    +I a x 1.00 11000
    +I a z 1.00 12000
    +I a z 1.00 13000
    watermark max
  )", R"(
    +I 2 1970-01-01 00:00:09.999
    +I 3 1970-01-01 00:00:19.999
    +I 2 1970-01-01 00:00:29.999
  )");
}

TEST(WindowAggregateTest, a_window_fires_when_the_watermark_reaches_its_last_millisecond) {
  auto spec = window_spec(WindowKind::kTumble, 10, 10);
  expect_windows(kBids, spec, R"(
    +I a x 1.00 -1
    +I a x 1.00 -10000
    +I a x 1.00 0
    watermark -2
    +I a x 1.00 -3
    watermark -1
    +I a x 1.00 -3
    +I a x 1.00 9999
    watermark 9998
    +I a x 1.00 10000
    watermark max
  )", R"(
    +I 3 1969-12-31 23:59:50.000 1970-01-01 00:00:00.000
    +I 2 1970-01-01 00:00:00.000 1970-01-01 00:00:10.000
    +I 1 1970-01-01 00:00:10.000 1970-01-01 00:00:20.000
  )", 1);
}

TEST(WindowAggregateTest, offsets_move_windows_and_may_be_negative) {
  auto spec = window_spec(WindowKind::kTumble, 10, 10);
  spec.window.offset_ms = -4000;
  expect_windows(kBids, spec, R"(
    +I a x 1.00 5999
    +I a x 1.00 6000
    watermark max
  )", R"(
    +I 1 1969-12-31 23:59:56.000 1970-01-01 00:00:06.000
    +I 1 1970-01-01 00:00:06.000 1970-01-01 00:00:16.000
  )", 0);
}

TEST(WindowAggregateTest, a_row_late_for_one_window_counts_in_the_later_ones) {
  auto spec = window_spec(WindowKind::kHop, 20, 10);
  // The third row comes after the windows up to :20 have fired although their watermark has not been delivered yet.
  expect_windows(kBids, spec, R"(
    +I a x 1.00 5000 @0
    +I a x 1.00 30000 @20000
    +I a x 1.00 15000 @20000
    +I a x 1.00 9000 @20000
    watermark 20000
    +I a x 1.00 16000 @20000
    watermark max
  )", R"(
    +I 1 1969-12-31 23:59:50.000 1970-01-01 00:00:10.000
    +I 1 1970-01-01 00:00:00.000 1970-01-01 00:00:20.000
    +I 2 1970-01-01 00:00:10.000 1970-01-01 00:00:30.000
    +I 1 1970-01-01 00:00:20.000 1970-01-01 00:00:40.000
    +I 1 1970-01-01 00:00:30.000 1970-01-01 00:00:50.000
  )", 1);
}

TEST(WindowAggregateTest, many_keys_are_emitted_bit_by_bit) {
  auto spec = window_spec(WindowKind::kTumble, 10, 10);
  spec.keys = {0};
  spec.properties = {};
  std::string events;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    events += fmt::format("+I key{} x 1.00 {}\n", i, i * 100);
    expected += fmt::format("+I key{} 1\n", i);
  }
  expect_windows(kBids, spec, events + "watermark max", expected, 0);
}

TEST(SessionAggregateTest, gives_what_flink_gives) {
  auto spec = window_spec(WindowKind::kSession, 15, 15);
  spec.keys = {1};
  expect_windows(kBids, spec, kBidRows, R"(
    +I bob 2 1970-01-01 00:00:04.500 1970-01-01 00:00:24.999
    +I carol 1 1970-01-01 00:00:10.000 1970-01-01 00:00:25.000
    +I alice 3 1970-01-01 00:00:01.000 1970-01-01 00:00:28.000
    +I alice 1 1970-01-01 00:00:31.000 1970-01-01 00:00:46.000
    +I bob 1 1970-01-01 00:00:33.250 1970-01-01 00:00:48.250
    +I carol 1 1970-01-01 00:01:02.000 1970-01-01 00:01:17.000
  )", 1);
}

TEST(SessionAggregateTest, a_row_between_two_sessions_makes_them_one) {
  auto spec = window_spec(WindowKind::kSession, 10, 10);
  spec.keys = {0};
  spec.aggregates.push_back(call("MAX", {1}, Type::string()));
  spec.aggregates.push_back(call("SUM", {2}, Type::decimal(38, 2)));
  expect_windows(kBids, spec, R"(
    +I a x 1.00 0
    +I a z 2.00 20000
    +I b y 1.00 1000
    +I a y 4.00 10000
    +I a w 8.00 50000
    watermark 29999
    +I a late 1.00 19999
    +I a early 1.00 40000
    watermark max
  )", R"(
    +I b 1 y 1.00 1970-01-01 00:00:01.000 1970-01-01 00:00:11.000
    +I a 3 z 7.00 1970-01-01 00:00:00.000 1970-01-01 00:00:30.000
    +I a 2 w 9.00 1970-01-01 00:00:40.000 1970-01-01 00:01:00.000
  )", 1);
}

TEST(SessionAggregateTest, a_late_row_counts_when_its_session_is_open) {
  auto spec = window_spec(WindowKind::kSession, 10, 10);
  expect_windows(kBids, spec, R"(
    +I a x 1.00 10000
    +I a x 1.00 15000
    watermark 20000
    +I a x 1.00 6000
    +I a x 1.00 -5000
    watermark max
  )", R"(
    +I 3 1970-01-01 00:00:06.000 1970-01-01 00:00:25.000
  )", 1);
}

TEST(WindowAggregateTest, updating_inputs_are_refused_by_name) {
  const auto tumble = window_spec(WindowKind::kTumble, 10, 10);
  EXPECT_EQ(make_operator(graph_of(kBids, tumble, {}, false), 1).error().code(), ErrorCode::kSqlUnsupported);
}

TEST(WindowTableFunctionTest, hop_rows_come_latest_window_first) {
  graph::WindowTableFunctionSpec spec{.window = {.kind = WindowKind::kHop, .rowtime_column = 1, .size_ms = 20,
                                                 .slide_ms = 10}};
  const column::Schema input = {{"k", kBigInt}, {"ts", kTime}};
  column::Schema output = input;
  for (const char* name : {"window_start", "window_end", "window_time"}) output.push_back({name, kTime});
  expect_output(graph_of(input, spec, output), {}, R"(
    +I 1 5
    +I 2 NULL
    -D 3 20
  )", R"(
    +I 1 1970-01-01 00:00:00.005 1970-01-01 00:00:00.000 1970-01-01 00:00:00.020 1970-01-01 00:00:00.019
    +I 1 1970-01-01 00:00:00.005 1969-12-31 23:59:59.990 1970-01-01 00:00:00.010 1970-01-01 00:00:00.009
    -D 3 1970-01-01 00:00:00.020 1970-01-01 00:00:00.020 1970-01-01 00:00:00.040 1970-01-01 00:00:00.039
    -D 3 1970-01-01 00:00:00.020 1970-01-01 00:00:00.010 1970-01-01 00:00:00.030 1970-01-01 00:00:00.029
  )");
}

}  // namespace
}  // namespace raudal::operators
