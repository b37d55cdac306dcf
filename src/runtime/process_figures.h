// Figures of this process for the REST API, under the names that Flink gives a JVM's: memory, CPU, threads.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "obs/metrics.h"

namespace raudal::runtime {

int64_t resident_bytes();
int64_t num_threads();
// Processor time of the process so far.
int64_t cpu_time_ns();

// Adds Status.JVM.* gauges to the registry. Both must outlive the registry's last snapshot.
void register_process_figures(obs::MetricRegistry& registry, const Clock& clock, int64_t memory_bytes_max);

}  // namespace raudal::runtime
