#include "flinkrest/savepoints.h"

namespace raudal::flinkrest {
namespace {

Result<codec::JsonObject> parse(std::string_view body) {
  if (body.empty()) return codec::JsonObject();
  return codec::parse_json_object(body);
}

std::string text_of(const codec::JsonObject& json, std::string_view key) {
  return std::string(codec::find_string(json, key).value_or(""));
}

}  // namespace

Result<SavepointTrigger> savepoint_trigger_from_json(std::string_view body) {
  const codec::JsonObject json = TRY(parse(body));
  return SavepointTrigger{.target_directory = text_of(json, "target-directory"),
                          .trigger_id = text_of(json, "triggerId"),
                          .cancel_job = codec::find_bool(json, "cancel-job").value_or(false)};
}

Result<SavepointTrigger> stop_trigger_from_json(std::string_view body) {
  const codec::JsonObject json = TRY(parse(body));
  return SavepointTrigger{.target_directory = text_of(json, "targetDirectory"),
                          .trigger_id = text_of(json, "triggerId"),
                          .drain = codec::find_bool(json, "drain").value_or(false)};
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

}  // namespace raudal::flinkrest
