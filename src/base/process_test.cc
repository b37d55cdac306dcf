#include "base/process.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/fs.h"

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

// Whether this host allows a mount namespace with an overlay over /etc; a container often does not.
bool overlay_works() {
  return std::system("d=$(mktemp -d) && unshare -m sh -c \"mount -t tmpfs t $d && mkdir $d/u $d/w && "
                     "mount -t overlay o -o lowerdir=/etc,upperdir=$d/u,workdir=$d/w /etc\" 2>/dev/null; "
                     "e=$?; rmdir $d; exit $e") == 0;
}

TEST(Process, overlay_file_is_seen_by_the_child_alone) {
  char folder[] = "/tmp/raudal-process-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string root = folder;
  auto fs = posix_fs();
  ASSERT_TRUE(write_file_durably(*fs, root + "/shown", "own").ok());
  auto process = posix_process();
  const pid_t pid = process->spawn({.program = "/bin/sh",
                                    .arguments = {"-c", "cat /etc/raudal-test/properties"},
                                    .output_file = root + "/output",
                                    .overlay_files = {{"/etc/raudal-test/properties", root + "/shown"}},
                                    .overlay_scratch = root + "/mounts"}).value();
  wait_for(*process, pid);
  const std::string seen = read_file(*fs, root + "/output").value();
  if (overlay_works()) EXPECT_EQ(seen, "own");
  EXPECT_FALSE(exists(*fs, "/etc/raudal-test"));
  (void)fs->remove_all(root);
}

TEST(Process, signal_reaches_the_whole_group) {
  auto process = posix_process();
  const pid_t pid = process->spawn({.program = "/bin/sh", .arguments = {"-c", "sleep 100 & wait"}}).value();
  ASSERT_TRUE(process->signal_group(pid, SIGKILL).ok());
  EXPECT_EQ(wait_for(*process, pid).signal, SIGKILL);
}

}  // namespace
}  // namespace raudal
