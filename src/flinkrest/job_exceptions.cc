#include "flinkrest/job_exceptions.h"

namespace raudal::flinkrest {
namespace {

codec::Json or_null(const std::string& text) { return text.empty() ? codec::Json(nullptr) : codec::Json(text); }

}  // namespace

codec::JsonObject to_json(const JobExceptions& exceptions) {
  codec::JsonArray entries;
  codec::JsonArray all;
  for (const JobException& each : exceptions.entries) {
    entries.push_back(codec::JsonObject{{"exceptionName", each.name},
                                        {"stacktrace", each.message},
                                        {"timestamp", each.time_ms},
                                        {"failureLabels", codec::JsonObject()},
                                        {"taskName", or_null(each.task)},
                                        {"endpoint", or_null(each.endpoint)},
                                        {"taskManagerId", or_null(each.taskmanager_id)},
                                        {"concurrentExceptions", codec::JsonArray()}});
    all.push_back(codec::JsonObject{{"exception", each.message},
                                    {"task", or_null(each.task)},
                                    {"location", or_null(each.endpoint)},
                                    {"endpoint", or_null(each.endpoint)},
                                    {"timestamp", each.time_ms},
                                    {"taskManagerId", or_null(each.taskmanager_id)}});
  }
  codec::JsonObject result{{"all-exceptions", std::move(all)}, {"truncated", exceptions.truncated}};
  if (!exceptions.entries.empty()) {
    result["root-exception"] = exceptions.entries.front().message;
    result["timestamp"] = exceptions.entries.front().time_ms;
  }
  result["exceptionHistory"] = codec::JsonObject{{"entries", std::move(entries)}, {"truncated", exceptions.truncated}};
  return result;
}

}  // namespace raudal::flinkrest
