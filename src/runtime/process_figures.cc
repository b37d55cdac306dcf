#include "runtime/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <mutex>

#include "obs/metric_names.h"

namespace raudal::runtime {
namespace {

// Numbers of a file of /proc, by position; -1 where there is none.
int64_t proc_number(const char* path, int position) {
  std::FILE* const file = std::fopen(path, "r");
  if (!file) return -1;
  long long number = -1;
  for (int i = 0; i <= position && number != -2; ++i) {
    if (std::fscanf(file, "%lld", &number) != 1) number = -2;
  }
  std::fclose(file);
  return number < 0 ? -1 : number;
}

// The share of one processor that was used between two looks.
class CpuLoad {
 public:
  explicit CpuLoad(const Clock& clock) : clock_(clock), wall_ns_(clock.monotonic_ns()), cpu_ns_(cpu_time_ns()) {}

  double read() {
    std::lock_guard lock(mutex_);
    const int64_t wall_ns = clock_.monotonic_ns();
    const int64_t cpu_ns = cpu_time_ns();
    if (wall_ns - wall_ns_ >= kSpanNs) {
      load_ = static_cast<double>(cpu_ns - cpu_ns_) / static_cast<double>(wall_ns - wall_ns_);
      wall_ns_ = wall_ns;
      cpu_ns_ = cpu_ns;
    }
    return load_;
  }

 private:
  static constexpr int64_t kSpanNs = 500'000'000;

  const Clock& clock_;
  std::mutex mutex_;
  int64_t wall_ns_;
  int64_t cpu_ns_;
  double load_ = 0;
};

}  // namespace

int64_t resident_bytes() {
  const int64_t pages = proc_number("/proc/self/statm", 1);
  return pages < 0 ? 0 : pages * ::sysconf(_SC_PAGESIZE);
}

int64_t num_threads() {
  std::FILE* const file = std::fopen("/proc/self/status", "r");
  if (!file) return 0;
  char line[256];
  long long threads = 0;
  while (std::fgets(line, sizeof line, file)) {
    if (std::sscanf(line, "Threads: %lld", &threads) == 1) break;
  }
  std::fclose(file);
  return threads;
}

int64_t cpu_time_ns() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_usec * 1000; };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

void register_process_figures(obs::MetricRegistry& registry, const Clock& clock, int64_t memory_bytes_max) {
  namespace metric = obs::metric;
  const obs::MetricScope process;
  registry.gauge_function(process, metric::kHeapUsed, [] { return resident_bytes(); });
  registry.gauge_function(process, "Status.JVM.Memory.Heap.Committed", [] { return resident_bytes(); });
  registry.gauge_function(process, metric::kHeapMax, [memory_bytes_max] { return memory_bytes_max; });
  registry.gauge_function(process, metric::kThreadCount, [] { return num_threads(); });
  registry.gauge_function(process, metric::kCpuLoad,
                          [load = std::make_shared<CpuLoad>(clock)] { return load->read(); });
  registry.gauge_function(process, "Status.JVM.CPU.Time", [] { return cpu_time_ns(); });
}

}  // namespace raudal::runtime
