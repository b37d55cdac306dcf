#include "base/fs.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace raudal {
namespace {

class FsTest : public ::testing::Test {
 protected:
  FsTest() {
    char name[] = "/tmp/raudal-fs-XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~FsTest() override { (void)fs_->remove_all(root_); }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string root_;
};

TEST_F(FsTest, durable_write_replaces_the_file_and_leaves_nothing_beside_it) {
  const std::string path = join_path(root_, "a");
  ASSERT_TRUE(write_file_durably(*fs_, path, "one").ok());
  ASSERT_TRUE(write_file_durably(*fs_, path, "two").ok());
  EXPECT_EQ(read_file(*fs_, path).value(), "two");
  EXPECT_EQ(fs_->list(root_).value().size(), 1u);
}

TEST_F(FsTest, absent_and_existing_paths_have_codes) {
  EXPECT_EQ(read_file(*fs_, join_path(root_, "none")).error().code(), ErrorCode::kNotFound);
  ASSERT_TRUE(write_file_durably(*fs_, join_path(root_, "a"), "").ok());
  ASSERT_TRUE(write_file_durably(*fs_, join_path(root_, "b"), "").ok());
  EXPECT_EQ(fs_->link(join_path(root_, "a"), join_path(root_, "b")).error().code(), ErrorCode::kAlreadyExists);
}

}  // namespace
}  // namespace raudal
