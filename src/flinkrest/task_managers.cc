#include "flinkrest/task_managers.h"

namespace raudal::flinkrest {
namespace {

codec::JsonObject resource(double cpu_cores, int64_t memory_bytes) {
  return {{"cpuCores", cpu_cores},  {"taskHeapMemory", memory_bytes >> 20},
          {"taskOffHeapMemory", 0}, {"managedMemory", 0},
          {"networkMemory", 0},     {"extendedResources", codec::JsonObject()}};
}

codec::JsonObject common_members(const TaskManager& process) {
  const bool busy = process.free_slots < process.slots;
  return {{"id", process.id},
          {"path", process.path},
          {"dataPort", 0},
          {"jmxPort", -1},
          {"timeSinceLastHeartbeat", process.last_heartbeat_ms},
          {"slotsNumber", process.slots},
          {"freeSlots", process.free_slots},
          {"totalResource", resource(process.slots, process.memory_max)},
          {"freeResource", resource(process.free_slots, busy ? 0 : process.memory_max)},
          {"hardware", codec::JsonObject{{"cpuCores", process.cpu_cores},
                                         {"physicalMemory", process.physical_memory},
                                         {"freeMemory", process.free_memory},
                                         {"managedMemory", 0}}},
          {"memoryConfiguration", codec::JsonObject{{"frameworkHeap", 0},
                                                    {"taskHeap", process.memory_max},
                                                    {"frameworkOffHeap", 0},
                                                    {"taskOffHeap", 0},
                                                    {"networkMemory", 0},
                                                    {"managedMemory", 0},
                                                    {"jvmMetaspace", 0},
                                                    {"jvmOverhead", 0},
                                                    {"totalFlinkMemory", process.memory_max},
                                                    {"totalProcessMemory", process.memory_max}}},
          {"blocked", false}};
}

}  // namespace

codec::JsonObject task_manager_list(const TaskManager& process) {
  return {{"taskmanagers", codec::JsonArray{common_members(process)}}};
}

codec::JsonObject task_manager_details(const TaskManager& process) {
  codec::JsonObject json = common_members(process);
  codec::JsonArray slots;
  for (int slot = process.free_slots; slot < process.slots; ++slot) {
    slots.push_back(codec::JsonObject{{"jobId", process.job_id}, {"resource", resource(1, 0)}});
  }
  json["allocatedSlots"] = std::move(slots);
  json["metrics"] = codec::JsonObject{{"heapUsed", process.memory_used},
                                      {"heapCommitted", process.memory_used},
                                      {"heapMax", process.memory_max},
                                      {"nonHeapUsed", 0},
                                      {"nonHeapCommitted", 0},
                                      {"nonHeapMax", 0},
                                      {"directCount", 0},
                                      {"directUsed", 0},
                                      {"directMax", 0},
                                      {"mappedCount", 0},
                                      {"mappedUsed", 0},
                                      {"mappedMax", 0},
                                      {"nettyShuffleMemorySegmentsAvailable", 0},
                                      {"nettyShuffleMemorySegmentsUsed", 0},
                                      {"nettyShuffleMemorySegmentsTotal", 0},
                                      {"nettyShuffleMemoryAvailable", 0},
                                      {"nettyShuffleMemoryUsed", 0},
                                      {"nettyShuffleMemoryTotal", 0},
                                      {"garbageCollectors", codec::JsonArray()}};
  return json;
}

}  // namespace raudal::flinkrest
