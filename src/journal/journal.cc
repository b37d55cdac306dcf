#include "journal/journal.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/core.h>

#include "base/failpoint.h"

namespace raudal::journal {
namespace {

constexpr size_t kReadersMax = 8;

}  // namespace

// A writer in the queue, on its own stack.
struct Journal::Waiting {
  std::vector<Entry>& entries;
  size_t bytes = 0;
  std::vector<Placed> placed;
  std::optional<Error> error;
  bool done = false;
};

// What one write and sync makes durable.
struct Journal::Batch {
  int64_t time_ms = 0;
  std::vector<Waiting*> writers;
  std::vector<FrameHeader> headers;
  size_t bytes = 0;
};

Journal::Journal(Fs& fs, const Clock& clock, const obs::Logger& log, JournalOptions options)
    : fs_(fs), clock_(clock), log_(log), options_(std::move(options)) {}

Journal::~Journal() { CHECK(waiting_.empty()); }

Result<std::unique_ptr<Journal>> Journal::open(Fs& fs, const Clock& clock, const obs::Logger& log,
                                               JournalOptions options) {
  std::unique_ptr<Journal> journal(new Journal(fs, clock, log, std::move(options)));
  TRY(journal->recover());
  return journal;
}

Status Journal::recover() {
  TRY(fs_.make_directories(options_.directory));
  for (const FileInfo& info : TRY(fs_.list(options_.directory))) {
    Segment segment;
    if (info.is_directory || !parse_segment_name(info.name, segment)) continue;
    segment.path = join_path(options_.directory, info.name);
    segments_.push_back(std::move(segment));
  }
  for (size_t i = 0; i < segments_.size(); ++i) {
    Segment& segment = segments_[i];
    TRY(recover_segment(segment, i + 1 == segments_.size()));
    for (const auto& [number, lane] : segment.lanes) lanes_[number] = {lane.end_sequence, lane.last_time_ms};
    next_sequence_ = std::max(next_sequence_, segment.end_sequence);
    last_time_ms_ = std::max(last_time_ms_, segment.last_time_ms);
  }
  if (segments_.empty()) return begin_segment(0, 0);
  file_ = TRY(fs_.open(segments_.back().path, OpenMode::kAppend));
  const uint64_t size_bytes = segments_.back().size_bytes;
  if (static_cast<uint64_t>(TRY(file_->size())) == size_bytes) return {};
  TRY(file_->truncate(static_cast<int64_t>(size_bytes)));
  return file_->sync();
}

Status Journal::recover_segment(Segment& segment, bool is_last) {
  if (!is_last) {
    const auto bytes = read_file(fs_, index_path(segment.path));
    if (bytes.ok() && decode_index(*bytes, segment).ok()) return {};
  }
  for (const Damage& damage : TRY(scan_segment(fs_, segment))) {
    log_.error(fmt::format("Log is damaged, {} bytes at {}: {}", damage.size_bytes, damage.position, segment.path));
  }
  // The index saves time only: without it the segment is scanned again next time.
  if (!is_last) (void)write_file_durably(fs_, index_path(segment.path), encode_index(segment));
  return {};
}

Status Journal::begin_segment(uint64_t base_offset, uint64_t base_sequence) {
  Segment segment{.path = join_path(options_.directory, segment_name(base_offset, base_sequence)),
                  .base_offset = base_offset,
                  .base_sequence = base_sequence,
                  .end_sequence = base_sequence,
                  .last_time_ms = last_time_ms_};
  auto file = TRY(fs_.open(segment.path, OpenMode::kAppend));
  TRY(fs_.sync_directory(options_.directory));
  file_ = std::move(file);
  segments_.push_back(std::move(segment));
  return {};
}

Result<std::vector<Placed>> Journal::append(std::vector<Entry> entries) {
  Waiting self{.entries = entries};
  for (const Entry& entry : entries) {
    CHECK(entry.count > 0);
    self.bytes += entry.payload.size() + kFrameHeaderBytes;
  }
  std::unique_lock lock(mutex_);
  waiting_.push_back(&self);
  // Whoever finds nobody writing writes for all who wait; the others find their work done when they wake.
  while (!self.done) {
    if (committing_) {
      committed_.wait(lock);
    } else {
      commit(lock);
    }
  }
  if (self.error) return *std::move(self.error);
  return std::move(self.placed);
}

Journal::Batch Journal::take_batch() {
  Batch batch{.time_ms = std::max(last_time_ms_, clock_.wall_us() / 1000)};
  const uint64_t durable = durable_offset();
  while (!waiting_.empty()) {
    Waiting* writer = waiting_.front();
    if (!batch.writers.empty() && batch.bytes + writer->bytes > options_.commit_bytes_max) break;
    waiting_.pop_front();
    batch.writers.push_back(writer);
    batch.bytes += writer->bytes;
    for (const Entry& entry : writer->entries) {
      batch.headers.push_back({.payload_bytes = static_cast<uint32_t>(entry.payload.size()),
                               .lane = entry.lane,
                               .count = entry.count,
                               .sequence = next_sequence_,
                               .time_ms = batch.time_ms,
                               .durable_offset = durable});
      writer->placed.push_back({.sequence = next_sequence_, .time_ms = batch.time_ms});
      next_sequence_ += entry.count;
    }
  }
  return batch;
}

void Journal::commit(std::unique_lock<std::mutex>& lock) {
  committing_ = true;
  const uint64_t sequence_before = next_sequence_;
  const Batch batch = take_batch();
  Status written = broken_ ? Status(*broken_) : Status();
  if (written.ok()) {
    lock.unlock();
    written = write(frames_of(batch));
    lock.lock();
  }
  if (written.ok()) {
    last_time_ms_ = batch.time_ms;
    for (const FrameHeader& header : batch.headers) note(header);
    if (segments_.back().size_bytes >= options_.segment_bytes) {
      const Status rolled = roll(lock);
      // The segment merely grows longer; the next commit tries again.
      if (!rolled.ok()) log_.warn("Next segment of a log cannot be made", rolled.error());
    }
  } else {
    next_sequence_ = sequence_before;
  }
  for (Waiting* writer : batch.writers) {
    if (!written.ok()) writer->error = written.error();
    writer->done = true;
  }
  committing_ = false;
  committed_.notify_all();
  appended_.notify_all();
}

std::string Journal::frames_of(const Batch& batch) {
  std::string bytes;
  bytes.reserve(batch.bytes + batch.headers.size() * 8);
  auto header = batch.headers.begin();
  for (const Waiting* writer : batch.writers) {
    for (const Entry& entry : writer->entries) append_frame(bytes, *header++, entry.payload);
  }
  return bytes;
}

// Only the one who commits is here, so that the file and the last segment's size stand still.
Status Journal::write(const std::string& bytes) {
  const auto size_bytes = static_cast<int64_t>(segments_.back().size_bytes);
  Status appended = failpoint("journal.write");
  if (appended.ok()) appended = file_->append(bytes);
  if (!appended.ok()) {
    const Status cut = file_->truncate(size_bytes);
    if (!cut.ok()) broken_ = cut.error();
    return appended;
  }
  Status synced = failpoint("journal.sync");
  if (synced.ok()) synced = file_->sync();
  if (synced.ok()) return {};
  // After a failed sync nobody knows what is on the disk, and a second one may lie.
  (void)file_->truncate(size_bytes);
  broken_ = Error(ErrorCode::kIo, "Log takes no more until it is opened anew: " + synced.error().message());
  log_.error("A log could not be synced", synced.error());
  return synced;
}

void Journal::note(const FrameHeader& header) {
  segments_.back().add(header);
  lanes_[header.lane] = {header.sequence + header.count, header.time_ms};
}

Status Journal::roll(std::unique_lock<std::mutex>& lock) {
  const std::string path = index_path(segments_.back().path);
  const std::string index = encode_index(segments_.back());
  const uint64_t offset = durable_offset();
  lock.unlock();
  const Status written = write_file_durably(fs_, path, index);
  lock.lock();
  TRY(written);
  return begin_segment(offset, next_sequence_);
}

Result<ReadResult> Journal::read(uint32_t lane, Cursor cursor, const ReadLimits& limits) {
  ReadResult result{.next = cursor};
  size_t bytes = 0, records = 0;
  while (bytes < limits.bytes_max && records < limits.records_max) {
    std::optional<Span> span;
    {
      std::lock_guard lock(mutex_);
      span = next_span(lane, result.next, limits.time_min_ms);
      if (!span) {
        result.caught_up = true;
        result.next = {.sequence = std::max(segments_.back().end_sequence, cursor.sequence),
                       .offset = durable_offset()};
        return result;
      }
    }
    const Status done = read_span(lane, *span, limits, result, bytes, records);
    if (done.ok()) continue;
    // What stands before the damage is given first.
    if (!result.frames.empty()) return result;
    // The segment was dropped meanwhile: what is left begins after it.
    std::lock_guard lock(mutex_);
    const bool is_dropped = segments_.front().base_offset > span->base_offset;
    if (done.error().code() != ErrorCode::kNotFound || !is_dropped) return done.error();
  }
  std::lock_guard lock(mutex_);
  const auto end = lanes_.find(lane);
  result.caught_up = end == lanes_.end() || result.next.sequence >= end->second.sequence;
  return result;
}

// The first run of bytes that can hold what comes next in the lane.
std::optional<Journal::Span> Journal::next_span(uint32_t lane, const Cursor& cursor, int64_t time_min_ms) const {
  const auto end = lanes_.find(lane);
  if (end == lanes_.end() || cursor.sequence >= end->second.sequence) return std::nullopt;
  const auto begin = std::ranges::partition_point(segments_, [&](const Segment& segment) {
    return segment.end_sequence <= cursor.sequence || segment.end_offset() <= cursor.offset;
  });
  for (auto segment = begin; segment != segments_.end(); ++segment) {
    const auto found = segment->lanes.find(lane);
    if (found == segment->lanes.end() || found->second.end_sequence <= cursor.sequence) continue;
    if (found->second.last_time_ms < time_min_ms) continue;
    const std::vector<IndexEntry>& entries = found->second.entries;
    // The last entry that is not behind what is asked for; a frame may begin before the record that is asked for.
    auto entry = std::ranges::partition_point(entries, [&](const IndexEntry& candidate) {
      return candidate.sequence <= cursor.sequence || candidate.time_ms < time_min_ms;
    });
    if (entry != entries.begin()) --entry;
    uint64_t position = entry->position;
    if (cursor.offset > segment->base_offset + position) position = cursor.offset - segment->base_offset;
    return Span{
        .path = segment->path, .base_offset = segment->base_offset, .position = position, .end = segment->size_bytes};
  }
  return std::nullopt;
}

Result<std::shared_ptr<File>> Journal::reader_of(const Span& span) {
  {
    std::lock_guard lock(mutex_);
    const auto known = std::ranges::find(readers_, span.base_offset, [](const auto& reader) { return reader.first; });
    if (known != readers_.end()) return known->second;
  }
  std::shared_ptr<File> file = TRY(fs_.open(span.path, OpenMode::kRead));
  std::lock_guard lock(mutex_);
  readers_.emplace_front(span.base_offset, file);
  if (readers_.size() > kReadersMax) readers_.pop_back();
  return file;
}

bool Journal::wait_for(uint32_t lane, uint64_t sequence, int64_t timeout_ms, uint64_t wakes_seen) {
  std::unique_lock lock(mutex_);
  const auto is_there = [&] {
    const auto end = lanes_.find(lane);
    return end != lanes_.end() && end->second.sequence > sequence;
  };
  appended_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                     [&] { return interrupted_ || num_wakes_ > wakes_seen || is_there(); });
  return !interrupted_ && is_there();
}

void Journal::interrupt() {
  std::lock_guard lock(mutex_);
  interrupted_ = true;
  appended_.notify_all();
}

void Journal::wake() {
  std::lock_guard lock(mutex_);
  ++num_wakes_;
  appended_.notify_all();
}

uint64_t Journal::num_wakes() const {
  std::lock_guard lock(mutex_);
  return num_wakes_;
}

uint64_t Journal::next_sequence() const {
  std::lock_guard lock(mutex_);
  return segments_.back().end_sequence;
}

Cursor Journal::end() const {
  std::lock_guard lock(mutex_);
  return {.sequence = segments_.back().end_sequence, .offset = durable_offset()};
}

uint64_t Journal::lane_end(uint32_t lane) const {
  std::lock_guard lock(mutex_);
  const auto end = lanes_.find(lane);
  return end == lanes_.end() ? 0 : end->second.sequence;
}

int64_t Journal::lane_last_time_ms(uint32_t lane) const {
  std::lock_guard lock(mutex_);
  const auto end = lanes_.find(lane);
  return end == lanes_.end() ? 0 : end->second.time_ms;
}

uint64_t Journal::size_bytes() const {
  std::lock_guard lock(mutex_);
  return segments_.back().end_offset() - segments_.front().base_offset;
}

Status Journal::drop_before(int64_t time_ms) {
  std::unique_lock lock(mutex_);
  const auto is_old = [&](const Segment& segment) { return segment.size_bytes > 0 && segment.last_time_ms < time_ms; };
  if (!is_old(segments_.front()) || committing_) return {};
  if (is_old(segments_.back())) {
    committing_ = true;
    const Status rolled = roll(lock);
    committing_ = false;
    committed_.notify_all();
    TRY(rolled);
  }
  std::vector<std::string> paths;
  while (segments_.size() > 1 && is_old(segments_.front())) {
    const uint64_t base_offset = segments_.front().base_offset;
    std::erase_if(readers_, [&](const auto& reader) { return reader.first == base_offset; });
    paths.push_back(segments_.front().path);
    segments_.pop_front();
  }
  lock.unlock();
  // Oldest first, so that a crash in between leaves a log without a hole.
  for (const std::string& path : paths) {
    TRY(fs_.remove(path));
    const Status removed = fs_.remove(index_path(path));
    if (!removed.ok() && removed.error().code() != ErrorCode::kNotFound) return removed;
  }
  return {};
}

}  // namespace raudal::journal
