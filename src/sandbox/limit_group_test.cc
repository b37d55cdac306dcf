#include "sandbox/limit_group.h"

#include <gtest/gtest.h>

namespace raudal::sandbox {
namespace {

TEST(LimitGroup, own_folder_is_found_in_each_kind_of_tree) {
  const auto trees = control_trees(
      "25 1 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
      "26 25 0:21 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory\n"
      "27 25 0:22 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
      "28 25 0:23 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n");
  ASSERT_EQ(trees.size(), 3u);
  const std::string own = "4:memory:/\n3:cpu,cpuacct:/docker/abc/inner\n0::/user.slice/service\n";
  EXPECT_EQ(own_folder(trees[0], own), "/sys/fs/cgroup/memory");
  EXPECT_EQ(own_folder(trees[1], own), "/sys/fs/cgroup/cpu/inner");
  EXPECT_EQ(own_folder(trees[2], own), "/sys/fs/cgroup/unified/user.slice/service");
  EXPECT_EQ(own_folder(trees[1], "3:cpu,cpuacct:/elsewhere\n"), "");
  EXPECT_EQ(own_folder(trees[2], "0::/../outside\n"), "");
  EXPECT_EQ(own_folder(trees[2], "4:memory:/\n"), "");
}

TEST(LimitGroup, without_limits_there_is_no_group) {
  EXPECT_TRUE(make_limit_group("raudal-test-none", {}).value().folders.empty());
}

}  // namespace
}  // namespace raudal::sandbox
