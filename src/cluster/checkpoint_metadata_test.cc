#include "cluster/checkpoint_metadata.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/fs.h"

namespace raudal::cluster {
namespace {

// What real Flink wrote for CountingJob (tests/flink/programs) at parallelism 2 on RocksDB, all state in files.
std::string sample(const std::string& name) {
  auto text = read_file(*posix_fs(), join_path(RAUDAL_TEST_DATA, name));
  CHECK(text.ok());
  return *text;
}

int64_t num_below(const CheckpointMetadata& metadata, const std::string& folder) {
  return std::count_if(metadata.files.begin(), metadata.files.end(),
                       [&](const StateFile& file) { return file.path.find(folder) != std::string::npos; });
}

TEST(CheckpointMetadata, incremental_checkpoint_names_shared_and_own_files) {
  const auto metadata = parse_checkpoint_metadata(sample("checkpoint-1.20.metadata"));
  ASSERT_TRUE(metadata.ok()) << metadata.error().message();
  EXPECT_EQ(metadata->version, 4);
  EXPECT_EQ(metadata->checkpoint_id, 8);
  EXPECT_EQ(metadata->num_operators, 2);
  EXPECT_GT(num_below(*metadata, "/shared/"), 0);
  for (const StateFile& file : metadata->files) EXPECT_GT(file.size_bytes, 0) << file.path;
}

TEST(CheckpointMetadata, later_format_with_names_of_operators_is_read) {
  const auto metadata = parse_checkpoint_metadata(sample("checkpoint-2.2.metadata"));
  ASSERT_TRUE(metadata.ok()) << metadata.error().message();
  EXPECT_GE(metadata->version, 5);
  EXPECT_EQ(metadata->num_operators, 2);
  EXPECT_GT(num_below(*metadata, "/shared/"), 0);
}

TEST(CheckpointMetadata, savepoint_names_files_beside_it) {
  const auto metadata = parse_checkpoint_metadata(sample("savepoint-1.20.metadata"));
  ASSERT_TRUE(metadata.ok()) << metadata.error().message();
  ASSERT_FALSE(metadata->files.empty());
  for (const StateFile& file : metadata->files) EXPECT_TRUE(file.relative) << file.path;
}

TEST(CheckpointMetadata, every_cut_is_noticed) {
  for (const char* name : {"checkpoint-1.20.metadata", "savepoint-1.20.metadata", "checkpoint-2.2.metadata"}) {
    const std::string whole = sample(name);
    for (size_t size = 0; size < whole.size(); ++size) {
      const auto metadata = parse_checkpoint_metadata(std::string_view(whole).substr(0, size));
      ASSERT_FALSE(metadata.ok()) << name << " cut at " << size;
      EXPECT_EQ(metadata.error().code(), ErrorCode::kCorrupt);
    }
  }
}

TEST(CheckpointMetadata, bytes_behind_the_end_are_noticed) {
  EXPECT_FALSE(parse_checkpoint_metadata(sample("savepoint-1.20.metadata") + "x").ok());
}

TEST(CheckpointMetadata, anything_else_is_refused_and_no_damage_crashes) {
  EXPECT_FALSE(parse_checkpoint_metadata("hello, this is no metadata").ok());
  const std::string whole = sample("checkpoint-1.20.metadata");
  std::string newer = whole;
  newer[7] = 99;
  EXPECT_FALSE(parse_checkpoint_metadata(newer).ok());
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(~damaged[i]);
    (void)parse_checkpoint_metadata(damaged);
  }
}

}  // namespace
}  // namespace raudal::cluster
