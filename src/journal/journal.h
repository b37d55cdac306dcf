// A durable log of records in one folder: appends of several lanes, numbered in one sequence, in checksummed segments.
// Used by the Kinesis streams, one log a stream and one lane a shard. What append() has acknowledged survives kill -9
// and power loss, and a reader sees nothing that is not durable. Writers that wait together share one fdatasync; there
// is no thread of the journal's own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "journal/segment.h"
#include "obs/log.h"

namespace raudal::journal {

struct JournalOptions {
  std::string directory;
  uint64_t segment_bytes = 64 << 20;
  size_t commit_bytes_max = 16 << 20;  // what one write and sync takes of those who wait
};

// Records of one lane that arrive together; at most kPayloadBytesMax bytes, in the caller's own encoding.
struct Entry {
  uint32_t lane = 0;
  uint32_t count = 1;
  std::string payload;
};

// Where an entry came to stand: its first record's number, and when it arrived. Times never go back.
struct Placed {
  uint64_t sequence = 0;
  int64_t time_ms = 0;
};

// From where to read: records from `sequence` on. The offset is where the log was left; 0 when that is unknown.
struct Cursor {
  uint64_t sequence = 0;
  uint64_t offset = 0;
};

// An entry as read.
struct Frame {
  uint64_t sequence = 0;
  uint32_t count = 0;
  int64_t time_ms = 0;
  uint64_t offset = 0;
  std::string payload;
};

struct ReadLimits {
  size_t bytes_max = 1 << 20;  // at least one frame is read
  size_t records_max = 10'000;
  int64_t time_min_ms = 0;  // older frames are passed over
};

// Whole frames: the first may begin before the cursor.
struct ReadResult {
  std::vector<Frame> frames;
  Cursor next;             // after the last frame
  bool caught_up = false;  // the lane holds nothing beyond
};

// All calls from any thread.
class Journal {
 public:
  // Opens or makes the folder's log; a torn tail is cut. Damage inside the log is told to `log` and kept: reading
  // across it answers kCorrupt, reading beside it works.
  static Result<std::unique_ptr<Journal>> open(Fs& fs, const Clock& clock, const obs::Logger& log,
                                               JournalOptions options);
  ~Journal();

  // Appends all entries or none, and returns when they are durable. kDiskFull when the disk is full: nothing of them
  // remains, and a later append may succeed. kIo once a sync has failed, until the log is opened anew.
  Result<std::vector<Placed>> append(std::vector<Entry> entries);

  // kCorrupt where the log is damaged.
  Result<ReadResult> read(uint32_t lane, Cursor cursor, const ReadLimits& limits);
  // Returns when the lane has a record of at least this number, and then true; false at the time-out, at interrupt(),
  // or when wake() has been called more often than `wakes_seen`.
  bool wait_for(uint32_t lane, uint64_t sequence, int64_t timeout_ms, uint64_t wakes_seen);
  // Ends all waits of readers, now and later.
  void interrupt();
  // Wakes those who wait, so that they look at what else they wait for. They ask for the count before they look, so
  // that they miss no call.
  void wake();
  uint64_t num_wakes() const;

  // The number of the next record.
  uint64_t next_sequence() const;
  Cursor end() const;
  // After the lane's last record; 0 when it has none.
  uint64_t lane_end(uint32_t lane) const;
  int64_t lane_last_time_ms(uint32_t lane) const;

  // Removes the segments whose records are all older.
  Status drop_before(int64_t time_ms);
  uint64_t size_bytes() const;

 private:
  struct Waiting;
  struct Batch;
  struct LaneEnd {
    uint64_t sequence = 0;
    int64_t time_ms = 0;
  };
  // A run of one segment's bytes to be read.
  struct Span {
    std::string path;
    uint64_t base_offset = 0;
    uint64_t position = 0;
    uint64_t end = 0;
  };

  Journal(Fs& fs, const Clock& clock, const obs::Logger& log, JournalOptions options);

  Status recover();
  Status recover_segment(Segment& segment, bool is_last);
  Batch take_batch();
  static std::string frames_of(const Batch& batch);
  void commit(std::unique_lock<std::mutex>& lock);
  Status write(const std::string& bytes);
  Status roll(std::unique_lock<std::mutex>& lock);
  Status begin_segment(uint64_t base_offset, uint64_t base_sequence);
  void note(const FrameHeader& header);
  uint64_t durable_offset() const { return segments_.back().end_offset(); }
  std::optional<Span> next_span(uint32_t lane, const Cursor& cursor, int64_t time_min_ms) const;
  Result<std::shared_ptr<File>> reader_of(const Span& span);
  Status read_span(uint32_t lane, const Span& span, const ReadLimits& limits, ReadResult& result, size_t& bytes,
                   size_t& records);

  Fs& fs_;
  const Clock& clock_;
  const obs::Logger log_;
  const JournalOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable committed_;  // for writers
  std::condition_variable appended_;   // for readers
  std::deque<Waiting*> waiting_;
  bool committing_ = false;
  bool interrupted_ = false;
  uint64_t num_wakes_ = 0;
  std::optional<Error> broken_;
  std::deque<Segment> segments_;  // never empty once open; the last one is written to
  std::unique_ptr<File> file_;    // the last segment's
  uint64_t next_sequence_ = 0;
  int64_t last_time_ms_ = 0;
  std::map<uint32_t, LaneEnd> lanes_;
  std::deque<std::pair<uint64_t, std::shared_ptr<File>>> readers_;  // by base offset, newest first
};

}  // namespace raudal::journal
