#include "connectors/filesystem/file_source.h"

#include "connectors/filesystem/table_folder.h"

namespace raudal::connectors::filesystem {
namespace {

using column::Type;
using column::TypeKind;
using connector::SourceDriver;
using Rows = std::vector<std::string>;

std::string line(int64_t value) { return std::to_string(value) + "\n"; }

std::string lines(int64_t begin, int64_t end) {
  std::string text;
  for (int64_t value = begin; value < end; ++value) text += line(value);
  return text;
}

class FileSource : public TableFolder {};

TEST_F(FileSource, reads_all_files_oldest_first_but_hidden_ones) {
  write("b.json", line(1), 30);
  write("a.json", line(2) + line(3), 20);
  write("deep/er/c.json", "4", 10);
  write(".hidden", line(9));
  write("_SUCCESS", "no json");
  write("_temporary/x.json", line(9));
  write("deep/.d.json", line(9));
  write("empty.json", "");
  const auto rows = read(table());
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(*rows, (Rows{"1", "2", "3", "4"}));
  EXPECT_EQ(*read(table({{"path", "file://" + folder_ + "/b.json"}})), Rows{"1"});
  EXPECT_EQ(read(table(), 3)->size(), 4u);
}

TEST_F(FileSource, yields_each_row_once_whenever_it_is_restored) {
  for (int file = 0; file < 5; ++file) {
    write("f" + std::to_string(file), lines(file * 50, file * 50 + 50), 60 - file);
  }
  const auto opened = source(table());
  const auto checked = check_source(**opened, clock_, *read(table()), 200);
  EXPECT_TRUE(checked.ok()) << checked.error().message();
}

TEST_F(FileSource, reads_records_longer_than_a_block) {
  const std::string filler(3'000'000, ' ');
  write("long", line(1) + filler + line(2) + lines(3, 200'000));
  const auto rows = read(table());
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  ASSERT_EQ(rows->size(), 199'999u);
  for (size_t i = 0; i < rows->size(); ++i) ASSERT_EQ((*rows)[i], std::to_string(i + 1));
}

TEST_F(FileSource, does_not_read_what_is_appended_after_it_found_a_file) {
  write("f", lines(0, 10));
  const auto opened = source(table());
  SourceDriver driver(**opened, clock_, {.batch_rows_max = 3});
  ASSERT_TRUE(driver.open_fresh().ok());
  ASSERT_TRUE(driver.step().ok());
  write("f", lines(0, 20));
  ASSERT_TRUE(driver.run().ok());
  EXPECT_EQ(driver.rows().size(), 10u);
}

TEST_F(FileSource, watches_for_new_files_and_reads_each_once) {
  const connector::Table watched = table({{"source.monitor-interval", "1 s"}});
  write("a", lines(0, 10), 100);
  const auto opened = source(watched);
  ASSERT_TRUE(opened.ok());
  EXPECT_FALSE((*opened)->bounded());
  const auto run_until_idle = [](SourceDriver& driver) {
    for (int step = 0; step < 40; ++step) ASSERT_TRUE(*driver.step());
  };
  SourceDriver first(**opened, clock_, {.parallelism = 2});
  ASSERT_TRUE(first.open_fresh().ok());
  run_until_idle(first);
  EXPECT_EQ(first.rows().size(), 10u);
  write("b", lines(10, 15), 50);
  write("c", lines(15, 20), 40);
  run_until_idle(first);
  EXPECT_EQ(first.rows().size(), 20u);
  // The restored reader knows what was read, at any parallelism; a file that came meanwhile is new.
  const auto state = first.snapshot();
  write("d", lines(20, 21), 30);
  SourceDriver second(**opened, clock_, {.parallelism = 3});
  ASSERT_TRUE(second.open_restored(*state).ok());
  run_until_idle(second);
  EXPECT_EQ(second.rows(), Rows{"20"});
}

TEST_F(FileSource, says_which_path_of_which_table_is_missing) {
  const auto rows = read(table({{"path", folder_ + "/nowhere"}}));
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code(), ErrorCode::kSourceMissing);
  EXPECT_NE(rows.error().message().find("'t'"), std::string::npos);
  EXPECT_NE(rows.error().message().find(folder_ + "/nowhere"), std::string::npos);
}

TEST_F(FileSource, says_where_a_record_does_not_decode_after_the_rows_before_it) {
  write("f", lines(0, 5) + "one\n" + lines(6, 9));
  const auto opened = source(table());
  SourceDriver driver(**opened, clock_, {});
  ASSERT_TRUE(driver.open_fresh().ok());
  const Status status = driver.run();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kDecode);
  EXPECT_EQ(driver.rows().size(), 5u);
  for (const char* part : {"'t'", "/f, line 6, byte 10", "one"}) {
    EXPECT_NE(status.error().message().find(part), std::string::npos) << status.error().message();
  }
  EXPECT_EQ(read(table({{"lines.ignore-parse-errors", "true"}}))->size(), 8u);
}

TEST_F(FileSource, reads_partition_columns_from_folder_names) {
  write("day=2026-01-01/kind=a%3Db/f", line(1), 30);
  write("day=2026-01-02/kind=__DEFAULT_PARTITION__/f", line(2), 20);
  write("elsewhere/f", line(3), 10);
  connector::Table partitioned = table();
  partitioned.columns = {{"day", Type(TypeKind::kDate)}, {"v", Type(TypeKind::kBigInt)}, {"kind", Type::string()}};
  partitioned.partition_keys = {"day", "kind"};
  const auto rows = read(partitioned);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(*rows, (Rows{"2026-01-01\t1\ta=b", "2026-01-02\t2\t<NULL>"}));
}

TEST_F(FileSource, takes_only_paths_that_match_the_pattern) {
  write("a.json", line(1));
  write("a.txt", line(2));
  EXPECT_EQ(*read(table({{"source.path.regex-pattern", ".*\\.json"}})), Rows{"1"});
  EXPECT_EQ(source(table({{"source.path.regex-pattern", "("}})).error().code(), ErrorCode::kSqlOption);
}

TEST_F(FileSource, refuses_other_schemes_and_bad_options) {
  EXPECT_EQ(source(table({{"path", "s3://bucket/key"}})).error().code(), ErrorCode::kSqlUnsupported);
  EXPECT_EQ(source(table({{"source.monitor-interval", "0 s"}})).error().code(), ErrorCode::kSqlOption);
  EXPECT_EQ(source(table({{"lines.colour", "red"}})).error().code(), ErrorCode::kSqlOption);
}

TEST_F(FileSource, fails_where_a_file_that_is_being_read_was_cut_or_removed) {
  write("f", lines(0, 1000));
  const auto opened = source(table());
  SourceDriver driver(**opened, clock_, {.batch_rows_max = 10});
  ASSERT_TRUE(driver.open_fresh().ok());
  ASSERT_TRUE(driver.step().ok());
  const auto state = driver.snapshot();
  write("f", lines(0, 10));
  SourceDriver cut(**opened, clock_, {});
  ASSERT_TRUE(cut.open_restored(*state).ok());
  EXPECT_EQ(cut.run().error().code(), ErrorCode::kConnector);
  ASSERT_TRUE(fs_->remove(folder_ + "/f").ok());
  SourceDriver removed(**opened, clock_, {});
  ASSERT_TRUE(removed.open_restored(*state).ok());
  EXPECT_EQ(removed.run().error().code(), ErrorCode::kSourceMissing);
}

TEST_F(FileSource, refuses_state_that_it_cannot_read) {
  write("f", line(1));
  const auto opened = source(table());
  for (const std::string& item : {std::string("?"), std::string("\x01P123"), std::string("\x01" "D\x05")}) {
    SourceDriver driver(**opened, clock_, {});
    EXPECT_EQ(driver.open_restored({item}).error().code(), ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace raudal::connectors::filesystem
