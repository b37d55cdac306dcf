// POST /jobs/:jobid/savepoints, POST /jobs/:jobid/stop, and GET /jobs/:jobid/savepoints/:triggerid for both.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace raudal::flinkrest {

// The body of either request; absent members have Flink's defaults.
struct SavepointTrigger {
  std::string target_directory;
  std::string trigger_id;   // empty: the server chooses
  bool cancel_job = false;  // of /savepoints
  bool drain = false;       // of /stop
};
Result<SavepointTrigger> savepoint_trigger_from_json(std::string_view body);  // empty text counts as {}
Result<SavepointTrigger> stop_trigger_from_json(std::string_view body);
codec::JsonObject savepoint_trigger_to_json(const SavepointTrigger& trigger);
codec::JsonObject stop_trigger_to_json(const SavepointTrigger& trigger);

// What both answer, with 202.
inline codec::JsonObject trigger_response(const std::string& trigger_id) { return {{"request-id", trigger_id}}; }

// How far it is.
struct SavepointInfo {
  bool completed = false;
  std::string location;
  std::string failure;  // not empty: completed, but failed
};
codec::JsonObject to_json(const SavepointInfo& info);
// kSerialization for an answer that does not say it.
Result<SavepointInfo> savepoint_info_from_json(const codec::JsonObject& json);

}  // namespace raudal::flinkrest
