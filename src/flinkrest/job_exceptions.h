// GET /jobs/:jobid/exceptions: what went wrong, newest first. Both the members of 1.x and those of later releases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace raudal::flinkrest {

struct JobException {
  std::string name;
  std::string message;
  int64_t time_ms = 0;
  std::string task;  // empty: of the job itself
  std::string endpoint;
  std::string taskmanager_id;
};

struct JobExceptions {
  std::vector<JobException> entries;  // newest first
  bool truncated = false;
};
codec::JsonObject to_json(const JobExceptions& exceptions);
JobExceptions job_exceptions_from_json(const codec::JsonObject& json);

// A stack trace in one line: the innermost cause, then what it caused, outwards. A text without frames stays as it is.
std::string summarize_stack_trace(std::string_view stack_trace);

}  // namespace raudal::flinkrest
