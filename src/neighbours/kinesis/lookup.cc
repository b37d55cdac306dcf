#include "neighbours/kinesis/lookup.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr int64_t kTokenLifeMs = 300'000;

AwsFailure no_such_stream(std::string_view name, std::string_view account) {
  return AwsFailure("ResourceNotFoundException", fmt::format("Stream {} under account {} not found.", name, account));
}

// The parts of "arn:aws:kinesis:REGION:ACCOUNT:stream/NAME[/consumer/NAME:TIME]".
struct ParsedArn {
  std::string region;
  std::string account;
  std::string stream;
  std::string consumer;  // "NAME:TIME"
};

std::optional<ParsedArn> parse_arn(const std::string& arn) {
  constexpr std::string_view kStream = "stream/";
  constexpr std::string_view kConsumer = "/consumer/";
  std::string_view rest = arn;
  std::string parts[5];
  for (std::string& part : parts) {
    const size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "kinesis" || !rest.starts_with(kStream)) {
    return std::nullopt;
  }
  rest.remove_prefix(kStream.size());
  const size_t consumer = rest.find(kConsumer);
  ParsedArn parsed{.region = parts[3], .account = parts[4], .stream = std::string(rest.substr(0, consumer))};
  if (consumer != std::string_view::npos) parsed.consumer = rest.substr(consumer + kConsumer.size());
  if (parsed.stream.empty()) return std::nullopt;
  return parsed;
}

AwsResult<std::shared_ptr<Stream>> find_stream_of(const StreamCatalogue& catalogue, const ParsedArn& arn) {
  const bool is_ours = arn.region == catalogue.region() && arn.account == catalogue.account();
  auto stream = is_ours ? catalogue.find(arn.stream) : nullptr;
  if (!stream) return no_such_stream(arn.stream, arn.account + (is_ours ? "" : " in region " + arn.region));
  return stream;
}

}  // namespace

AwsFailure invalid_argument(std::string message) { return AwsFailure("InvalidArgumentException", std::move(message)); }

AwsResult<std::shared_ptr<Stream>> find_stream(const StreamCatalogue& catalogue, const Members& request) {
  const auto name = TRY(request.text("StreamName", kName));
  const auto arn = TRY(request.text("StreamARN", kArn));
  if (!arn) {
    if (!name) return invalid_argument("Either StreamName or StreamARN should be given.");
    auto stream = catalogue.find(*name);
    if (!stream) return no_such_stream(*name, catalogue.account());
    return stream;
  }
  const auto parsed = parse_arn(*arn);
  if (!parsed || !parsed->consumer.empty()) return invalid_argument("StreamARN is not the ARN of a stream: " + *arn);
  if (name && *name != parsed->stream) {
    return invalid_argument(fmt::format("StreamName {} and StreamARN {} name different streams.", *name, *arn));
  }
  return find_stream_of(catalogue, *parsed);
}

AwsResult<Resource> find_resource(const StreamCatalogue& catalogue, const std::string& arn) {
  const auto parsed = parse_arn(arn);
  if (!parsed) return invalid_argument("Not the ARN of a stream or a consumer: " + arn);
  Resource found{.stream = TRY(find_stream_of(catalogue, *parsed))};
  found.state = found.stream->state();
  if (parsed->consumer.empty()) return found;
  const std::string name = parsed->consumer.substr(0, parsed->consumer.rfind(':'));
  const Consumer* consumer = found.state->find_consumer(name);
  if (!consumer || catalogue.consumer_arn(found.state->name, *consumer) != arn) {
    return AwsFailure("ResourceNotFoundException", fmt::format("Consumer {} under stream {} not found.", arn,
                                                               catalogue.stream_arn(found.state->name)));
  }
  found.consumer = name;
  return found;
}

AwsResult<Shard> find_shard(const StreamCatalogue& catalogue, const StreamState& state, const std::string& id) {
  const Shard* shard = state.find_shard(id);
  if (!shard || state.is_expired(*shard, catalogue.context().now_ms())) {
    return AwsFailure("ResourceNotFoundException", fmt::format("Could not find shard {} in stream {} under account {}.",
                                                               id, state.name, catalogue.account()));
  }
  return *shard;
}

AwsResult<journal::Cursor> find_position(const StreamCatalogue& catalogue, Stream& stream, const Shard& shard,
                                         const std::string& type, const std::optional<std::string>& sequence_number,
                                         std::optional<int64_t> time_ms) {
  if (type == "TRIM_HORIZON") return journal::Cursor{};
  if (type == "LATEST") return TRY(stream.end());
  if (type == "AT_TIMESTAMP") {
    if (!time_ms)
      return invalid_argument("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.");
    const int64_t now_ms = catalogue.context().now_ms();
    if (*time_ms > now_ms) {
      return invalid_argument(
          fmt::format("The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
                      "timestampInMillis: {}, currentTimestampInMillis: {}",
                      *time_ms, now_ms));
    }
    return TRY(stream.at_time(shard.index, *time_ms));
  }
  if (!sequence_number) {
    return invalid_argument(
        fmt::format("Must either specify type (TRIM_HORIZON or LATEST or AT_TIMESTAMP) or a "
                    "StartingSequenceNumber for an iterator of type {}.",
                    type));
  }
  const auto number = parse_sequence_number(*sequence_number);
  const uint64_t end = TRY(stream.end()).sequence;
  const bool is_after_all = number && *sequence_number == shard.ending_sequence_number();
  if (!number || number->shard != shard.index || number->birth_s != shard.birth_s ||
      (number->index > end && !is_after_all)) {
    return invalid_argument(
        fmt::format("StartingSequenceNumber {} used in GetShardIterator on shard {} in stream {} under account {} is "
                    "invalid because it did not come from this stream.",
                    *sequence_number, shard.id(), stream.state()->name, catalogue.account()));
  }
  // Records are numbered from 1 at step 0, and a step is between this record and the next.
  const bool is_beyond = type == "AFTER_SEQUENCE_NUMBER" || number->step > 0;
  const uint64_t index = std::min(number->index, end) + (is_beyond ? 1 : 0);
  return journal::Cursor{.sequence = index == 0 ? 0 : index - 1};
}

AwsResult<std::string> open_next_token(const StreamCatalogue& catalogue, const std::string& token) {
  const auto opened = open_token(token, catalogue.seal_key());
  if (!opened) return invalid_argument("NextToken is invalid.");
  if (catalogue.context().now_ms() - opened->issued_ms > kTokenLifeMs) {
    return AwsFailure("ExpiredNextTokenException", "NextToken has expired.");
  }
  return opened->text;
}

void write_hash_range(Answer& answer, const Shard& shard) {
  answer.begin_object("HashKeyRange")
      .text("StartingHashKey", format_hash_key(shard.first_key))
      .text("EndingHashKey", format_hash_key(shard.last_key))
      .end_object();
}

void write_shard(Answer& answer, const Shard& shard) {
  const auto id_of = [](uint32_t index) { return Shard{.index = index}.id(); };
  answer.begin_object().text("ShardId", shard.id());
  if (shard.parent) answer.text("ParentShardId", id_of(*shard.parent));
  if (shard.adjacent_parent) answer.text("AdjacentParentShardId", id_of(*shard.adjacent_parent));
  write_hash_range(answer, shard);
  answer.begin_object("SequenceNumberRange").text("StartingSequenceNumber", shard.starting_sequence_number());
  if (!shard.is_open()) answer.text("EndingSequenceNumber", shard.ending_sequence_number());
  answer.end_object().end_object();
}

void write_child_shards(Answer& answer, const StreamState& state, uint32_t shard) {
  answer.begin_array("ChildShards");
  for (const Shard* child : state.children_of(shard)) {
    answer.begin_object().text("ShardId", child->id()).begin_array("ParentShards");
    for (const auto& parent : {child->parent, child->adjacent_parent}) {
      if (parent) answer.item(state.shards[*parent].id());
    }
    answer.end_array();
    write_hash_range(answer, *child);
    answer.end_object();
  }
  answer.end_array();
}

void write_records(Answer& answer, const StreamState& state, uint32_t shard, const ReadRecords& read) {
  answer.begin_array("Records");
  for (const ReadRecord& record : read.records) {
    answer.begin_object()
        .text("SequenceNumber", format_sequence_number({.birth_s = state.shards[shard].birth_s,
                                                        .shard = shard,
                                                        .index = record.index,
                                                        .time_s = static_cast<uint64_t>(record.time_ms / 1000)}))
        .timestamp_ms("ApproximateArrivalTimestamp", record.time_ms)
        .blob("Data", record.data)
        .text("PartitionKey", record.partition_key);
    if (record.is_encrypted) answer.text("EncryptionType", "KMS");
    answer.end_object();
  }
  answer.end_array();
}

}  // namespace raudal::neighbours::kinesis
