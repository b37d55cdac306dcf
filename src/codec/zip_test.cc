#include "codec/zip.h"

#include <stdlib.h>

#include <cstring>
#include <memory>

#include <gtest/gtest.h>

#include "codec/digest.h"

namespace raudal::codec {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

class ZipTest : public testing::Test {
 protected:
  ZipTest() {
    char name[] = "/tmp/raudal_zip_XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  ~ZipTest() override { EXPECT_TRUE(fs_->remove_all(directory_).ok()); }

  Result<std::vector<std::string>> unpack(std::string_view bytes, const ZipLimits& limits = {}) {
    const std::string path = directory_ + "/code.zip";
    EXPECT_TRUE(write_file_durably(*fs_, path, bytes).ok());
    EXPECT_TRUE(fs_->remove_all(directory_ + "/out").ok());
    return unpack_zip(*fs_, path, directory_ + "/out", limits);
  }

  void expect_refused(std::string_view bytes, std::string_view why, const ZipLimits& limits = {}) {
    const auto files = unpack(bytes, limits);
    ASSERT_FALSE(files.ok()) << why;
    EXPECT_EQ(files.error().code(), ErrorCode::kCodeValidation);
    EXPECT_NE(files.error().message().find(why), std::string::npos) << files.error().message();
    EXPECT_FALSE(exists(*fs_, directory_ + "/evil"));
  }

  std::string zip_of(const Entries& entries) { return make_zip(entries).value(); }

  const std::unique_ptr<Fs> fs_ = posix_fs();
  std::string directory_;
};

// Replaces all occurrences, as a tool for making archives that no honest tool makes.
std::string replaced(std::string bytes, const std::string& from, const std::string& to) {
  EXPECT_EQ(from.size(), to.size());
  EXPECT_NE(bytes.find(from), std::string::npos);
  for (size_t at = 0; (at = bytes.find(from, at)) != std::string::npos; at += to.size()) {
    bytes.replace(at, from.size(), to);
  }
  return bytes;
}

TEST_F(ZipTest, unpacks_files_and_folders) {
  const auto files = unpack(zip_of({{"main.sql", "SELECT 1"}, {"lib/a/b.txt", "b"}, {"empty", ""}}));
  ASSERT_TRUE(files.ok()) << files.error().message();
  EXPECT_EQ(*files, (std::vector<std::string>{"empty", "lib/a/b.txt", "main.sql"}));
  EXPECT_EQ(read_file(*fs_, directory_ + "/out/main.sql").value(), "SELECT 1");
  EXPECT_EQ(read_file(*fs_, directory_ + "/out/lib/a/b.txt").value(), "b");
}

TEST_F(ZipTest, names_that_leave_the_folder_are_refused) {
  expect_refused(zip_of({{"../evil", "x"}}), "leads out of the folder");
  expect_refused(zip_of({{"a/../../evil", "x"}}), "leads out of the folder");
  expect_refused(zip_of({{"/tmp/evil", "x"}}), "absolute");
  expect_refused(zip_of({{"a\\evil", "x"}}), "backslash");
  expect_refused(zip_of({{"c:evil", "x"}}), "drive letter");
  expect_refused(zip_of({{"a//evil", "x"}}), "empty part");
}

TEST_F(ZipTest, names_that_collide_are_refused) {
  expect_refused(replaced(zip_of({{"aaaa", "1"}, {"bbbb", "2"}}), "bbbb", "aaaa"), "");
  expect_refused(replaced(zip_of({{"aaaa", "1"}, {"bbbb/c", "2"}}), "bbbb", "aaaa"), "file and a folder");
}

TEST_F(ZipTest, a_symbolic_link_is_refused) {
  std::string bytes = zip_of({{"link", "/etc/passwd"}});
  // External attributes stand in the central directory at offset 38; version-made-by's high byte is the system.
  const size_t central = bytes.find("PK\x01\x02");
  bytes[central + 5] = 3;
  const uint32_t attributes = 0120777u << 16;
  std::memcpy(&bytes[central + 38], &attributes, 4);
  expect_refused(bytes, "link or a device");
}

TEST_F(ZipTest, an_encrypted_entry_is_refused) {
  std::string bytes = zip_of({{"secret", "x"}});
  bytes[6] |= 1;
  bytes[bytes.find("PK\x01\x02") + 8] |= 1;
  expect_refused(bytes, "encrypted");
}

TEST_F(ZipTest, bombs_are_refused_by_what_they_inflate_to) {
  const std::string zeros(20 << 20, '\0');
  expect_refused(zip_of({{"bomb", zeros}}), "200 fold");
  expect_refused(zip_of({{"a", zeros}}), "more than 1000 bytes", {.total_bytes_max = 1000});
  expect_refused(zip_of({{"a", ""}, {"b", ""}}), "more than 1 entries", {.entries_max = 1});
}

TEST_F(ZipTest, a_lie_about_the_size_does_not_help_a_bomb) {
  std::string bytes = zip_of({{"bomb", std::string(5 << 20, '\0')}});
  const uint32_t small = 10;
  std::memcpy(&bytes[22], &small, 4);
  std::memcpy(&bytes[bytes.find("PK\x01\x02") + 24], &small, 4);
  expect_refused(bytes, "", {.total_bytes_max = 1 << 20});
}

TEST_F(ZipTest, damage_is_refused) {
  const std::string good = zip_of({{"main.sql", std::string(1000, 'a') + "b"}});
  expect_refused("not a zip", "no ZIP");
  expect_refused("", "no ZIP");
  expect_refused(good.substr(0, good.size() / 2), "no ZIP");
  std::string flipped = good;
  flipped[42] = static_cast<char>(flipped[42] ^ 0x40);
  expect_refused(flipped, "");
}

TEST_F(ZipTest, archive_that_was_written_into_a_pipe_is_unpacked) {
  // `printf 'SELECT 1;\n' > main.sql; zip -X - main.sql | cat`: sizes stand behind the data, not before it.
  const std::string bytes = unhex(
      "504b03041400080008008318225c00000000000000000a000000080000006d61696e2e73716c0b76f571750e5130b4e6"
      "0200504b07087fa90e500c0000000a000000504b01021e031400080008008318225c7fa90e500c0000000a0000000800"
      "00000000000001000000a481000000006d61696e2e73716c504b0506000000000100010036000000420000000000").value();
  EXPECT_EQ(unpack(bytes).value(), std::vector<std::string>{"main.sql"});
  EXPECT_EQ(read_file(*fs_, directory_ + "/out/main.sql").value(), "SELECT 1;\n");
}

TEST_F(ZipTest, absent_archive_is_not_found) {
  EXPECT_EQ(unpack_zip(*fs_, directory_ + "/none.zip", directory_ + "/out").error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace raudal::codec
