// A stream at work: its state, its log (opened when it is first needed), and who is subscribed. Any thread; what a put
// has answered is durable, and a change of shards waits for the puts that are under way.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "journal/journal.h"
#include "neighbours/kinesis/stream_state.h"
#include "neighbours/kinesis/stream_store.h"
#include "neighbours/kinesis/throttle.h"
#include "neighbours/protocol/aws_result.h"
#include "obs/log.h"

namespace raudal::neighbours::kinesis {

using protocol::AwsFailure;
using protocol::AwsResult;
using protocol::AwsStatus;

// A record to be put.
struct NewRecord {
  std::string partition_key;
  std::string data;
  HashKey hash_key = 0;
};

// Where it went. A throttled record has none.
struct PutOutcome {
  std::string shard_id;
  std::string sequence_number;
  bool is_throttled = false;
};

// A record as read; the views live as long as what they were read into.
struct ReadRecord {
  uint64_t index = 0;
  int64_t time_ms = 0;
  bool is_encrypted = false;
  std::string_view partition_key;
  std::string_view data;
};

// What one read brought. The records point into the frames.
struct ReadRecords {
  std::vector<journal::Frame> frames;
  std::vector<ReadRecord> records;
  journal::Cursor next;
  int64_t millis_behind = 0;
  bool is_at_end = false;  // the shard is closed and nothing comes after
};

// What all streams share. It outlives them.
struct StreamContext {
  Fs& fs;
  const Clock& clock;
  obs::Logger log;
  StreamStore& store;
  bool has_limits = false;  // throughput is limited as AWS limits it

  int64_t now_ms() const { return clock.wall_us() / 1000; }
};

// One stream, from its making until the service ends.
class Stream {
 public:
  Stream(const StreamContext& context, std::string directory, StreamState state);

  std::shared_ptr<const StreamState> state() const;
  // Applies a change to a copy of the state and stores it; nothing changes when that fails.
  AwsStatus change(const std::function<AwsStatus(StreamState&)>& apply);

  // In the records' order.
  AwsResult<std::vector<PutOutcome>> put(const std::vector<NewRecord>& records);
  // kCorrupt where the log is damaged.
  AwsResult<ReadRecords> read(uint32_t shard, journal::Cursor from, size_t records_max, size_t bytes_max);
  // Counts against the shard's limits for reading.
  AwsStatus admit_read(const Shard& shard);
  // The first record that arrived at this time or later; else the end.
  Result<journal::Cursor> at_time(uint32_t shard, int64_t time_ms);
  Result<journal::Cursor> end();
  // Returns when the shard has a record beyond the cursor, at the time-out, or when the stream has changed since
  // num_changes() was asked.
  Status wait_beyond(uint32_t shard, const journal::Cursor& cursor, int64_t timeout_ms, uint64_t changes_seen);
  Result<uint64_t> num_changes();

  // A subscription ends the one before of the same consumer and shard. Answers its own number.
  AwsResult<uint64_t> subscribe(const std::string& consumer, const Shard& shard);
  bool is_subscribed(const std::string& consumer, uint32_t shard, uint64_t subscription) const;

  // The stream is deleted, or the service ends: those who wait are woken.
  void close_deleted();
  void stop_waits();
  bool is_deleted() const;
  bool is_stopping() const;
  const std::string& directory() const { return directory_; }

 private:
  struct Routed;
  struct Subscription {
    uint64_t number = 0;
    int64_t started_ms = 0;
  };

  Result<std::shared_ptr<journal::Journal>> journal();
  void trim(journal::Journal& journal, const StreamState& state);

  const StreamContext& context_;
  const std::string directory_;
  Throttle throttle_;

  std::mutex change_mutex_;          // one change at a time, and puts queue behind it
  std::shared_mutex routing_mutex_;  // shared by puts: shards stay as they are
  mutable std::mutex state_mutex_;
  std::shared_ptr<const StreamState> state_;
  std::vector<uint32_t> open_shards_;  // of state_, under the routing mutex

  mutable std::mutex mutex_;
  std::shared_ptr<journal::Journal> journal_;
  bool is_deleted_ = false;
  bool is_stopping_ = false;
  int64_t trimmed_ns_ = 0;
  uint64_t last_subscription_ = 0;
  std::map<std::pair<std::string, uint32_t>, Subscription> subscriptions_;
};

}  // namespace raudal::neighbours::kinesis
