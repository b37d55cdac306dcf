#include "obs/log.h"

#include <pthread.h>
#include <unistd.h>

#include <utility>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::obs {
namespace {

thread_local std::string t_thread_name;

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.size() > 1 ? "," : "";
  append_quoted(out, name);
  out += ':';
  append_quoted(out, value);
}

// "Result<int> raudal::runtime::Job::start(int) const" becomes "raudal.runtime.Job.start".
std::string short_function(std::string pretty) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  for (size_t at; (at = pretty.find(kAnonymous)) != std::string::npos;) pretty.erase(at, kAnonymous.size());
  size_t end = pretty.find('(');
  if (end == std::string::npos) end = pretty.size();
  int depth = 0;
  size_t begin = end;
  while (begin > 0) {
    const char c = pretty[begin - 1];
    if (c == '>') ++depth;
    if (c == '<') --depth;
    if (depth == 0 && (c == ' ' || c == '*' || c == '&')) break;
    --begin;
  }
  std::string name;
  for (size_t i = begin; i < end; ++i) {
    const bool scope = pretty[i] == ':' && i + 1 < end && pretty[i + 1] == ':';
    name += scope ? '.' : pretty[i];
    if (scope) ++i;
  }
  return name;
}

std::string_view after_last_slash(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::string_view log_level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "DEBUG";
    case LogLevel::kInfo: return "INFO";
    case LogLevel::kWarn: return "WARN";
    case LogLevel::kError: return "ERROR";
  }
  return "INFO";
}

Result<LogLevel> parse_log_level(std::string_view name) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    if (log_level_name(level) == name) return level;
  }
  return Error(ErrorCode::kInvalidArgument, "Log level is not DEBUG, INFO, WARN or ERROR: " + std::string(name));
}

std::string log_record_json(const LogRecord& record, const LogIdentity& identity) {
  std::string out = "{";
  append_member(out, "locationInformation", record.location);
  append_member(out, "logger", record.logger);
  append_member(out, "message", record.message);
  append_member(out, "threadName", record.thread);
  append_member(out, "applicationARN", identity.application_arn);
  append_member(out, "applicationVersionId", identity.application_version_id);
  append_member(out, "messageSchemaVersion", "1");
  append_member(out, "messageType", log_level_name(record.level));
  if (!record.throwable.empty()) {
    out += ",\"throwableInformation\":[";
    for (size_t i = 0; i < record.throwable.size(); ++i) {
      if (i > 0) out += ',';
      append_quoted(out, record.throwable[i]);
    }
    out += ']';
  }
  out += fmt::format(",\"timestamp\":{}}}", record.timestamp_us / 1000);
  return out;
}

std::string log_record_text(const LogRecord& record) {
  const std::string utc = format_utc_ms(record.timestamp_us);  // 2026-01-02T03:04:05.678Z
  std::string text = fmt::format("{} {:<5} {:<12} {}", utc.substr(11, 12), log_level_name(record.level),
                                 record.logger, record.message);
  for (const std::string& cause : record.throwable) text += "\n    " + cause;
  return text;
}

Logger::Logger(LogSink& sink, const Clock& clock, std::string name, LogLevel level)
    : sink_(&sink), clock_(&clock), name_(std::move(name)), level_(level) {}

Logger Logger::named(std::string name) const { return Logger(*sink_, *clock_, std::move(name), level_); }

void Logger::debug(std::string message, std::source_location at) const {
  write(LogLevel::kDebug, std::move(message), {}, at);
}
void Logger::info(std::string message, std::source_location at) const {
  write(LogLevel::kInfo, std::move(message), {}, at);
}
void Logger::warn(std::string message, std::source_location at) const {
  write(LogLevel::kWarn, std::move(message), {}, at);
}
void Logger::error(std::string message, std::source_location at) const {
  write(LogLevel::kError, std::move(message), {}, at);
}

void Logger::warn(std::string message, const Error& cause, std::source_location at) const {
  const std::string_view name = error_info(cause.code()).name;
  write(LogLevel::kWarn, std::move(message), {fmt::format("{}Error: {}", name, cause.message())}, at);
}

void Logger::error(std::string message, const Error& cause, std::source_location at) const {
  const std::string_view name = error_info(cause.code()).name;
  write(LogLevel::kError, std::move(message), {fmt::format("{}Error: {}", name, cause.message())}, at);
}

void Logger::write(LogLevel level, std::string message, std::vector<std::string> throwable,
                   std::source_location at) const {
  if (!enabled(level)) return;
  sink_->write({.timestamp_us = clock_->wall_us(),
                .level = level,
                .logger = name_,
                .message = std::move(message),
                .thread = thread_name(),
                .location = fmt::format("{}({}:{})", short_function(at.function_name()),
                                        after_last_slash(at.file_name()), at.line()),
                .throwable = std::move(throwable)});
}

void set_thread_name(const std::string& name) {
  t_thread_name = name;
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

std::string thread_name() {
  if (!t_thread_name.empty()) return t_thread_name;
  return ::gettid() == ::getpid() ? "main" : fmt::format("thread-{}", ::gettid());
}

}  // namespace raudal::obs
