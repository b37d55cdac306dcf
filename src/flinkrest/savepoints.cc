#include "flinkrest/savepoints.h"

#include "flinkrest/json_members.h"

namespace raudal::flinkrest {
namespace {

Result<codec::JsonObject> parse(std::string_view body) {
  if (body.empty()) return codec::JsonObject();
  return codec::parse_json_object(body);
}

}  // namespace

Result<SavepointTrigger> savepoint_trigger_from_json(std::string_view body) {
  const codec::JsonObject json = TRY(parse(body));
  return SavepointTrigger{.target_directory = text_of(json, "target-directory"),
                          .trigger_id = text_of(json, "triggerId"),
                          .cancel_job = bool_of(json, "cancel-job")};
}

Result<SavepointTrigger> stop_trigger_from_json(std::string_view body) {
  const codec::JsonObject json = TRY(parse(body));
  return SavepointTrigger{.target_directory = text_of(json, "targetDirectory"),
                          .trigger_id = text_of(json, "triggerId"),
                          .drain = bool_of(json, "drain")};
}

codec::JsonObject savepoint_trigger_to_json(const SavepointTrigger& trigger) {
  return {{"triggerId", trigger.trigger_id},
          {"formatType", "CANONICAL"},
          {"target-directory", trigger.target_directory},
          {"cancel-job", trigger.cancel_job}};
}

codec::JsonObject stop_trigger_to_json(const SavepointTrigger& trigger) {
  return {{"triggerId", trigger.trigger_id},
          {"formatType", "CANONICAL"},
          {"targetDirectory", trigger.target_directory},
          {"drain", trigger.drain}};
}

codec::JsonObject to_json(const SavepointInfo& info) {
  const bool over = info.completed || !info.failure.empty();
  codec::JsonObject json{{"status", codec::JsonObject{{"id", over ? "COMPLETED" : "IN_PROGRESS"}}}};
  if (!info.failure.empty()) {
    json["operation"] =
        codec::JsonObject{{"failure-cause", codec::JsonObject{{"class", "org.apache.flink.util.FlinkException"},
                                                              {"stack-trace", info.failure},
                                                              {"serialized-throwable", ""}}}};
  } else if (info.completed) {
    json["operation"] = codec::JsonObject{{"location", info.location}};
  }
  return json;
}

Result<SavepointInfo> savepoint_info_from_json(const codec::JsonObject& json) {
  SavepointInfo info;
  const codec::JsonObject* status = codec::find_object(json, "status");
  const std::string id = status ? text_of(*status, "id") : "";
  if (id == "IN_PROGRESS") return info;
  const codec::JsonObject* operation = codec::find_object(json, "operation");
  if (id != "COMPLETED" || operation == nullptr) {
    return Error(ErrorCode::kSerialization, "The answer does not say how far the savepoint is");
  }
  info.completed = true;
  info.location = text_of(*operation, "location");
  if (const codec::JsonObject* cause = codec::find_object(*operation, "failure-cause")) {
    info.failure = text_of(*cause, "stack-trace");
    if (info.failure.empty()) info.failure = "no cause was given";
  }
  return info;
}

}  // namespace raudal::flinkrest
