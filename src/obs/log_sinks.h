// Where log records go: a file of JSON lines, a bounded ring in memory that can be queried, the terminal, several
// of them, or nowhere. Used by the composition roots; everybody else sees obs::LogSink.
#pragma once

#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "obs/log.h"

namespace raudal::obs {

// Appends one JSON line a record. At bytes_max the file becomes path + ".1" (replacing an older one) and a new
// one begins, so the log never fills a disk. A write that fails drops the record and counts it.
class FileLogSink final : public LogSink {
 public:
  static Result<std::unique_ptr<FileLogSink>> open(Fs& fs, std::string path, LogIdentity identity,
                                                   int64_t bytes_max = 64 << 20);
  void write(const LogRecord& record) override;
  int64_t num_dropped() const;

 private:
  FileLogSink(Fs& fs, std::string path, LogIdentity identity, int64_t bytes_max);
  Status reopen();

  Fs& fs_;
  const std::string path_;
  const LogIdentity identity_;
  const int64_t bytes_max_;
  mutable std::mutex mutex_;
  std::unique_ptr<File> file_;
  int64_t size_bytes_ = 0;
  int64_t num_dropped_ = 0;
};

// What to take from a ring. All conditions must hold.
struct LogQuery {
  int64_t since_us = 0;                    // timestamp_us >= since_us
  LogLevel level_min = LogLevel::kDebug;
  std::string logger_prefix;               // empty: any
  std::string contains;                    // in the message; empty: any
  size_t limit = 1000;                     // the newest ones
};

// Keeps the newest records, at most `records_max`.
class RingLogSink final : public LogSink {
 public:
  explicit RingLogSink(size_t records_max = 10'000);
  void write(const LogRecord& record) override;
  std::vector<LogRecord> query(const LogQuery& query) const;  // oldest first

 private:
  const size_t records_max_;
  mutable std::mutex mutex_;
  std::deque<LogRecord> records_;
};

// Readable lines to an open stream (stderr), coloured by level when it is a terminal.
class TerminalLogSink final : public LogSink {
 public:
  explicit TerminalLogSink(std::FILE* stream, LogLevel level_min = LogLevel::kInfo);
  void write(const LogRecord& record) override;

 private:
  std::FILE* stream_;
  const LogLevel level_min_;
  const bool colours_;
  std::mutex mutex_;
};

// Hands each record to all of several sinks, which must outlive it.
class TeeLogSink final : public LogSink {
 public:
  explicit TeeLogSink(std::vector<LogSink*> sinks) : sinks_(std::move(sinks)) {}
  void write(const LogRecord& record) override {
    for (LogSink* sink : sinks_) sink->write(record);
  }

 private:
  const std::vector<LogSink*> sinks_;
};

// Drops everything.
class NullLogSink final : public LogSink {
 public:
  void write(const LogRecord&) override {}
};

}  // namespace raudal::obs
