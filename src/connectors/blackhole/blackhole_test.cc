#include "connectors/blackhole/blackhole.h"

#include <gtest/gtest.h>

namespace raudal::connectors::blackhole {
namespace {

TEST(Blackhole, swallows_everything_and_takes_no_options) {
  connector::Registry registry;
  register_connector(registry);
  const connector::Table table{.name = "t", .options = {{"connector", "blackhole"}}};
  const auto connector = registry.connector_of(table);
  ASSERT_TRUE(connector.ok());
  EXPECT_EQ((*connector)->make_source, nullptr);
  const auto sink = (*connector)->make_sink(table, {});
  EXPECT_TRUE((*sink)->accepts_updates());
  const auto writer = (*sink)->make_writer();
  EXPECT_TRUE(writer->open({}).ok());
  EXPECT_TRUE(writer->write({.num_rows = 3}).ok());
  EXPECT_TRUE(writer->prepare_commit(CheckpointId(1))->empty());
  const connector::Table wrong{.name = "t", .options = {{"connector", "blackhole"}, {"path", "x"}}};
  EXPECT_EQ(registry.connector_of(wrong).error().code(), ErrorCode::kSqlOption);
}

}  // namespace
}  // namespace raudal::connectors::blackhole
