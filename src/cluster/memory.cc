#include "cluster/memory.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::cluster {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kTaskHeapMin = 64 * kMiB;
constexpr int64_t kJobManagerHeap = 1536 * kMiB;

Error bad(const std::string& why) { return Error(ErrorCode::kInvalidApplicationConfiguration, why); }

Result<int64_t> size_option(const Options& options, const std::string& key, int64_t otherwise) {
  const auto found = options.find(key);
  if (found == options.end()) return otherwise;
  const auto bytes = parse_bytes(found->second);
  if (!bytes || *bytes < 0) return bad(fmt::format("Not a size in bytes: {} = {}", key, found->second));
  return *bytes;
}

// A part that options give as a size, as a fraction with bounds, or not at all.
Result<int64_t> part(const Options& options, const std::string& name, int64_t whole, int64_t otherwise) {
  const std::string key = "taskmanager.memory." + name;
  const int64_t least = TRY(size_option(options, key + ".min", 0));
  const int64_t most = TRY(size_option(options, key + ".max", std::max(whole, least)));
  const auto fraction = options.find(key + ".fraction");
  if (fraction == options.end()) return std::clamp(std::max(otherwise, least), least, std::max(least, most));
  const auto share = parse_double(fraction->second);
  if (!share || *share < 0 || *share >= 1)
    return bad(fmt::format("Not a fraction: {}.fraction = {}", key, fraction->second));
  return std::clamp(static_cast<int64_t>(*share * static_cast<double>(whole)) / kMiB * kMiB, least,
                    std::max(least, most));
}

}  // namespace

Result<TaskManagerMemory> divide_memory(int64_t total, const Options& options) {
  const std::string prefix = "taskmanager.memory.";
  TaskManagerMemory memory;
  // A quarter is native; in small processes all parts shrink with it.
  const double scale = std::min(1.0, static_cast<double>(total) / static_cast<double>(4096 * kMiB));
  const auto scaled = [&](int64_t mib) { return std::max<int64_t>(static_cast<int64_t>(mib * scale), 32) * kMiB; };
  memory.metaspace = TRY(size_option(options, prefix + "jvm-metaspace.size", 256 * kMiB));
  memory.overhead = TRY(part(options, "jvm-overhead", total, scaled(192)));
  const int64_t flink = total - memory.metaspace - memory.overhead;
  memory.framework_heap = TRY(size_option(options, prefix + "framework.heap.size", scaled(128)));
  memory.framework_off_heap = TRY(size_option(options, prefix + "framework.off-heap.size", scaled(128)));
  memory.task_off_heap = TRY(size_option(options, prefix + "task.off-heap.size", 0));
  memory.network = TRY(part(options, "network", flink, scaled(128)));
  memory.managed = options.count(prefix + "managed.size") ? TRY(size_option(options, prefix + "managed.size", 0))
                                                          : TRY(part(options, "managed", flink, scaled(320)));
  memory.task_heap = total - memory.total();
  if (memory.task_heap < kTaskHeapMin) {
    return bad(
        fmt::format("The memory of a KPU, {} MiB, leaves {} MiB for the heap of tasks: the options "
                    "taskmanager.memory.* ask for too much",
                    total / kMiB, memory.task_heap / kMiB));
  }
  return memory;
}

Options memory_options(const TaskManagerMemory& memory) {
  const auto bytes = [](int64_t size) { return fmt::format("{}b", size); };
  const std::string prefix = "taskmanager.memory.";
  return {{prefix + "framework.heap.size", bytes(memory.framework_heap)},
          {prefix + "task.heap.size", bytes(memory.task_heap)},
          {prefix + "framework.off-heap.size", bytes(memory.framework_off_heap)},
          {prefix + "task.off-heap.size", bytes(memory.task_off_heap)},
          {prefix + "network.min", bytes(memory.network)},
          {prefix + "network.max", bytes(memory.network)},
          {prefix + "managed.size", bytes(memory.managed)},
          {prefix + "jvm-metaspace.size", bytes(memory.metaspace)},
          {prefix + "jvm-overhead.min", bytes(memory.overhead)},
          {prefix + "jvm-overhead.max", bytes(memory.overhead)}};
}

Result<int64_t> job_manager_heap(int64_t total, const Options& options) {
  const int64_t heap = TRY(size_option(options, "jobmanager.memory.heap.size", std::min(kJobManagerHeap, total / 2)));
  if (heap < kTaskHeapMin || heap > total) {
    return bad(
        fmt::format("jobmanager.memory.heap.size does not fit a KPU of {} MiB: {} MiB", total / kMiB, heap / kMiB));
  }
  return heap;
}

}  // namespace raudal::cluster
