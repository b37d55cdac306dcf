// A folder of its own for a test of this connector, with a table on it; removed at the end.
#pragma once

#include <stdlib.h>
#include <utime.h>

#include <gtest/gtest.h>

#include "base/fs.h"
#include "connector/source_contract.h"
#include "connectors/filesystem/filesystem.h"
#include "connectors/filesystem/number_lines.h"

namespace raudal::connectors::filesystem {

class TableFolder : public testing::Test {
 protected:
  TableFolder() : fs_(posix_fs()) {
    char name[] = "/tmp/raudal-filesystem-XXXXXX";
    folder_ = ::mkdtemp(name);
    register_connector(registry_);
    registry_.add(number_lines());
  }
  ~TableFolder() override { EXPECT_TRUE(fs_->remove_all(folder_).ok()); }

  // Writes a file below the folder; its modification time is `age` seconds before a fixed moment.
  void write(const std::string& name, std::string_view bytes, int age = 0) {
    const std::string path = join_path(folder_, name);
    ASSERT_TRUE(fs_->make_directories(parent_directory(path)).ok());
    auto file = fs_->open(path, OpenMode::kCreate);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->append(bytes).ok());
    const utimbuf times{.actime = 1'700'000'000, .modtime = 1'700'000'000 - age};
    ASSERT_EQ(::utime(path.c_str(), &times), 0);
  }

  connector::Table table(connector::Options options = {}) const {
    options.emplace("connector", "filesystem");
    options.emplace("path", folder_);
    options.emplace("format", "lines");
    return {.name = "t", .columns = {{"v", column::Type(column::TypeKind::kBigInt)}}, .options = std::move(options)};
  }

  connector::Environment environment() {
    return {.fs = fs_.get(), .clock = &clock_, .registry = &registry_};
  }

  Result<std::unique_ptr<connector::Source>> source(const connector::Table& table) {
    return TRY(registry_.connector_of(table))->make_source(table, table.columns, environment());
  }

  // All rows of a bounded table, in order.
  Result<std::vector<std::string>> read(const connector::Table& table, int parallelism = 1) {
    const auto opened = TRY(source(table));
    connector::SourceDriver driver(*opened, clock_, {.parallelism = parallelism});
    TRY(driver.open_fresh());
    TRY(driver.run());
    return driver.rows();
  }

  const std::unique_ptr<Fs> fs_;
  std::string folder_;
  ManualClock clock_{1'767'225'600'000'000};
  connector::Registry registry_;
};

}  // namespace raudal::connectors::filesystem
