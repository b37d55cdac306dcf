#include "cluster/restore_choice.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "cluster/checkpoint_keeper.h"
#include "cluster/cluster_spec.h"

namespace raudal::cluster {
namespace {

using ::testing::HasSubstr;

std::string big_endian(uint64_t value, int width) {
  std::string bytes;
  for (int i = width - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
std::string utf(const std::string& text) { return big_endian(text.size(), 2) + text; }

// Metadata of format 3 whose one operator has one subtask with one keyed state, which lies in `file`.
std::string metadata_naming(const std::string& file, int64_t size) {
  std::string text = big_endian(0x4960672d, 4) + big_endian(3, 4) + big_endian(1, 8) + big_endian(0, 4);
  text += big_endian(1, 4) + std::string(16, 'i') + big_endian(1, 4) + big_endian(128, 4) + '\0';
  text += big_endian(1, 4) + big_endian(0, 4);  // one subtask, number 0
  text += big_endian(0, 4) + big_endian(0, 4);  // no operator states
  text += '\3' + big_endian(0, 4) + big_endian(1, 4) + big_endian(0, 8);
  text += '\2' + big_endian(static_cast<uint64_t>(size), 8) + utf(file);
  text += '\0';                                       // no raw keyed state
  return text + big_endian(0, 4) + big_endian(0, 4);  // no channel states
}

class RestoreChoiceTest : public ::testing::Test {
 protected:
  RestoreChoiceTest() {
    char name[] = "/tmp/raudal-restore-XXXXXX";
    root_ = ::mkdtemp(name);
    run_ = join_path(root_, "run");
    launch_.identity = {.application = "a", .run = RunNumber(1), .incarnation = Incarnation(2)};
    checkpoints_ = checkpoints_of(run_, engine::job_id_of(launch_.identity));
    CHECK(fs_->make_directories(join_path(checkpoints_, "shared")).ok());
  }
  ~RestoreChoiceTest() override { (void)fs_->remove_all(root_); }

  void write(const std::string& path, const std::string& bytes) {
    CHECK(fs_->make_directories(parent_directory(path)).ok() && write_file_durably(*fs_, path, bytes).ok());
  }
  std::string shared(const std::string& name) { return join_path(checkpoints_, "shared/" + name); }
  std::string chk(int number) { return join_path(checkpoints_, "chk-" + std::to_string(number)); }
  // A checkpoint that refers to shared/<file>, which is made with 5 bytes.
  void checkpoint(int number, const std::string& file) {
    write(shared(file), "state");
    write(join_path(chk(number), kMetadataFile), metadata_naming("file:" + shared(file), 5));
  }
  std::string snapshot(const std::string& below = "") {
    const std::string folder = join_path(root_, "snapshot");
    write(join_path(folder, "data"), "state");
    write(join_path(join_path(folder, below), kMetadataFile),
          metadata_naming("file://" + join_path(folder, "data"), 5));
    return folder;
  }
  Restore choose() {
    auto restore = choose_restore(*fs_, run_, launch_);
    EXPECT_TRUE(restore.ok()) << restore.error().message();
    return restore.ok() ? *restore : Restore{};
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string root_, run_, checkpoints_;
  engine::LaunchFile launch_;
};

TEST_F(RestoreChoiceTest, nothing_is_there_and_nothing_is_restored) {
  EXPECT_EQ(choose().path, "");
  CHECK(fs_->make_directories(chk(1)).ok());  // a checkpoint that was never completed
  EXPECT_EQ(choose().path, "");
}

TEST_F(RestoreChoiceTest, newest_by_number_wins_over_the_starting_snapshot) {
  launch_.restore_path = snapshot();
  EXPECT_EQ(choose().path, launch_.restore_path);
  EXPECT_FALSE(choose().own_checkpoint);
  checkpoint(9, "a");
  checkpoint(10, "b");
  const Restore restore = choose();
  EXPECT_EQ(restore.path, chk(10));
  EXPECT_TRUE(restore.own_checkpoint);
  EXPECT_EQ(restore.checkpoint_id, 10);
}

TEST_F(RestoreChoiceTest, what_cannot_be_read_is_passed_over_and_set_aside) {
  checkpoint(1, "a");
  checkpoint(2, "b");
  checkpoint(3, "c");
  CHECK(fs_->remove(shared("c")).ok());
  write(shared("b"), "cut");
  const Restore restore = choose();
  EXPECT_EQ(restore.path, chk(1));
  ASSERT_EQ(restore.passed_over.size(), 2u);
  EXPECT_THAT(restore.passed_over[0].why, HasSubstr("is gone"));
  EXPECT_THAT(restore.passed_over[1].why, HasSubstr("3 of 5 bytes"));
  ASSERT_TRUE(set_aside_passed_over(*fs_, restore).ok());
  EXPECT_FALSE(exists(*fs_, chk(3)));
  EXPECT_TRUE(exists(*fs_, join_path(checkpoints_, "unreadable-chk-3")));
  EXPECT_TRUE(choose().passed_over.empty());
}

TEST_F(RestoreChoiceTest, an_older_one_never_takes_the_place_of_one_that_cannot_be_looked_at) {
  checkpoint(1, "a");
  CHECK(fs_->make_directories(join_path(chk(2), kMetadataFile)).ok());  // a folder: it opens, and cannot be read
  const auto restore = choose_restore(*fs_, run_, launch_);
  ASSERT_FALSE(restore.ok());
  EXPECT_EQ(restore.error().code(), ErrorCode::kIo);
  EXPECT_THAT(restore.error().message(), HasSubstr("chk-2"));
}

TEST_F(RestoreChoiceTest, never_empty_when_no_checkpoint_can_be_read) {
  launch_.restore_path = snapshot();
  checkpoint(1, "a");
  write(join_path(chk(1), kMetadataFile), "damaged");
  const auto restore = choose_restore(*fs_, run_, launch_);
  ASSERT_FALSE(restore.ok());
  EXPECT_EQ(restore.error().code(), ErrorCode::kCorrupt);
  EXPECT_THAT(restore.error().message(), HasSubstr("does not start without its state"));
}

TEST_F(RestoreChoiceTest, snapshot_may_lie_one_level_below_and_must_be_whole) {
  launch_.restore_path = snapshot("savepoint-1234-abcd");
  EXPECT_EQ(choose().path, join_path(launch_.restore_path, "savepoint-1234-abcd"));
  CHECK(fs_->remove(join_path(launch_.restore_path, "data")).ok());
  EXPECT_EQ(choose_restore(*fs_, run_, launch_).error().code(), ErrorCode::kCorrupt);
  launch_.restore_path = join_path(root_, "gone");
  EXPECT_EQ(choose_restore(*fs_, run_, launch_).error().code(), ErrorCode::kNotFound);
}

TEST_F(RestoreChoiceTest, several_jobs_start_without_state) {
  checkpoint(1, "a");
  launch_.flink.many_jobs = true;
  EXPECT_EQ(choose().path, "");
  launch_.restore_path = snapshot();
  EXPECT_EQ(choose_restore(*fs_, run_, launch_).error().code(), ErrorCode::kInvalidApplicationConfiguration);
}

TEST_F(RestoreChoiceTest, size_counts_each_file_once) {
  const std::string folder = snapshot();
  const auto whole = inspect_snapshot(*fs_, folder);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->size_bytes, 5 + fs_->info(join_path(folder, kMetadataFile))->size_bytes);
}

// All files that are there are older than an incarnation that begins in an hour.
constexpr int64_t kLaterUs = int64_t{1} << 60;

TEST_F(RestoreChoiceTest, predecessors_checkpoints_go_once_there_are_three_new_ones) {
  checkpoint(1, "old");
  checkpoint(2, "kept");
  checkpoint(3, "new");
  checkpoint(4, "new");
  CheckpointKeeper keeper(*fs_, checkpoints_, 2, kLaterUs);
  EXPECT_EQ(keeper.tidy()->num_checkpoints, 0);
  checkpoint(5, "kept");
  write(join_path(checkpoints_, "taskowned/t"), "x");
  const auto tidied = keeper.tidy();
  ASSERT_TRUE(tidied.ok());
  EXPECT_EQ(tidied->num_checkpoints, 2);
  EXPECT_EQ(tidied->num_files, 1);
  EXPECT_FALSE(exists(*fs_, chk(1)));
  EXPECT_FALSE(exists(*fs_, shared("old")));
  EXPECT_TRUE(exists(*fs_, shared("kept")));
  EXPECT_TRUE(exists(*fs_, join_path(checkpoints_, "taskowned/t")));
  EXPECT_EQ(keeper.tidy()->num_checkpoints, 0);
}

TEST_F(RestoreChoiceTest, files_of_this_incarnation_and_doubtful_ones_stay) {
  for (int number = 3; number <= 5; ++number) checkpoint(number, "new");
  write(shared("in the making"), "x");
  CheckpointKeeper young(*fs_, checkpoints_, 2, 0);
  EXPECT_EQ(young.tidy()->num_files, 0);
  write(join_path(chk(4), kMetadataFile), "damaged");
  CheckpointKeeper doubtful(*fs_, checkpoints_, 2, kLaterUs);
  EXPECT_FALSE(doubtful.tidy().ok());
  EXPECT_TRUE(exists(*fs_, shared("in the making")));
}

}  // namespace
}  // namespace raudal::cluster
