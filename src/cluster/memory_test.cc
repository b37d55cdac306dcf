#include "cluster/memory.h"

#include <gtest/gtest.h>

#include "cluster/cluster_spec.h"

namespace raudal::cluster {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kKpu = 4096 * kMiB;

TEST(Memory, a_kpu_has_three_gib_of_heap_and_one_of_native_memory) {
  const auto memory = divide_memory(kKpu, {});
  ASSERT_TRUE(memory.ok());
  EXPECT_EQ(memory->heap(), 3072 * kMiB);
  EXPECT_EQ(memory->total(), kKpu);
}

TEST(Memory, small_process_still_has_a_heap) {
  const auto memory = divide_memory(1024 * kMiB, {});
  ASSERT_TRUE(memory.ok()) << memory.error().message();
  EXPECT_GT(memory->heap(), 512 * kMiB);
  EXPECT_EQ(memory->total(), 1024 * kMiB);
}

TEST(Memory, options_take_from_the_heap) {
  const auto memory = divide_memory(kKpu, {{"taskmanager.memory.managed.size", "1g"},
                                           {"taskmanager.memory.task.off-heap.size", "100m"},
                                           {"taskmanager.memory.jvm-metaspace.size", "300m"}});
  ASSERT_TRUE(memory.ok());
  EXPECT_EQ(memory->managed, 1024 * kMiB);
  EXPECT_EQ(memory->task_off_heap, 100 * kMiB);
  EXPECT_EQ(memory->metaspace, 300 * kMiB);
  EXPECT_EQ(memory->total(), kKpu);
}

TEST(Memory, fractions_are_of_flinks_part_and_keep_their_bounds) {
  const auto memory = divide_memory(kKpu, {{"taskmanager.memory.managed.fraction", "0.4"},
                                           {"taskmanager.memory.network.fraction", "0.5"},
                                           {"taskmanager.memory.network.max", "64m"}});
  ASSERT_TRUE(memory.ok());
  EXPECT_NEAR(static_cast<double>(memory->managed),
              0.4 * static_cast<double>(kKpu - memory->metaspace - memory->overhead), static_cast<double>(kMiB));
  EXPECT_EQ(memory->network, 64 * kMiB);
}

TEST(Memory, too_much_or_nonsense_is_refused) {
  EXPECT_FALSE(divide_memory(kKpu, {{"taskmanager.memory.managed.size", "5g"}}).ok());
  EXPECT_FALSE(divide_memory(kKpu, {{"taskmanager.memory.managed.size", "much"}}).ok());
  EXPECT_FALSE(divide_memory(kKpu, {{"taskmanager.memory.managed.fraction", "1.5"}}).ok());
  EXPECT_FALSE(job_manager_heap(kKpu, {{"jobmanager.memory.heap.size", "8g"}}).ok());
}

TEST(Memory, minima_equal_maxima_in_the_options) {
  const Options options = memory_options(*divide_memory(kKpu, {}));
  EXPECT_EQ(options.at("taskmanager.memory.network.min"), options.at("taskmanager.memory.network.max"));
  EXPECT_EQ(options.at("taskmanager.memory.jvm-overhead.min"), options.at("taskmanager.memory.jvm-overhead.max"));
  EXPECT_EQ(options.at("taskmanager.memory.framework.heap.size"), "134217728b");
}

TEST(Memory, each_process_has_that_of_one_kpu) {
  ClusterSpec spec;
  spec.launch.parallelism = 5;
  spec.launch.flink.parallelism_per_kpu = 2;
  spec.launch.memory_bytes_max = 3 * kKpu;  // as the control plane counts: of all KPUs
  EXPECT_EQ(spec.num_task_managers(), 3);
  EXPECT_EQ(spec.kpu_memory_bytes(), kKpu);
}

}  // namespace
}  // namespace raudal::cluster
