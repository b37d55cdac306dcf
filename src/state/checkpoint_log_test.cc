#include "state/checkpoint_log.h"

#include <fmt/core.h>

#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

namespace raudal::state {
namespace {

RunIdentity identity(int64_t incarnation) {
  return {.application = "app", .run = RunNumber(1), .incarnation = Incarnation(incarnation)};
}

Manifest full_manifest() {
  Manifest manifest{.identity = identity(3), .id = CheckpointId(7), .savepoint = true, .parallelism = 2,
                    .max_parallelism = 256, .hash_id = 1, .trigger_time_ms = 1'700'000'000'000};
  OperatorSnapshot snapshot{.uid = "group_aggregate:sink#1", .kind = "group_aggregate", .parallelism = 2};
  snapshot.keyed["aggregate/0"] = {{.name = "state/a", .length_bytes = 12, .crc32c = 34}, {.name = "state/b"}};
  snapshot.schemas["aggregate"] = "keys BIGINT; COUNT() BIGINT";
  snapshot.items = {std::string("po\0s", 4), ""};
  snapshot.committables = {"part-1"};
  snapshot.watermark_ms = -5;
  manifest.operators = {snapshot, {.uid = "source:t#0", .kind = "source"}};
  manifest.properties["job.finished"] = "true";
  return manifest;
}

class CheckpointLogTest : public ::testing::Test {
 protected:
  CheckpointLogTest() {
    char name[] = "/tmp/raudal-log-XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~CheckpointLogTest() override { (void)fs_->remove_all(root_); }

  FileRef write_state(const std::string& name, const std::vector<std::string>& chunks) {
    StateFileWriter writer(*fs_, root_, "state/" + name);
    for (const std::string& chunk : chunks) EXPECT_TRUE(writer.append(chunk).ok());
    return writer.finish().value();
  }
  Manifest manifest_of(const CheckpointLog& log, std::vector<FileRef> chain, int64_t incarnation = 1) {
    Manifest manifest{.identity = identity(incarnation), .id = log.next_id()};
    OperatorSnapshot snapshot{.uid = "u", .kind = "k"};
    snapshot.keyed["s/0"] = std::move(chain);
    manifest.operators.push_back(snapshot);
    return manifest;
  }
  void overwrite(const std::string& path, std::string bytes) {
    ASSERT_TRUE(write_file_durably(*fs_, path, bytes).ok());
  }
  std::string read(const std::string& name) { return read_file(*fs_, join_path(root_, name)).value(); }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string root_;
  std::vector<std::string> warnings_;
};

TEST(ManifestTest, reads_back_as_it_was_written) {
  const Manifest manifest = full_manifest();
  const std::string bytes = encode_manifest(manifest);
  const Manifest back = decode_manifest(bytes).value();
  EXPECT_EQ(encode_manifest(back), bytes);
  EXPECT_EQ(back.operators[0].keyed.at("aggregate/0")[0].crc32c, 34u);
  EXPECT_EQ(back.operators[0].items[0].size(), 4u);
  EXPECT_EQ(back.operators[0].watermark_ms, -5);
  EXPECT_EQ(back.identity.incarnation, Incarnation(3));
  EXPECT_EQ(back.properties.at("job.finished"), "true");
}

TEST(ManifestTest, cut_at_any_byte_or_with_any_bit_flipped_is_corrupt) {
  const std::string bytes = encode_manifest(full_manifest());
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(decode_manifest(std::string_view(bytes).substr(0, length)).error().code(), ErrorCode::kCorrupt);
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_EQ(decode_manifest(flipped).error().code(), ErrorCode::kCorrupt);
  }
  EXPECT_FALSE(decode_manifest(bytes + "x").ok());
}

TEST_F(CheckpointLogTest, newest_is_what_was_published_last) {
  CheckpointLog log(*fs_, root_);
  ASSERT_TRUE(log.claim(identity(1)).ok());
  EXPECT_FALSE(log.newest(&warnings_).value().has_value());
  const FileRef file = write_state("a", {"one", "two"});
  ASSERT_TRUE(log.publish(manifest_of(log, {file})).ok());
  EXPECT_EQ(log.next_id(), CheckpointId(3));
  const Manifest newest = *log.newest(&warnings_).value();
  EXPECT_EQ(newest.id, CheckpointId(2));
  std::string all;
  const Status applied =
      read_state_file(*fs_, root_, newest.operators[0].keyed.at("s/0")[0], [&](std::string_view chunk) {
        all.append(chunk).append(";");
        return Status();
      });
  EXPECT_TRUE(applied.ok());
  EXPECT_EQ(all, "one;two;");
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(CheckpointLogTest, damaged_files_and_records_make_it_fall_back_to_an_older_checkpoint) {
  CheckpointLog log(*fs_, root_);
  ASSERT_TRUE(log.claim(identity(1)).ok());
  std::vector<FileRef> files;
  for (const char* name : {"a", "b", "c", "d"}) {
    files.push_back(write_state(name, {name, "tail"}));
    ASSERT_TRUE(log.publish(manifest_of(log, {files.back()})).ok());
  }
  std::string flipped = read("state/d");
  flipped[flipped.size() / 2] ^= 1;
  overwrite(join_path(root_, "state/d"), flipped);
  EXPECT_EQ(log.newest(&warnings_).value()->id, CheckpointId(4));
  EXPECT_EQ(warnings_.size(), 1u);

  overwrite(join_path(root_, "state/c"), read("state/c").substr(1));
  overwrite(join_path(root_, "log/0000000003"), read("log/0000000003").substr(0, 40));
  warnings_.clear();
  EXPECT_EQ(log.newest(&warnings_).value()->id, CheckpointId(2));
  EXPECT_EQ(warnings_.size(), 3u);

  ASSERT_TRUE(fs_->remove(join_path(root_, "state/a")).ok());
  EXPECT_EQ(log.newest(&warnings_).error().code(), ErrorCode::kCorrupt);
}

TEST_F(CheckpointLogTest, every_cut_and_every_flipped_byte_of_a_state_file_is_found) {
  const FileRef file = write_state("a", {std::string(300, 'x'), "tail"});
  const std::string bytes = read("state/a");
  const auto ignore = [](std::string_view) { return Status(); };
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] ^= 4;
    overwrite(join_path(root_, "state/a"), flipped);
    EXPECT_EQ(verify_state_file(*fs_, root_, file).error().code(), ErrorCode::kCorrupt);
    EXPECT_EQ(read_state_file(*fs_, root_, file, ignore).error().code(), ErrorCode::kCorrupt) << i;
    overwrite(join_path(root_, "state/a"), bytes.substr(0, i));
    EXPECT_EQ(read_state_file(*fs_, root_, file, ignore).error().code(), ErrorCode::kCorrupt);
  }
}

TEST_F(CheckpointLogTest, zombie_is_refused_after_a_successor_claimed) {
  CheckpointLog zombie(*fs_, root_);
  ASSERT_TRUE(zombie.claim(identity(1)).ok());
  ASSERT_TRUE(zombie.publish(manifest_of(zombie, {})).ok());
  CheckpointLog successor(*fs_, root_);
  ASSERT_TRUE(successor.claim(identity(2)).ok());
  EXPECT_EQ(zombie.publish(manifest_of(zombie, {})).error().code(), ErrorCode::kFenced);
  EXPECT_EQ(successor.newest(&warnings_).value()->id, CheckpointId(2));

  // Many checkpoints and a prune later the number is still not free.
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(successor.publish(manifest_of(successor, {}, 2)).ok());
  ASSERT_TRUE(successor.prune(1).ok());
  EXPECT_EQ(zombie.publish(manifest_of(zombie, {})).error().code(), ErrorCode::kFenced);
  EXPECT_EQ(CheckpointLog(*fs_, root_).claim(identity(1)).error().code(), ErrorCode::kFenced);
}

TEST_F(CheckpointLogTest, a_checkpoint_that_came_before_the_claim_is_the_successors) {
  CheckpointLog first(*fs_, root_);
  ASSERT_TRUE(first.claim(identity(1)).ok());
  CheckpointLog second(*fs_, root_);
  ASSERT_TRUE(second.claim(identity(1)).ok());   // a restart within the process claims anew
  ASSERT_TRUE(second.publish(manifest_of(second, {})).ok());
  EXPECT_EQ(second.newest(&warnings_).value()->id, CheckpointId(3));
}

TEST_F(CheckpointLogTest, publishing_the_same_manifest_again_is_harmless) {
  CheckpointLog log(*fs_, root_);
  ASSERT_TRUE(log.claim(identity(1)).ok());
  CheckpointLog twin = log;   // as if the first try had failed after its link
  const Manifest manifest = manifest_of(log, {});
  ASSERT_TRUE(log.publish(manifest).ok());
  EXPECT_TRUE(twin.publish(manifest).ok());
}

TEST_F(CheckpointLogTest, racing_claims_get_numbers_of_their_own) {
  constexpr int kClaimers = 8;
  std::vector<CheckpointLog> logs;
  for (int i = 0; i < kClaimers; ++i) logs.emplace_back(*fs_, root_);
  std::vector<std::thread> threads;
  for (CheckpointLog& log : logs) threads.emplace_back([&] { EXPECT_TRUE(log.claim(identity(1)).ok()); });
  for (std::thread& thread : threads) thread.join();
  std::vector<int64_t> next;
  for (const CheckpointLog& log : logs) next.push_back(log.next_id().value());
  std::ranges::sort(next);
  for (int i = 0; i < kClaimers; ++i) EXPECT_EQ(next[i], i + 2);
  EXPECT_EQ(fs_->list(join_path(root_, "log")).value().size(), static_cast<size_t>(kClaimers));
}

TEST_F(CheckpointLogTest, prune_keeps_what_the_newest_need_and_claim_removes_what_nobody_published) {
  CheckpointLog log(*fs_, root_);
  ASSERT_TRUE(log.claim(identity(1)).ok());
  std::vector<FileRef> files;
  for (const char* name : {"a", "b", "c"}) files.push_back(write_state(name, {name}));
  ASSERT_TRUE(log.publish(manifest_of(log, {files[0]})).ok());
  ASSERT_TRUE(log.publish(manifest_of(log, {files[0], files[1]})).ok());
  ASSERT_TRUE(log.publish(manifest_of(log, {files[1], files[2]})).ok());
  write_state("unpublished", {"x"});
  ASSERT_TRUE(log.prune(2).ok());
  EXPECT_EQ(fs_->list(join_path(root_, "state")).value().size(), 4u);
  ASSERT_TRUE(log.prune(1).ok());
  EXPECT_FALSE(exists(*fs_, join_path(root_, "state/a")));
  ASSERT_TRUE(log.claim(identity(2)).ok());
  EXPECT_EQ(fs_->list(join_path(root_, "state")).value().size(), 2u);
  EXPECT_EQ(log.newest(&warnings_).value()->id, CheckpointId(4));
}

TEST_F(CheckpointLogTest, savepoint_is_whole_by_itself_and_refused_when_damaged) {
  const std::string directory = join_path(root_, "snapshots/s1");
  StateFileWriter writer(*fs_, directory, "state/a");
  ASSERT_TRUE(writer.append("chunk").ok());
  Manifest manifest{.identity = identity(1), .savepoint = true};
  manifest.operators.push_back({.uid = "u"});
  manifest.operators[0].keyed["s/0"] = {writer.finish().value()};
  ASSERT_TRUE(write_savepoint(*fs_, directory, manifest).ok());
  ASSERT_TRUE(fs_->rename(directory, join_path(root_, "moved")).ok());
  EXPECT_EQ(read_savepoint(*fs_, join_path(root_, "moved")).value().operators[0].uid, "u");
  EXPECT_GT(savepoint_size_bytes(*fs_, join_path(root_, "moved")).value(), 100);

  ASSERT_TRUE(fs_->remove(join_path(root_, "moved/state/a")).ok());
  EXPECT_EQ(read_savepoint(*fs_, join_path(root_, "moved")).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(read_savepoint(*fs_, join_path(root_, "none")).error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace raudal::state
