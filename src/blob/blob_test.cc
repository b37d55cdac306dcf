// The contract that every BlobStore passes, and what only a directory promises.
#include "blob/blob.h"

#include <stdlib.h>

#include <atomic>
#include <optional>
#include <thread>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "blob/directory_blob_store.h"
#include "blob/memory_blob_store.h"

namespace raudal::blob {
namespace {

class BlobContractTest : public testing::TestWithParam<std::string> {
 protected:
  BlobContractTest() {
    char name[] = "/tmp/raudal_blob_XXXXXX";
    directory_ = ::mkdtemp(name);
    if (GetParam() == "directory") {
      store_ = std::make_unique<DirectoryBlobStore>(*fs_, directory_ + "/store");
    } else {
      store_ = std::make_unique<MemoryBlobStore>();
    }
  }
  ~BlobContractTest() override { EXPECT_TRUE(fs_->remove_all(directory_).ok()); }

  std::vector<std::string> keys(const std::string& prefix) {
    std::vector<std::string> found;
    for (const BlobInfo& blob : store_->list(prefix).value()) found.push_back(blob.key);
    return found;
  }

  const std::unique_ptr<Fs> fs_ = posix_fs();
  std::string directory_;
  std::unique_ptr<BlobStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, BlobContractTest, testing::Values("directory", "memory"),
                         [](const auto& info) { return info.param; });

TEST_P(BlobContractTest, put_is_read_back_and_replaces) {
  ASSERT_TRUE(store_->put("a/b/c", "one").ok());
  EXPECT_EQ(store_->get("a/b/c").value(), "one");
  ASSERT_TRUE(store_->put("a/b/c", "").ok());
  EXPECT_EQ(store_->get("a/b/c").value(), "");
  EXPECT_EQ(store_->get("a/b").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(store_->get("a/b/d").error().code(), ErrorCode::kNotFound);
}

TEST_P(BlobContractTest, put_if_absent_lets_the_first_win) {
  ASSERT_TRUE(store_->put_if_absent("k", "first").ok());
  EXPECT_EQ(store_->put_if_absent("k", "second").error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->get("k").value(), "first");
}

TEST_P(BlobContractTest, of_many_at_once_one_wins) {
  std::vector<std::thread> threads;
  std::atomic<int> num_won{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        if (store_->put_if_absent(fmt::format("race/{}", i), std::to_string(t)).ok()) ++num_won;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_won, 20);
}

TEST_P(BlobContractTest, ranges_end_with_the_blob) {
  ASSERT_TRUE(store_->put("k", "0123456789").ok());
  EXPECT_EQ(store_->get_range("k", 2, 3).value(), "234");
  EXPECT_EQ(store_->get_range("k", 8, 100).value(), "89");
  EXPECT_EQ(store_->get_range("k", 10, 1).value(), "");
  EXPECT_EQ(store_->get_range("k", 100, 1).value(), "");
  const auto reader = store_->open("k").value();
  EXPECT_EQ(reader->size_bytes(), 10);
  std::string buffer(4, '\0');
  EXPECT_EQ(reader->read_at(8, buffer).value(), 2u);
}

TEST_P(BlobContractTest, a_reader_keeps_the_blob_it_opened) {
  ASSERT_TRUE(store_->put("k", "old").ok());
  const auto reader = store_->open("k").value();
  ASSERT_TRUE(store_->put("k", "new").ok());
  ASSERT_TRUE(store_->remove("k").ok());
  std::string buffer(3, '\0');
  ASSERT_TRUE(reader->read_at(0, buffer).ok());
  EXPECT_EQ(buffer, "old");
}

TEST_P(BlobContractTest, a_writer_shows_nothing_before_its_commit) {
  {
    const auto writer = store_->create("w/x").value();
    ASSERT_TRUE(writer->append("ab").ok());
    EXPECT_TRUE(keys("").empty());
  }
  EXPECT_TRUE(keys("").empty());
  const auto writer = store_->create("w/x").value();
  ASSERT_TRUE(writer->append("ab").ok());
  ASSERT_TRUE(writer->append("cd").ok());
  ASSERT_TRUE(writer->commit().ok());
  EXPECT_EQ(store_->get("w/x").value(), "abcd");
  const auto late = store_->create("w/x").value();
  EXPECT_EQ(late->commit_if_absent().error().code(), ErrorCode::kAlreadyExists);
}

TEST_P(BlobContractTest, list_is_sorted_and_by_any_prefix) {
  for (const char* key : {"b", "a/2", "a/10", "a-b/x", "a/b/c"}) ASSERT_TRUE(store_->put(key, key).ok());
  EXPECT_EQ(keys(""), (std::vector<std::string>{"a-b/x", "a/10", "a/2", "a/b/c", "b"}));
  EXPECT_EQ(keys("a/"), (std::vector<std::string>{"a/10", "a/2", "a/b/c"}));
  EXPECT_EQ(keys("a"), (std::vector<std::string>{"a-b/x", "a/10", "a/2", "a/b/c"}));
  EXPECT_EQ(keys("a/1"), std::vector<std::string>{"a/10"});
  EXPECT_EQ(keys("zz/"), std::vector<std::string>{});
  EXPECT_EQ(store_->list("a/10").value()[0].size_bytes, 4);
}

TEST_P(BlobContractTest, removing_what_is_absent_is_fine) {
  ASSERT_TRUE(store_->put("a/1", "x").ok());
  EXPECT_TRUE(store_->remove("a/1").ok());
  EXPECT_TRUE(store_->remove("a/1").ok());
  EXPECT_TRUE(store_->remove("none/at/all").ok());
  EXPECT_TRUE(store_->remove_prefix("none/").ok());
  EXPECT_FALSE(exists(*store_, "a/1"));
}

TEST_P(BlobContractTest, remove_prefix_takes_all_below_it) {
  for (const char* key : {"a/1", "a/b/2", "ab", "b"}) ASSERT_TRUE(store_->put(key, "").ok());
  ASSERT_TRUE(store_->remove_prefix("a/").ok());
  EXPECT_EQ(keys(""), (std::vector<std::string>{"ab", "b"}));
  ASSERT_TRUE(store_->put("a", "now a blob").ok());
}

TEST_P(BlobContractTest, bad_keys_are_refused) {
  for (const std::string& key : {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"),
                                 std::string("../a"), std::string("a/../b"), std::string("a\0b", 3),
                                 std::string("a/.tmp-1"), std::string(1025, 'a'), std::string(201, 'a')}) {
    EXPECT_EQ(store_->put(key, "x").error().code(), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(store_->get(key).error().code(), ErrorCode::kInvalidArgument) << key;
  }
}

TEST_P(BlobContractTest, a_file_is_copied_in) {
  const std::string bytes(3 << 20, 'z');
  ASSERT_TRUE(write_file_durably(*fs_, directory_ + "/f", bytes).ok());
  ASSERT_TRUE(store_->put_file("k", directory_ + "/f").ok());
  EXPECT_EQ(store_->get("k").value(), bytes);
  EXPECT_EQ(store_->put_file("k2", directory_ + "/none").error().code(), ErrorCode::kNotFound);
}

TEST(DirectoryBlobStore, left_over_temporary_files_are_hidden_and_cleaned_up) {
  char name[] = "/tmp/raudal_blob_XXXXXX";
  const std::string directory = ::mkdtemp(name);
  const auto fs = posix_fs();
  DirectoryBlobStore store(*fs, directory);
  ASSERT_TRUE(store.put("a/1", "x").ok());
  ASSERT_TRUE(write_file_durably(*fs, directory + "/a/.tmp-dead", "half").ok());
  EXPECT_EQ(store.list("").value().size(), 1u);
  const int64_t now_us = SystemClock().wall_us();
  ASSERT_TRUE(store.clean_up(now_us).ok());
  EXPECT_TRUE(exists(*fs, directory + "/a/.tmp-dead"));
  ASSERT_TRUE(store.clean_up(now_us + int64_t{7200} * 1'000'000).ok());
  EXPECT_FALSE(exists(*fs, directory + "/a/.tmp-dead"));
  EXPECT_EQ(store.get("a/1").value(), "x");
  EXPECT_TRUE(fs->remove_all(directory).ok());
}

TEST(MemoryBlobStore, fails_when_told_to) {
  MemoryBlobStore store;
  store.fail_writes(Error(ErrorCode::kDiskFull, "full"));
  EXPECT_EQ(store.put("k", "x").error().code(), ErrorCode::kDiskFull);
  store.fail_writes(std::nullopt);
  EXPECT_TRUE(store.put("k", "x").ok());
}

}  // namespace
}  // namespace raudal::blob
