#include "neighbours/firehose/kinesis_source.h"

#include <chrono>

#include <fmt/core.h>

#include "codec/base64.h"
#include "neighbours/protocol/internal_call.h"

namespace raudal::neighbours::firehose {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using protocol::AwsResult;
using protocol::AwsService;
using protocol::AwsStatus;

constexpr char kClosed[] = "closed";
constexpr int kRecordsMax = 1000;
constexpr int64_t kBufferedBytesMax = 256 << 20;  // then the stream itself is the buffer
constexpr std::chrono::milliseconds kPoll(200);

std::string text_of(const JsonObject& object, std::string_view member) {
  return std::string(codec::find_string(object, member).value_or(""));
}

std::string stream_arn(const DeliveryStream& stream) {
  const JsonObject* source = codec::find_object(stream.source, "KinesisStreamSourceDescription");
  return source ? text_of(*source, "KinesisStreamARN") : "";
}

}  // namespace

void KinesisSource::start() {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable() && !stopping_) thread_ = std::thread([this] { run(); });
}

void KinesisSource::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void KinesisSource::run() {
  obs::set_thread_name("firehose-source");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    bool busy = false;
    std::vector<DeliveryStream> streams;
    {
      const auto held = loop_.lock();
      auto listed = store_.list();
      if (listed.ok()) streams = *std::move(listed);
    }
    AwsService* kinesis = kinesis_();
    for (const DeliveryStream& stream : streams) {
      if (stream.source.empty() || stream.is_deleting || !kinesis) continue;
      const auto read = read_stream(*kinesis, stream);
      const std::string complaint = read.ok() ? "" : read.error().code + ": " + read.error().message;
      if (!complaint.empty() && complaints_[stream.id] != complaint) {
        log_.error(fmt::format("The delivery stream {} cannot read its source: {}", stream.name, complaint));
      }
      complaints_[stream.id] = complaint;
      busy = busy || (read.ok() && *read);
    }
    lock.lock();
    if (!busy && !stopping_) changed_.wait_for(lock, kPoll);
  }
}

AwsResult<bool> KinesisSource::read_stream(AwsService& kinesis, const DeliveryStream& stream) {
  Positions positions;
  {
    const auto held = loop_.lock();
    if (loop_.buffered_bytes(stream.id) > kBufferedBytesMax) return false;
    for (auto& [shard, sequence] : TRY(store_.positions(stream.id))) positions[shard] = sequence;
  }
  const JsonObject listed = TRY(call_service(kinesis, "ListShards", {{"StreamARN", stream_arn(stream)}}));
  const JsonArray* shards = codec::find_array(listed, "Shards");
  std::map<std::string, const JsonObject*> by_id;
  if (!shards) return false;
  for (const codec::Json& shard : *shards) { by_id[text_of(shard.get_object(), "ShardId")] = &shard.get_object(); }
  bool busy = false;
  for (const auto& [id, shard] : by_id) {
    if (positions[id] == kClosed) continue;
    // A shard comes after those that it was made of.
    const auto is_open = [&](const char* member) {
      const std::string parent = text_of(*shard, member);
      return by_id.contains(parent) && positions[parent] != kClosed;
    };
    if (is_open("ParentShardId") || is_open("AdjacentParentShardId")) continue;
    busy = TRY(read_shard(kinesis, stream, id, positions)) || busy;
  }
  return busy;
}

AwsResult<bool> KinesisSource::read_shard(AwsService& kinesis, const DeliveryStream& stream, const std::string& shard,
                                          const Positions& positions) {
  std::string& iterator = iterators_[{stream.id, shard}];
  if (iterator.empty()) {
    JsonObject request{{"StreamARN", stream_arn(stream)}, {"ShardId", shard}};
    const auto position = positions.find(shard);
    if (position != positions.end() && !position->second.empty()) {
      request["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER";
      request["StartingSequenceNumber"] = position->second;
    } else {
      // What comes after the delivery stream was made, as on AWS.
      request["ShardIteratorType"] = "AT_TIMESTAMP";
      request["Timestamp"] = static_cast<double>(stream.created_ms) / 1000;
    }
    iterator = text_of(TRY(call_service(kinesis, "GetShardIterator", request)), "ShardIterator");
  }
  auto answer = call_service(kinesis, "GetRecords", {{"ShardIterator", iterator}, {"Limit", kRecordsMax}});
  // A new one next time, from the position that is stored.
  if (!answer.ok()) iterator.clear();
  const JsonObject got = TRY(answer);
  const AwsStatus stored = store_records(stream, shard, got);
  iterator = stored.ok() ? text_of(got, "NextShardIterator") : "";
  TRY(stored);
  const JsonArray* records = codec::find_array(got, "Records");
  return records && !records->empty();
}

AwsStatus KinesisSource::store_records(const DeliveryStream& stream, const std::string& shard,
                                       const JsonObject& answer) {
  const JsonArray* records = codec::find_array(answer, "Records");
  const bool is_closed = text_of(answer, "NextShardIterator").empty();
  if ((!records || records->empty()) && !is_closed) return {};
  const auto held = loop_.lock();
  // It may have been deleted meanwhile.
  const auto there = TRY(store_.find(stream.name));
  if (!there || there->id != stream.id) return {};
  Buffered more{.oldest_ms = loop_.now_ms()};
  auto transaction = TRY(store_.begin());
  std::string position;
  for (const codec::Json& record : records ? *records : JsonArray()) {
    const std::string data = TRY(codec::base64_decode(text_of(record.get_object(), "Data")));
    TRY(store_.add_record(stream.id, data, more.oldest_ms));
    position = text_of(record.get_object(), "SequenceNumber");
    ++more.records;
    more.bytes += static_cast<int64_t>(data.size());
  }
  TRY(store_.set_position(stream.id, shard, is_closed ? std::string(kClosed) : position));
  TRY(transaction.commit());
  if (more.records > 0) loop_.added(stream.id, more);
  return {};
}

}  // namespace raudal::neighbours::firehose
