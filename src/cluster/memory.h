// How the memory of a KPU is divided: 4 GiB, of which the guide gives 3 to the heap and 1 to native allocations. A JVM
// that is started by its main class is told every size, in its configuration and in its own flags, and both must agree:
// this is the one place that decides them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"

namespace raudal::cluster {

using Options = std::map<std::string, std::string>;  // Flink's configuration, key to value

// Sizes of a TaskManager, in bytes. They add up to what the process may use.
struct TaskManagerMemory {
  int64_t framework_heap = 0;
  int64_t task_heap = 0;
  int64_t framework_off_heap = 0;
  int64_t task_off_heap = 0;
  int64_t network = 0;
  int64_t managed = 0;  // RocksDB, batch operators, Python workers
  int64_t metaspace = 0;
  int64_t overhead = 0;

  int64_t heap() const { return framework_heap + task_heap; }
  int64_t direct() const { return framework_off_heap + task_off_heap + network; }
  int64_t total() const { return heap() + direct() + managed + metaspace + overhead; }
};

// Divides `total` bytes; `options` may fix parts (taskmanager.memory.*, as sizes or fractions). The heap of tasks is
// what remains. kInvalidApplicationConfiguration when nothing does, or a size cannot be read.
Result<TaskManagerMemory> divide_memory(int64_t total, const Options& options);

// The sizes as Flink's options, minima equal to maxima.
Options memory_options(const TaskManagerMemory& memory);

// Heap of the JobManager, where main() runs: jobmanager.memory.heap.size, or what its KPU leaves.
Result<int64_t> job_manager_heap(int64_t total, const Options& options);

}  // namespace raudal::cluster
