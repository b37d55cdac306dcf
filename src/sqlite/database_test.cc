#include "sqlite/database.h"

#include <stdlib.h>

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/fs.h"

namespace raudal::sqlite {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() {
    char name[] = "/tmp/raudal-sqlite-XXXXXX";
    root_ = ::mkdtemp(name);
    path_ = join_path(root_, "database");
  }
  ~DatabaseTest() override { (void)fs_->remove_all(root_); }

  Database open(TextAs text_as = TextAs::kText) {
    return Database::open(path_, {.name = "test", .text_as = text_as}).value();
  }

  int64_t rows(Database& database) {
    Statement count = database.query("SELECT count(*) FROM t").value();
    EXPECT_TRUE(count.step().value());
    return count.int_at(0);
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string root_;
  std::string path_;
};

TEST_F(DatabaseTest, values_read_back_as_they_were_bound) {
  Database database = open();
  const std::string zero("a\0b", 3);
  Statement row = database.query("SELECT ?, ?, ?, ?, ?", int64_t{-1}, zero, std::string_view(),
                                 std::optional<std::string>(), std::optional<int64_t>(5)).value();
  ASSERT_TRUE(row.step().value());
  EXPECT_EQ(row.int_at(0), -1);
  EXPECT_EQ(row.text_at(1), zero);
  EXPECT_FALSE(row.null_at(2));
  EXPECT_EQ(row.optional_text_at(3), std::nullopt);
  EXPECT_EQ(row.optional_int_at(4), 5);
}

TEST_F(DatabaseTest, text_is_bound_as_the_owner_says) {
  for (const auto& [text_as, type] : {std::pair{TextAs::kText, "text"}, std::pair{TextAs::kBlob, "blob"}}) {
    Database database = open(text_as);
    Statement row = database.query("SELECT typeof(?)", std::string("x")).value();
    ASSERT_TRUE(row.step().value());
    EXPECT_EQ(row.text_at(0), type);
  }
}

TEST_F(DatabaseTest, only_what_was_committed_stays) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t (x)").ok());
  for (const bool commit : {true, false}) {
    Transaction transaction = Transaction::begin(database).value();
    ASSERT_TRUE(database.run("INSERT INTO t VALUES (?)", int64_t{1}).ok());
    if (commit) {
      ASSERT_TRUE(transaction.commit().ok());
    }
  }
  EXPECT_EQ(rows(database), 1);
}

TEST_F(DatabaseTest, moved_transaction_ends_once) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t (x)").ok());
  {
    Transaction first = Transaction::begin(database).value();
    Transaction second = std::move(first);
    ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)").ok());
    ASSERT_TRUE(second.commit().ok());
  }
  EXPECT_EQ(rows(database), 1);
}

TEST_F(DatabaseTest, full_disk_is_named) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t (x); PRAGMA max_page_count = 3").ok());
  const Status status = database.run("INSERT INTO t VALUES (?)", std::string(1 << 20, 'x'));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kDiskFull);
  EXPECT_NE(status.error().message().find("The test failed: the disk is full"), std::string::npos);
}

TEST_F(DatabaseTest, damaged_file_is_named) {
  ASSERT_TRUE(write_file_durably(*fs_, path_, std::string(4096, 'x')).ok());
  const auto opened = Database::open(path_, {.name = "test"});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace raudal::sqlite
