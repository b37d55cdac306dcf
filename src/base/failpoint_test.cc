#include "base/failpoint.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/fs.h"

namespace raudal {
namespace {

// Runs in a process of its own: what is armed is read once.
template <class Body>
int in_child(const char* variable, const std::string& value, Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setenv(variable, value.c_str(), 1);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

Status pass(std::string_view name) {
  FAILPOINT(name);
  return {};
}

TEST(Failpoint, fires_at_the_chosen_passage) {
  EXPECT_EQ(in_child("RAUDAL_FAILPOINTS", "a=error@2;b=kill", [] {
              const bool first = pass("a").ok(), second = pass("a").ok(), third = pass("a").ok();
              return first && !second && third ? 7 : 1;
            }), 7);
  EXPECT_EQ(in_child("RAUDAL_FAILPOINTS", "a=error@2;b=kill", [] { return pass("b").ok() ? 1 : 2; }), -SIGKILL);
}

TEST(Failpoint, a_line_of_the_file_fires_once_for_all_processes) {
  char folder[] = "/tmp/raudal-failpoint-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  auto fs = posix_fs();
  const std::string file = std::string(folder) + "/armed";
  ASSERT_TRUE(write_file_durably(*fs, file, "a=skip\nb=skip\na=skip\n").ok());
  const auto count = [] { return (failpoint_skips("a") ? 1 : 0) + (failpoint_skips("c") ? 10 : 0); };
  EXPECT_EQ(in_child("RAUDAL_FAILPOINT_FILE", file, count), 1);
  EXPECT_EQ(in_child("RAUDAL_FAILPOINT_FILE", file, count), 1);
  EXPECT_EQ(in_child("RAUDAL_FAILPOINT_FILE", file, count), 0);
  EXPECT_EQ(read_file(*fs, file).value(), "b=skip\n");
  (void)fs->remove_all(folder);
}

}  // namespace
}  // namespace raudal
