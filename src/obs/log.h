// Structured log records: what every part of the product writes, in the JSON envelope that users' tools expect.
// A Logger is a name and a level in front of a LogSink; both are passed by reference, there is no global logger.
// Sinks are safe to call from any thread. A record is one line: line ends inside a message are escaped.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"

namespace raudal::obs {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

std::string_view log_level_name(LogLevel level);  // "INFO": the envelope's messageType
// "DEBUG", "INFO", "WARN", "ERROR" as the API spells them.
Result<LogLevel> parse_log_level(std::string_view name);

// One log event, before an application's identity is added.
struct LogRecord {
  int64_t timestamp_us = 0;
  LogLevel level = LogLevel::kInfo;
  std::string logger;                       // who speaks: "raudal.runtime.CheckpointCoordinator"
  std::string message;
  std::string thread;
  std::string location;                     // "<function>(<file>:<line>)"
  std::vector<std::string> throwable;       // the error and its causes, outermost first; empty: none
};

// The members of the envelope that are the same for all records of one run.
struct LogIdentity {
  std::string application_arn;
  std::string application_version_id;
};

// The record as one line of JSON without its line end: locationInformation, logger, message, threadName,
// applicationARN, applicationVersionId, messageSchemaVersion, messageType, throwableInformation if any, and
// timestamp (milliseconds) which CloudWatch keeps beside the event.
std::string log_record_json(const LogRecord& record, const LogIdentity& identity);
// "12:04:05.678 WARN  control  message" plus indented causes: for people.
std::string log_record_text(const LogRecord& record);

// Takes records from any thread. Never fails towards the caller: a full disk must not stop a job.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(const LogRecord& record) = 0;
};

// Speaks for one part of the product: `log.info(fmt::format("Checkpoint {} completed", id))`.
class Logger {
 public:
  Logger(LogSink& sink, const Clock& clock, std::string name, LogLevel level = LogLevel::kInfo);

  // The same sink and level under another name.
  Logger named(std::string name) const;

  bool enabled(LogLevel level) const { return level >= level_; }
  void debug(std::string message, std::source_location at = std::source_location::current()) const;
  void info(std::string message, std::source_location at = std::source_location::current()) const;
  void warn(std::string message, std::source_location at = std::source_location::current()) const;
  void error(std::string message, std::source_location at = std::source_location::current()) const;
  // With throwableInformation: "<error name>: <message>".
  void warn(std::string message, const Error& cause,
            std::source_location at = std::source_location::current()) const;
  void error(std::string message, const Error& cause,
             std::source_location at = std::source_location::current()) const;
  void write(LogLevel level, std::string message, std::vector<std::string> throwable,
             std::source_location at = std::source_location::current()) const;

 private:
  LogSink* sink_;
  const Clock* clock_;
  std::string name_;
  LogLevel level_;
};

// The name that this thread's records carry (threadName), and the first 15 letters of it for the kernel.
void set_thread_name(const std::string& name);
std::string thread_name();

}  // namespace raudal::obs
