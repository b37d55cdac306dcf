// What the handlers share: which stream, shard or consumer a request means, where in a shard it wants to read, and how
// shards and records are written into answers.
#pragma once

#include "neighbours/kinesis/answer.h"
#include "neighbours/kinesis/members.h"
#include "neighbours/kinesis/shard_iterator.h"
#include "neighbours/kinesis/stream_catalogue.h"

namespace raudal::neighbours::kinesis {

// A stream, or one of its consumers, that an ARN names.
struct Resource {
  std::shared_ptr<Stream> stream;
  std::shared_ptr<const StreamState> state;
  std::string consumer;  // empty: the stream itself
};

AwsFailure invalid_argument(std::string message);

// By StreamARN, StreamName or both. ResourceNotFoundException when there is none.
AwsResult<std::shared_ptr<Stream>> find_stream(const StreamCatalogue& catalogue, const Members& request);
// The ARN of a stream or a consumer.
AwsResult<Resource> find_resource(const StreamCatalogue& catalogue, const std::string& arn);
// ResourceNotFoundException when it is not there, or no more.
AwsResult<Shard> find_shard(const StreamCatalogue& catalogue, const StreamState& state, const std::string& id);

// Where ShardIteratorType (or Type of a StartingPosition) and its companion members point to.
AwsResult<journal::Cursor> find_position(const StreamCatalogue& catalogue, Stream& stream, const Shard& shard,
                                         const std::string& type, const std::optional<std::string>& sequence_number,
                                         std::optional<int64_t> time_ms);

// What a NextToken carries; ExpiredNextTokenException after five minutes.
AwsResult<std::string> open_next_token(const StreamCatalogue& catalogue, const std::string& token);

void write_hash_range(Answer& answer, const Shard& shard);
void write_shard(Answer& answer, const Shard& shard);
void write_child_shards(Answer& answer, const StreamState& state, uint32_t shard);
void write_records(Answer& answer, const StreamState& state, uint32_t shard, const ReadRecords& read);

}  // namespace raudal::neighbours::kinesis
