#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/str.h"
#include "flink/pretend_machine.h"

namespace raudal::flink {

PretendMachine::PretendMachine() {
  char name[] = "/tmp/raudal-flink-XXXXXX";
  root_ = ::mkdtemp(name);
  EXPECT_TRUE(fs_->make_directories(path("bin")).ok());
  EXPECT_TRUE(fs_->make_directories(path("jvm")).ok());
}

PretendMachine::~PretendMachine() { (void)fs_->remove_all(root_); }

std::string PretendMachine::path(const std::string& name) const { return join_path(root_, name); }

Surroundings PretendMachine::surroundings() const {
  return {.java_home = "", .path = {path("bin")}, .jvm_directory = path("jvm")};
}

void PretendMachine::put_program(const std::string& name, const std::string& script) {
  const std::string file = path("bin/" + name);
  EXPECT_TRUE(write_file_durably(*fs_, file, "#!/bin/sh\nROOT=" + root_ + "\n" + script).ok());
  EXPECT_EQ(::chmod(file.c_str(), 0755), 0);
}

void PretendMachine::remove_program(const std::string& name) { EXPECT_TRUE(fs_->remove(path("bin/" + name)).ok()); }

void PretendMachine::put_jdk(const std::string& version) {
  const std::string home = "jvm/java-" + version;
  put_file(home + "/release", "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
  put_file(home + "/bin/java", "#!/bin/sh\n");
  EXPECT_EQ(::chmod(path(home + "/bin/java").c_str(), 0755), 0);
}

void PretendMachine::put_file(const std::string& name, const std::string& text) {
  EXPECT_TRUE(fs_->make_directories(parent_directory(path(name))).ok());
  const bool jar = name.ends_with(".jar") && text.empty();
  const std::string empty_archive = "PK\5\6" + std::string(18, '\0');
  EXPECT_TRUE(write_file_durably(*fs_, path(name), jar ? empty_archive : text).ok());
}

std::string PretendMachine::read(const std::string& name) {
  const auto text = read_file(*fs_, path(name));
  return text.ok() ? *text : "";
}

int PretendMachine::num_lines(const std::string& name) { return static_cast<int>(split(read(name), '\n').size()) - 1; }

bool PretendMachine::wait_for(const std::string& name) {
  const SystemClock clock;
  const int64_t deadline = clock.monotonic_ns() + int64_t{10} * 1'000'000'000;
  while (!exists(*fs_, path(name))) {
    if (clock.monotonic_ns() > deadline) return false;
    ::usleep(5'000);
  }
  return true;
}

int PretendMachine::num_entries(const std::string& ending) {
  const auto entries = fs_->list(path("data/flink"));
  int found = 0;
  if (!entries.ok()) return 0;
  for (const FileInfo& entry : *entries) found += entry.name.ends_with(ending) ? 1 : 0;
  return found;
}

namespace {

TEST(Surroundings, javas_that_a_release_does_not_know_are_not_taken) {
  PretendMachine machine;
  machine.put_jdk("25.0.3");
  const auto none = find_jdk(machine.fs(), machine.surroundings(), {17, 11, 21});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(none.error().message().find("openjdk-17-jre-headless"), std::string::npos);
  EXPECT_NE(none.error().message().find("25.0.3 in "), std::string::npos);
  machine.put_jdk("11.0.2");
  machine.put_jdk("17.0.15");
  EXPECT_EQ(find_jdk(machine.fs(), machine.surroundings(), {17, 11, 21})->version, "17.0.15");
  EXPECT_EQ(find_jdk(machine.fs(), machine.surroundings(), {11, 17})->major, 11);
}

TEST(Surroundings, java_home_and_path_come_before_what_lies_side_by_side) {
  PretendMachine machine;
  machine.put_jdk("17.0.1");
  machine.put_jdk("17.0.2");
  machine.put_jdk("1.8.0_392");
  Surroundings surroundings = machine.surroundings();
  EXPECT_EQ(find_jdk(machine.fs(), surroundings, {17})->version, "17.0.1");
  ASSERT_EQ(::symlink(machine.path("jvm/java-17.0.2/bin/java").c_str(), machine.path("bin/java").c_str()), 0);
  EXPECT_EQ(find_jdk(machine.fs(), surroundings, {17})->version, "17.0.2");
  surroundings.java_home = machine.path("jvm/java-17.0.1");
  EXPECT_EQ(find_jdk(machine.fs(), surroundings, {17})->version, "17.0.1");
  EXPECT_EQ(find_jdk(machine.fs(), surroundings, {8})->version, "1.8.0_392");
  EXPECT_EQ(list_jdks(machine.fs(), surroundings).size(), 3u);
}

}  // namespace
}  // namespace raudal::flink
