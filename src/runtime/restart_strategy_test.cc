#include "runtime/restart_strategy.h"

#include <gtest/gtest.h>

namespace raudal::runtime {
namespace {

TEST(RestartStrategy, Default_grows_its_pause_and_never_ends) {
  RestartStrategy strategy(*parse_restart_options({}));
  EXPECT_EQ(strategy.next_delay_ms(1'000'000'000), 100);
  EXPECT_EQ(strategy.next_delay_ms(1'000'000'200), 150);
  for (int i = 0; i < 100; ++i) EXPECT_LE(strategy.next_delay_ms(1'000'000'400).value(), 60'000);
  EXPECT_EQ(strategy.next_delay_ms(1'000'000'500), 60'000);
  EXPECT_EQ(strategy.next_delay_ms(1'010'000'000), 100) << "an hour without failure starts it anew";
}

TEST(RestartStrategy, Fixed_delay_ends_after_its_attempts) {
  RestartStrategy strategy(*parse_restart_options({{"restart-strategy.type", "fixed-delay"},
                                                   {"restart-strategy.fixed-delay.attempts", "2"},
                                                   {"restart-strategy.fixed-delay.delay", "3 s"}}));
  EXPECT_EQ(strategy.next_delay_ms(0), 3000);
  EXPECT_EQ(strategy.next_delay_ms(0), 3000);
  EXPECT_EQ(strategy.next_delay_ms(0), std::nullopt);
}

TEST(RestartStrategy, Failure_rate_counts_within_its_interval) {
  RestartStrategy strategy(*parse_restart_options({{"restart-strategy", "failure-rate"},
                                                   {"restart-strategy.failure-rate.max-failures-per-interval", "2"},
                                                   {"restart-strategy.failure-rate.failure-rate-interval", "10 s"},
                                                   {"restart-strategy.failure-rate.delay", "1 s"}}));
  EXPECT_EQ(strategy.next_delay_ms(0), 1000);
  EXPECT_EQ(strategy.next_delay_ms(1000), 1000);
  EXPECT_EQ(strategy.next_delay_ms(12'000), 1000);
  EXPECT_EQ(strategy.next_delay_ms(13'000), 1000);
  EXPECT_EQ(strategy.next_delay_ms(14'000), std::nullopt);
}

TEST(RestartStrategy, Unknown_type_and_unreadable_values_are_refused) {
  EXPECT_EQ(parse_restart_options({{"restart-strategy.type", "often"}}).error().code(), ErrorCode::kSqlOption);
  EXPECT_FALSE(parse_restart_options({{"restart-strategy.exponential-delay.max-backoff", "soon"}}).ok());
  EXPECT_EQ(parse_restart_options({{"restart-strategy.type", "none"}})->kind, RestartKind::kNone);
}

}  // namespace
}  // namespace raudal::runtime
