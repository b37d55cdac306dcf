#include "neighbours/kinesis/stream.h"

#include <algorithm>

#include <fmt/core.h>

#include "neighbours/kinesis/record_codec.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr int64_t kTrimEveryNs = 60'000'000'000;
constexpr int64_t kSubscribeAgainMs = 5'000;

}  // namespace

// Which entry of the log a record became part of.
struct Stream::Routed {
  size_t entry = 0;
  uint32_t position = 0;
  bool is_throttled = false;
  uint32_t shard = 0;
};

Stream::Stream(const StreamContext& context, std::string directory, StreamState state)
    : context_(context),
      directory_(std::move(directory)),
      throttle_(context.clock),
      state_(std::make_shared<const StreamState>(std::move(state))),
      open_shards_(state_->open_shards()) {}

std::shared_ptr<const StreamState> Stream::state() const {
  std::lock_guard lock(state_mutex_);
  return state_;
}

AwsStatus Stream::change(const std::function<AwsStatus(StreamState&)>& apply) {
  std::lock_guard one_at_a_time(change_mutex_);
  std::unique_lock no_puts(routing_mutex_);
  StreamState changed = *state();
  TRY(apply(changed));
  TRY(context_.store.save(changed));
  open_shards_ = changed.open_shards();
  {
    std::lock_guard lock(state_mutex_);
    state_ = std::make_shared<const StreamState>(std::move(changed));
  }
  std::lock_guard lock(mutex_);
  if (journal_) journal_->wake();
  return {};
}

Result<std::shared_ptr<journal::Journal>> Stream::journal() {
  std::lock_guard lock(mutex_);
  if (is_deleted_) return Error(ErrorCode::kResourceNotFound, "Stream was deleted: " + state()->name);
  if (!journal_) {
    std::shared_ptr<journal::Journal> opened =
        TRY(journal::Journal::open(context_.fs, context_.clock, context_.log, {.directory = directory_}));
    journal_ = std::move(opened);
  }
  return journal_;
}

AwsResult<std::vector<PutOutcome>> Stream::put(const std::vector<NewRecord>& records) {
  { std::lock_guard behind_changes(change_mutex_); }
  std::shared_lock shards_stay(routing_mutex_);
  const auto state = this->state();
  const auto journal = TRY(this->journal());
  std::vector<Routed> routed;
  std::vector<journal::Entry> entries;
  std::map<uint32_t, size_t> entry_of;
  routed.reserve(records.size());
  for (const NewRecord& record : records) {
    const auto after = std::ranges::upper_bound(open_shards_, record.hash_key, {},
                                                [&](uint32_t index) { return state->shards[index].first_key; });
    CHECK(after != open_shards_.begin());
    const uint32_t shard = *std::prev(after);
    const size_t bytes = record.partition_key.size() + record.data.size();
    if (context_.has_limits && !throttle_.admit_write(shard, bytes)) {
      routed.push_back({.is_throttled = true, .shard = shard});
      continue;
    }
    const auto [found, is_new] = entry_of.try_emplace(shard, entries.size());
    if (is_new) {
      entries.push_back({.lane = shard, .count = 0});
      begin_entry(entries.back().payload, !state->key_id.empty());
    }
    journal::Entry& entry = entries[found->second];
    routed.push_back({.entry = found->second, .position = entry.count++, .shard = shard});
    append_record(entry.payload, record.partition_key, record.data);
  }
  std::vector<journal::Placed> placed;
  if (!entries.empty()) placed = TRY(journal->append(std::move(entries)));
  std::vector<PutOutcome> outcomes;
  outcomes.reserve(routed.size());
  for (const Routed& route : routed) {
    const Shard& shard = state->shards[route.shard];
    if (route.is_throttled) {
      outcomes.push_back({.shard_id = shard.id(), .is_throttled = true});
      continue;
    }
    const journal::Placed& entry = placed[route.entry];
    outcomes.push_back(
        {.shard_id = shard.id(),
         .sequence_number = format_sequence_number({.birth_s = shard.birth_s,
                                                    .shard = shard.index,
                                                    .index = entry.sequence + route.position + 1,
                                                    .time_s = static_cast<uint64_t>(entry.time_ms / 1000)})});
  }
  trim(*journal, *state);
  return outcomes;
}

// Old segments go while the stream is written to; a stream that is not does not grow.
void Stream::trim(journal::Journal& journal, const StreamState& state) {
  {
    std::lock_guard lock(mutex_);
    const int64_t now_ns = context_.clock.monotonic_ns();
    if (trimmed_ns_ != 0 && now_ns - trimmed_ns_ < kTrimEveryNs) return;
    trimmed_ns_ = now_ns;
  }
  const Status dropped = journal.drop_before(state.horizon_ms(context_.now_ms()));
  if (!dropped.ok()) context_.log.warn("Old records of a stream cannot be removed: " + state.name, dropped.error());
}

AwsResult<ReadRecords> Stream::read(uint32_t shard, journal::Cursor from, size_t records_max, size_t bytes_max) {
  const auto state = this->state();
  const auto journal = TRY(this->journal());
  journal::ReadResult read = TRY(journal->read(
      shard, from,
      {.bytes_max = bytes_max, .records_max = records_max, .time_min_ms = state->horizon_ms(context_.now_ms())}));
  ReadRecords result{.frames = std::move(read.frames), .next = read.next};
  bool is_cut = false;
  size_t bytes = 0;
  for (const journal::Frame& frame : result.frames) {
    EntryReader reader(frame.payload);
    uint64_t sequence = frame.sequence;
    for (auto record = reader.next(); record && !is_cut; record = reader.next(), ++sequence) {
      if (sequence < from.sequence) continue;
      bytes += record->partition_key.size() + record->data.size();
      is_cut = result.records.size() == records_max || (bytes > bytes_max && !result.records.empty());
      if (is_cut) {
        result.next = {.sequence = sequence, .offset = frame.offset};
        break;
      }
      result.records.push_back({.index = sequence + 1,
                                .time_ms = frame.time_ms,
                                .is_encrypted = reader.is_encrypted(),
                                .partition_key = record->partition_key,
                                .data = record->data});
    }
    if (is_cut) break;
  }
  const bool is_caught_up = read.caught_up && !is_cut;
  if (!is_caught_up && !result.records.empty()) {
    result.millis_behind = std::max<int64_t>(0, context_.now_ms() - result.records.back().time_ms);
  }
  result.is_at_end = is_caught_up && !state->shards[shard].is_open();
  if (context_.has_limits) throttle_.count_read(shard, bytes);
  return result;
}

AwsStatus Stream::admit_read(const Shard& shard) {
  if (!context_.has_limits || throttle_.admit_read(shard.index)) return {};
  return AwsFailure("ProvisionedThroughputExceededException",
                    fmt::format("Rate exceeded for shard {} in stream {}.", shard.id(), state()->name));
}

Result<journal::Cursor> Stream::at_time(uint32_t shard, int64_t time_ms) {
  const auto journal = TRY(this->journal());
  const journal::Cursor end = journal->end();
  const journal::ReadResult read =
      TRY(journal->read(shard, {}, {.bytes_max = 1, .records_max = 1, .time_min_ms = time_ms}));
  if (read.frames.empty()) return end;
  return journal::Cursor{.sequence = read.frames[0].sequence, .offset = read.frames[0].offset};
}

Result<journal::Cursor> Stream::end() { return TRY(journal())->end(); }

Status Stream::wait_beyond(uint32_t shard, const journal::Cursor& cursor, int64_t timeout_ms, uint64_t changes_seen) {
  TRY(journal())->wait_for(shard, cursor.sequence, timeout_ms, changes_seen);
  return {};
}

Result<uint64_t> Stream::num_changes() { return TRY(journal())->num_wakes(); }

AwsResult<uint64_t> Stream::subscribe(const std::string& consumer, const Shard& shard) {
  std::lock_guard lock(mutex_);
  Subscription& subscription = subscriptions_[{consumer, shard.index}];
  const int64_t now_ms = context_.now_ms();
  if (subscription.number != 0 && now_ms - subscription.started_ms < kSubscribeAgainMs) {
    return AwsFailure("ResourceInUseException",
                      fmt::format("Another active subscription exists for this consumer: {}:{}, to shard: {}", consumer,
                                  subscription.number, shard.id()));
  }
  subscription = {.number = ++last_subscription_, .started_ms = now_ms};
  if (journal_) journal_->wake();
  return subscription.number;
}

bool Stream::is_subscribed(const std::string& consumer, uint32_t shard, uint64_t subscription) const {
  std::lock_guard lock(mutex_);
  const auto found = subscriptions_.find({consumer, shard});
  return found != subscriptions_.end() && found->second.number == subscription;
}

void Stream::close_deleted() {
  std::lock_guard lock(mutex_);
  is_deleted_ = true;
  if (journal_) journal_->interrupt();
}

void Stream::stop_waits() {
  std::lock_guard lock(mutex_);
  is_stopping_ = true;
  if (journal_) journal_->interrupt();
}

bool Stream::is_deleted() const {
  std::lock_guard lock(mutex_);
  return is_deleted_;
}

bool Stream::is_stopping() const {
  std::lock_guard lock(mutex_);
  return is_stopping_;
}

}  // namespace raudal::neighbours::kinesis
