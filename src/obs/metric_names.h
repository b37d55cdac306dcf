// The metric names that Flink uses and CloudWatch shows. One list, so that nobody spells them twice.
#pragma once

#include <string_view>

namespace raudal::obs::metric {

// Task, operator and subtask.
inline constexpr std::string_view kNumRecordsIn = "numRecordsIn";
inline constexpr std::string_view kNumRecordsOut = "numRecordsOut";
inline constexpr std::string_view kNumRecordsInPerSecond = "numRecordsInPerSecond";
inline constexpr std::string_view kNumRecordsOutPerSecond = "numRecordsOutPerSecond";
inline constexpr std::string_view kNumBytesIn = "numBytesIn";
inline constexpr std::string_view kNumBytesOut = "numBytesOut";
inline constexpr std::string_view kNumBytesInPerSecond = "numBytesInPerSecond";
inline constexpr std::string_view kNumBytesOutPerSecond = "numBytesOutPerSecond";
inline constexpr std::string_view kNumLateRecordsDropped = "numLateRecordsDropped";
inline constexpr std::string_view kNumRecordsInErrors = "numRecordsInErrors";
inline constexpr std::string_view kCurrentInputWatermark = "currentInputWatermark";
inline constexpr std::string_view kCurrentOutputWatermark = "currentOutputWatermark";
inline constexpr std::string_view kBusyTimeMsPerSecond = "busyTimeMsPerSecond";
inline constexpr std::string_view kBackPressuredTimeMsPerSecond = "backPressuredTimeMsPerSecond";
inline constexpr std::string_view kIdleTimeMsPerSecond = "idleTimeMsPerSecond";
inline constexpr std::string_view kManagedMemoryUsed = "managedMemoryUsed";
inline constexpr std::string_view kManagedMemoryTotal = "managedMemoryTotal";
inline constexpr std::string_view kManagedMemoryUtilization = "managedMemoryUtilization";
// Job.
inline constexpr std::string_view kLastCheckpointDuration = "lastCheckpointDuration";
inline constexpr std::string_view kLastCheckpointSize = "lastCheckpointSize";
inline constexpr std::string_view kLastCheckpointFullSize = "lastCheckpointFullSize";
inline constexpr std::string_view kLastCheckpointRestoreTimestamp = "lastCheckpointRestoreTimestamp";
inline constexpr std::string_view kNumberOfCompletedCheckpoints = "numberOfCompletedCheckpoints";
inline constexpr std::string_view kNumberOfFailedCheckpoints = "numberOfFailedCheckpoints";
inline constexpr std::string_view kNumberOfInProgressCheckpoints = "numberOfInProgressCheckpoints";
inline constexpr std::string_view kTotalNumberOfCheckpoints = "totalNumberOfCheckpoints";
inline constexpr std::string_view kNumRestarts = "numRestarts";
inline constexpr std::string_view kFullRestarts = "fullRestarts";
inline constexpr std::string_view kUptime = "uptime";
inline constexpr std::string_view kDowntime = "downtime";
// Process.
inline constexpr std::string_view kCpuLoad = "Status.JVM.CPU.Load";
inline constexpr std::string_view kHeapUsed = "Status.JVM.Memory.Heap.Used";
inline constexpr std::string_view kHeapMax = "Status.JVM.Memory.Heap.Max";
inline constexpr std::string_view kThreadCount = "Status.JVM.Threads.Count";

}  // namespace raudal::obs::metric
