#include "obs/log_sinks.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace raudal::obs {

FileLogSink::FileLogSink(Fs& fs, std::string path, LogIdentity identity, int64_t bytes_max)
    : fs_(fs), path_(std::move(path)), identity_(std::move(identity)), bytes_max_(bytes_max) {}

Result<std::unique_ptr<FileLogSink>> FileLogSink::open(Fs& fs, std::string path, LogIdentity identity,
                                                       int64_t bytes_max) {
  std::unique_ptr<FileLogSink> sink(new FileLogSink(fs, std::move(path), std::move(identity), bytes_max));
  TRY(sink->reopen());
  return sink;
}

Status FileLogSink::reopen() {
  file_ = TRY(fs_.open(path_, OpenMode::kAppend));
  size_bytes_ = TRY(file_->size());
  return {};
}

void FileLogSink::write(const LogRecord& record) {
  const std::string line = log_record_json(record, identity_) + "\n";
  std::lock_guard lock(mutex_);
  const int64_t line_bytes = static_cast<int64_t>(line.size());
  if (size_bytes_ > 0 && size_bytes_ + line_bytes > bytes_max_) {
    // If either step fails the old file stays in use: better a long log than none.
    if (fs_.rename(path_, path_ + ".1").ok()) (void)reopen().ok();
  }
  if (file_->append(line).ok()) {
    size_bytes_ += line_bytes;
  } else {
    ++num_dropped_;
    (void)file_->truncate(size_bytes_).ok();  // half a line would spoil the next one
  }
}

int64_t FileLogSink::num_dropped() const {
  std::lock_guard lock(mutex_);
  return num_dropped_;
}

RingLogSink::RingLogSink(size_t records_max) : records_max_(records_max) { CHECK(records_max > 0); }

void RingLogSink::write(const LogRecord& record) {
  std::lock_guard lock(mutex_);
  if (records_.size() == records_max_) records_.pop_front();
  records_.push_back(record);
}

std::vector<LogRecord> RingLogSink::query(const LogQuery& query) const {
  std::vector<LogRecord> found;
  std::lock_guard lock(mutex_);
  for (auto it = records_.rbegin(); it != records_.rend() && found.size() < query.limit; ++it) {
    if (it->timestamp_us < query.since_us || it->level < query.level_min) continue;
    if (!it->logger.starts_with(query.logger_prefix)) continue;
    if (it->message.find(query.contains) == std::string::npos) continue;
    found.push_back(*it);
  }
  std::ranges::reverse(found);
  return found;
}

TerminalLogSink::TerminalLogSink(std::FILE* stream, LogLevel level_min)
    : stream_(stream), level_min_(level_min), colours_(::isatty(::fileno(stream)) == 1) {}

void TerminalLogSink::write(const LogRecord& record) {
  if (record.level < level_min_) return;
  const char* colour = "";
  if (colours_ && record.level == LogLevel::kWarn) colour = "\033[33m";
  if (colours_ && record.level == LogLevel::kError) colour = "\033[31m";
  const std::string text = log_record_text(record);
  std::lock_guard lock(mutex_);
  std::fprintf(stream_, "%s%s%s\n", colour, text.c_str(), *colour ? "\033[0m" : "");
  std::fflush(stream_);
}

}  // namespace raudal::obs
