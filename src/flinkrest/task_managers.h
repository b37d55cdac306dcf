// GET /taskmanagers and GET /taskmanagers/:id: the process that runs the slots.
#pragma once

#include <string>

#include "codec/json.h"

namespace raudal::flinkrest {

// A worker process. Bytes.
struct TaskManager {
  std::string id;
  std::string job_id;
  std::string path;
  int slots = 1;
  int free_slots = 0;
  int64_t last_heartbeat_ms = 0;
  int cpu_cores = 1;
  int64_t physical_memory = 0;
  int64_t free_memory = 0;
  int64_t memory_used = 0;
  int64_t memory_max = 0;
};
codec::JsonObject task_manager_list(const TaskManager& process);     // GET /taskmanagers
codec::JsonObject task_manager_details(const TaskManager& process);  // GET /taskmanagers/:id

}  // namespace raudal::flinkrest
