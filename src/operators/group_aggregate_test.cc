#include "operators/operator_script.h"

namespace raudal::operators {
namespace {

using column::Type;
using column::TypeKind;
using graph::AggregateCall;
using script::expect_output;
using script::graph_of;

const column::Schema kBids = {{"item", Type::string()},
                              {"bidder", Type::string()},
                              {"price", Type::decimal(10, 2)},
                              {"amount", Type(TypeKind::kInt)}};

// The bids of tools/flink/examples, whose changelog real Flink printed.
constexpr std::string_view kBidRows = R"(
  +I apple alice 1.20 1
  +I pear bob 0.80 2
  +I apple bob 1.50 3
  +I apple carol 1.45 4
  +I pear alice NULL 5
  +I fig alice 9.99 6
  +I apple alice 2.10 7
  +I pear dave 0.95 8
  +I pear bob 1.05 9
  +I fig carol 10.50 10
)";

AggregateCall call(std::string function, std::vector<int> args, Type result) {
  return {.function = std::move(function), .args = std::move(args), .result = std::move(result)};
}
const Type kBigInt(TypeKind::kBigInt);

column::Schema output_of(const column::Schema& input, const graph::GroupAggregateSpec& spec) {
  column::Schema output;
  for (const int key : spec.keys) output.push_back(input[static_cast<size_t>(key)]);
  for (const AggregateCall& aggregate : spec.aggregates) output.push_back({aggregate.function, aggregate.result});
  return output;
}

void expect_groups(const column::Schema& input, const graph::GroupAggregateSpec& spec, std::string_view events,
                   std::string_view expected) {
  expect_output(graph_of(input, spec, output_of(input, spec), !spec.input_retracts), spec.keys, events, expected);
}

TEST(GroupAggregateTest, changes_row_by_row_as_flink_prints_them) {
  graph::GroupAggregateSpec spec{.keys = {0}};
  spec.aggregates = {call("COUNT", {}, kBigInt), call("SUM", {2}, Type::decimal(38, 2)), call("COUNT", {1}, kBigInt)};
  spec.aggregates[2].distinct = true;
  expect_groups(kBids, spec, kBidRows, R"(
    +I apple 1 1.20 1
    +I pear 1 0.80 1
    -U apple 1 1.20 1
    +U apple 2 2.70 2
    -U apple 2 2.70 2
    +U apple 3 4.15 3
    -U pear 1 0.80 1
    +U pear 2 0.80 2
    +I fig 1 9.99 1
    -U apple 3 4.15 3
    +U apple 4 6.25 3
    -U pear 2 0.80 2
    +U pear 3 1.75 3
    -U pear 3 1.75 3
    +U pear 4 2.80 3
    -U fig 1 9.99 1
    +U fig 2 20.49 2
  )");
}

TEST(GroupAggregateTest, retractions_empty_groups_and_begin_them_anew) {
  // SELECT n, COUNT(*) FROM (SELECT bidder, COUNT(*) AS n FROM bids GROUP BY bidder) GROUP BY n
  graph::GroupAggregateSpec spec{.keys = {0}, .aggregates = {call("COUNT", {}, kBigInt)}, .input_retracts = true};
  expect_groups({{"n", kBigInt}}, spec, R"(
    +I 1
    +I 1
    -U 1
    +U 2
    +I 1
    -U 1
    +U 2
    -U 2
    +U 3
    -U 3
    +U 4
    +I 1
    -U 2
    +U 3
    -U 1
    +U 2
  )", R"(
    +I 1 1
    -U 1 1
    +U 1 2
    -U 1 2
    +U 1 1
    +I 2 1
    -U 1 1
    +U 1 2
    -U 1 2
    +U 1 1
    -U 2 1
    +U 2 2
    -U 2 2
    +U 2 1
    +I 3 1
    -D 3 1
    +I 4 1
    -U 1 1
    +U 1 2
    -D 2 1
    +I 3 1
    -U 1 2
    +U 1 1
    +I 2 1
  )");
}

TEST(GroupAggregateTest, nothing_is_said_where_the_result_stays_the_same) {
  graph::GroupAggregateSpec spec{.keys = {0}, .aggregates = {call("MAX", {2}, Type::decimal(10, 2))}};
  expect_groups(kBids, spec, kBidRows, R"(
    +I apple 1.20
    +I pear 0.80
    -U apple 1.20
    +U apple 1.50
    +I fig 9.99
    -U apple 1.50
    +U apple 2.10
    -U pear 0.80
    +U pear 0.95
    -U pear 0.95
    +U pear 1.05
    -U fig 9.99
    +U fig 10.50
  )");
}

TEST(GroupAggregateTest, an_upsert_consumer_gets_no_update_before) {
  graph::GroupAggregateSpec spec{.keys = {0}, .aggregates = {call("MIN", {1}, Type::string())},
                                 .emit_update_before = false};
  expect_groups(kBids, spec, kBidRows, R"(
    +I apple alice
    +I pear bob
    +U pear alice
    +I fig alice
  )");
}

TEST(GroupAggregateTest, averages_truncate_and_null_stays_out) {
  graph::GroupAggregateSpec spec{.keys = {}};
  spec.aggregates = {call("AVG", {0}, Type(TypeKind::kInt)), call("AVG", {1}, Type::decimal(38, 6)),
                     call("COUNT", {0}, kBigInt), call("SUM", {2}, Type(TypeKind::kTinyInt))};
  const column::Schema input = {{"a", Type(TypeKind::kInt)},
                                {"b", Type::decimal(10, 2)},
                                {"c", Type(TypeKind::kTinyInt)}};
  expect_groups(input, spec, R"(
    +I -3 1.00 100
    +I -4 1.00 100
    +I NULL 1.50 NULL
    +I NULL NULL NULL
  )", R"(
    +I -3 1.000000 1 100
    -U -3 1.000000 1 100
    +U -3 1.000000 2 -56
    -U -3 1.000000 2 -56
    +U -3 1.166667 2 -56
  )");
}

TEST(GroupAggregateTest, only_null_gives_null_and_a_filter_leaves_rows_out) {
  graph::GroupAggregateSpec spec{.keys = {0}, .aggregates = {call("SUM", {1}, kBigInt), call("COUNT", {}, kBigInt)}};
  spec.aggregates[1].filter_column = 2;
  const column::Schema input = {{"k", kBigInt}, {"v", kBigInt}, {"f", Type(TypeKind::kBoolean)}};
  expect_groups(input, spec, R"(
    +I 1 NULL 0
    +I 1 5 1
    +I NULL 7 NULL
    +I NULL 1 1
  )", R"(
    +I 1 <NULL> 0
    -U 1 <NULL> 0
    +U 1 5 1
    +I <NULL> 7 0
    -U <NULL> 7 0
    +U <NULL> 8 1
  )");
}

TEST(GroupAggregateTest, no_aggregates_are_distinct_rows) {
  expect_groups(kBids, {.keys = {0}}, kBidRows, R"(
    +I apple
    +I pear
    +I fig
  )");
}

TEST(GroupAggregateTest, distinct_values_are_retracted_when_the_last_of_them_goes) {
  graph::GroupAggregateSpec spec{.keys = {0}, .aggregates = {call("SUM", {1}, kBigInt)}, .input_retracts = true};
  spec.aggregates[0].distinct = true;
  expect_groups({{"k", kBigInt}, {"v", kBigInt}}, spec, R"(
    +I 1 5
    +I 1 5
    +I 1 6
    -D 1 5
    -D 1 5
    -D 1 6
    -D 1 6
    +I 1 5
  )", R"(
    +I 1 5
    -U 1 5
    +U 1 11
    -U 1 11
    +U 1 6
    -D 1 6
    +I 1 5
  )");
}

TEST(GroupAggregateTest, the_next_extreme_comes_back_when_one_is_retracted) {
  const column::Schema input = {{"k", kBigInt}, {"v", kBigInt}, {"s", Type::string()}};
  graph::GroupAggregateSpec spec{.keys = {0}, .input_retracts = true};
  spec.aggregates = {call("MAX", {1}, kBigInt), call("MIN", {2}, Type::string())};
  expect_groups(input, spec, R"(
    +I 1 5 b
    +I 1 7 a
    +I 1 7 c
    -D 1 7 a
    -D 1 7 c
    +I 2 1 x
    -D 1 5 b
    +I 1 4 z
    +I 1 NULL NULL
    -D 1 4 z
  )", R"(
    +I 1 5 b
    -U 1 5 b
    +U 1 7 a
    -U 1 7 a
    +U 1 7 b
    -U 1 7 b
    +U 1 5 b
    +I 2 1 x
    -D 1 5 b
    +I 1 4 z
    -U 1 4 z
    +U 1 <NULL> <NULL>
  )");
}

TEST(GroupAggregateTest, what_is_missing_says_so) {
  graph::GroupAggregateSpec spec{.keys = {0}, .aggregates = {call("MEDIAN", {2}, Type::decimal(10, 2))}};
  EXPECT_EQ(make_operator(graph_of(kBids, spec, {}), 1).error().code(), ErrorCode::kSqlUnsupported);
}

}  // namespace
}  // namespace raudal::operators
