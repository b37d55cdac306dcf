#include "flinkrest/job_exceptions.h"

#include "base/str.h"
#include "flinkrest/json_members.h"

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

JobExceptions job_exceptions_from_json(const codec::JsonObject& json) {
  JobExceptions exceptions{.entries = {}, .truncated = bool_of(json, "truncated")};
  if (const codec::JsonObject* history = codec::find_object(json, "exceptionHistory")) {
    for_each_object(*history, "entries", [&](const codec::JsonObject& entry) {
      exceptions.entries.push_back({.name = text_of(entry, "exceptionName"),
                                    .message = text_of(entry, "stacktrace"),
                                    .time_ms = int64_of(entry, "timestamp"),
                                    .task = text_of(entry, "taskName"),
                                    .endpoint = text_of(entry, "endpoint"),
                                    .taskmanager_id = text_of(entry, "taskManagerId")});
    });
  }
  // An older release has the root alone, and where both are there it says what the newest entry is.
  if (const auto root = codec::find_string(json, "root-exception")) {
    if (exceptions.entries.empty()) exceptions.entries.push_back({.time_ms = int64_of(json, "timestamp")});
    exceptions.entries.front().message = *root;
  }
  return exceptions;
}

std::string summarize_stack_trace(std::string_view stack_trace) {
  constexpr std::string_view kCause = "Caused by: ";
  std::vector<std::string> causes;  // the outermost first; of each the first line
  for (const std::string& line : split(stack_trace, '\n')) {
    const bool cause = line.starts_with(kCause);
    if (!cause && !causes.empty()) continue;  // frames, and what follows the first line of a message
    const std::string_view text = trim(cause ? std::string_view(line).substr(kCause.size()) : std::string_view(line));
    if (!text.empty()) causes.emplace_back(text);
  }
  std::string summary;
  for (size_t i = causes.size(); i-- > 0;) {
    // An exception that wraps another one often repeats its text.
    const bool repeats = i + 1 < causes.size() && causes[i].ends_with(causes[i + 1]);
    if (!repeats) summary += (summary.empty() ? "" : "; this caused ") + causes[i];
  }
  return summary;
}

}  // namespace raudal::flinkrest
