#include "connectors/sample/sample.h"

#include <gtest/gtest.h>

namespace raudal::connectors::sample {
namespace {

using column::Type;
using column::TypeKind;

std::unique_ptr<connector::SourceReader> reader_of(const connector::SourceContext& context) {
  connector::Registry registry;
  register_connector(registry);
  const column::Schema schema{{{"n", Type(TypeKind::kBigInt)}}};
  auto source = registry.find_connector("sample")->make_source({.columns = schema}, schema, {});
  EXPECT_TRUE(source.ok());
  auto reader = (*source)->make_reader();
  EXPECT_TRUE(reader->open(context).ok());
  return reader;
}

TEST(Sample, reads_rows) {
  auto reader = reader_of({});
  const auto read = reader->read();
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->state, connector::ReadState::kBatch);
}

TEST(Sample, goes_on_where_the_snapshot_was_taken) {
  auto reader = reader_of({.restored = {"1 0 7"}, .is_restored = true});
  EXPECT_EQ(*reader->snapshot(), std::vector<std::string>{"1 0 7"});
}

TEST(Sample, refuses_a_position_that_does_not_read) {
  connector::Registry registry;
  register_connector(registry);
  auto source = registry.find_connector("sample")->make_source({}, {}, {});
  ASSERT_TRUE(source.ok());
  EXPECT_FALSE((*source)->make_reader()->open({.restored = {"damaged"}}).ok());
}

}  // namespace
}  // namespace raudal::connectors::sample
