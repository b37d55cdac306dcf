#include "neighbours/firehose/object_name.h"

#include <gmock/gmock.h>

namespace raudal::neighbours::firehose {
namespace {

constexpr int64_t kTimeMs = 1'767'323'045'000;  // 2026-01-02T03:04:05Z

std::string name_with(std::string_view prefix, std::string_view extension = "") {
  return object_name(
      {.prefix = prefix, .stream = "orders", .version = 3, .arrived_ms = kTimeMs, .extension = extension});
}

TEST(ObjectName, the_hour_follows_a_prefix_without_expressions) {
  EXPECT_THAT(name_with(""), testing::MatchesRegex("2026/01/02/03/orders-3-2026-01-02-03-04-05-[0-9a-f-]+"));
  EXPECT_THAT(name_with("raw/", ".gz"),
              testing::MatchesRegex("raw/2026/01/02/03/orders-3-2026-01-02-03-04-05-[0-9a-f-]+\\.gz"));
  EXPECT_NE(name_with(""), name_with(""));
}

TEST(ObjectName, expressions_take_the_place_of_the_hour) {
  EXPECT_THAT(name_with("y=!{timestamp:yyyy}/!{timestamp:'day'-MM-dd}/"),
              testing::StartsWith("y=2026/day-01-02/orders-"));
  EXPECT_THAT(name_with("!{firehose:random-string}/"), testing::MatchesRegex("[0-9a-f]+/orders-.*"));
}

TEST(ObjectName, a_prefix_that_cannot_be_evaluated_is_refused) {
  EXPECT_TRUE(check_prefix("a/!{timestamp:yyyy}/").ok());
  for (const char* prefix :
       {"!{timestamp:yyyy", "!{partitionKeyFromQuery:x}/", "!{timestamp:QQ}/", "!{timestamp:'x}/", "!{timestamp}"}) {
    EXPECT_EQ(check_prefix(prefix).error().code(), ErrorCode::kInvalidArgument) << prefix;
  }
}

}  // namespace
}  // namespace raudal::neighbours::firehose
