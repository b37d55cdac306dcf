#include "base/process.h"

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace raudal {
namespace {

ExitStatus wait_for(Process& process, pid_t pid) {
  for (;;) {
    auto status = process.poll(pid).value();
    if (status) return *status;
    ::usleep(1000);
  }
}

TEST(Process, child_sees_its_environment_and_descriptors) {
  auto process = posix_process();
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t pid = process->spawn({.program = "/bin/sh", .arguments = {"-c", "echo $WORD >&7"},
                                    .environment = {{"WORD", "hello"}}, .descriptors = {{pipe_ends[1], 7}}}).value();
  EXPECT_EQ(wait_for(*process, pid).code, 0);
  char text[16] = {};
  EXPECT_EQ(::read(pipe_ends[0], text, sizeof text), 6);
  EXPECT_STREQ(text, "hello\n");
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST(Process, signal_reaches_the_whole_group) {
  auto process = posix_process();
  const pid_t pid = process->spawn({.program = "/bin/sh", .arguments = {"-c", "sleep 100 & wait"}}).value();
  ASSERT_TRUE(process->signal_group(pid, SIGKILL).ok());
  EXPECT_EQ(wait_for(*process, pid).signal, SIGKILL);
}

}  // namespace
}  // namespace raudal
