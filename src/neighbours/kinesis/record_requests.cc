// PutRecord, PutRecords, GetShardIterator, GetRecords.
#include <ctime>

#include <fmt/core.h>

#include "neighbours/kinesis/handlers.h"
#include "neighbours/kinesis/lookup.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr size_t kPutRecordsMax = 500;
constexpr size_t kPutBytesMax = 10 << 20;
constexpr int64_t kGetRecordsMax = 10'000;
constexpr size_t kGetBytesMax = 10 << 20;
constexpr TextRule kPartitionKey{.size_max = 256};
constexpr TextRule kSequenceNumber{.size_max = 129};
constexpr TextRule kAnyText{.size_min = 0, .size_max = 4096};

AwsResult<NewRecord> read_record(const Members& record, const StreamState& state) {
  NewRecord read{.partition_key = TRY(record.required_text("PartitionKey", kPartitionKey)),
                 .data = TRY(record.required_blob("Data"))};
  const size_t bytes_max = static_cast<size_t>(state.record_kib_max) << 10;
  if (read.data.size() + read.partition_key.size() > bytes_max) {
    return AwsFailure("ValidationException",
                      fmt::format("1 validation error detected: Value at 'data' failed to satisfy constraint: Member "
                                  "must have length less than or equal to {}",
                                  bytes_max));
  }
  const auto hash_key = TRY(record.text("ExplicitHashKey", kAnyText));
  if (!hash_key) {
    read.hash_key = hash_of(read.partition_key);
    return read;
  }
  const auto parsed = parse_hash_key(*hash_key);
  if (!parsed) {
    return invalid_argument(
        fmt::format("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
                    "Specified value was {}",
                    *hash_key));
  }
  read.hash_key = *parsed;
  return read;
}

std::string rate_exceeded(const StreamCatalogue& catalogue, const StreamState& state, const std::string& shard) {
  return fmt::format("Rate exceeded for shard {} in stream {} under account {}.", shard, state.name,
                     catalogue.account());
}

std::string java_date(int64_t time_ms) {
  const time_t seconds = time_ms / 1000;
  tm parts;
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return std::string(text, ::strftime(text, sizeof(text), "%a %b %d %H:%M:%S UTC %Y", &parts));
}

}  // namespace

AwsStatus put_record(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto stream = TRY(find_stream(catalogue, request));
  const auto state = stream->state();
  // Numbers grow with the time of arrival anyway, so there is nothing to be done for it.
  const auto ordering = TRY(request.text("SequenceNumberForOrdering", kSequenceNumber));
  if (ordering && !parse_sequence_number(*ordering)) {
    return invalid_argument(
        fmt::format("ExclusiveMinimumSequenceNumber {} used in PutRecord on stream {} under account "
                    "{} is invalid.",
                    *ordering, state->name, catalogue.account()));
  }
  std::vector<NewRecord> records;
  records.push_back(TRY(read_record(request, *state)));
  const auto outcomes = TRY(stream->put(records));
  const PutOutcome& outcome = outcomes.front();
  if (outcome.is_throttled) {
    return AwsFailure("ProvisionedThroughputExceededException", rate_exceeded(catalogue, *state, outcome.shard_id));
  }
  answer.begin_object().text("ShardId", outcome.shard_id).text("SequenceNumber", outcome.sequence_number);
  if (!state->key_id.empty()) answer.text("EncryptionType", "KMS");
  answer.end_object();
  return {};
}

AwsStatus put_records(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto stream = TRY(find_stream(catalogue, request));
  const auto state = stream->state();
  std::vector<NewRecord> records;
  size_t bytes = 0;
  for (const Members& record : TRY(request.required_objects("Records", kPutRecordsMax))) {
    records.push_back(TRY(read_record(record, *state)));
    bytes += records.back().data.size() + records.back().partition_key.size();
  }
  if (bytes > kPutBytesMax) return invalid_argument("Records size exceeds 10 MB limit");
  const auto outcomes = TRY(stream->put(records));
  int64_t num_failed = 0;
  for (const PutOutcome& outcome : outcomes) num_failed += outcome.is_throttled ? 1 : 0;
  answer.begin_object().number("FailedRecordCount", num_failed).begin_array("Records");
  for (const PutOutcome& outcome : outcomes) {
    answer.begin_object();
    if (outcome.is_throttled) {
      answer.text("ErrorCode", "ProvisionedThroughputExceededException")
          .text("ErrorMessage", rate_exceeded(catalogue, *state, outcome.shard_id));
    } else {
      answer.text("SequenceNumber", outcome.sequence_number).text("ShardId", outcome.shard_id);
    }
    answer.end_object();
  }
  answer.end_array();
  if (!state->key_id.empty()) answer.text("EncryptionType", "KMS");
  answer.end_object();
  return {};
}

AwsStatus get_shard_iterator(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto stream = TRY(find_stream(catalogue, request));
  const auto state = stream->state();
  const std::string id = TRY(request.required_text("ShardId", kName));
  const std::string type = TRY(request.required_choice(
      "ShardIteratorType", {"AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"}));
  const auto number = TRY(request.text("StartingSequenceNumber", kSequenceNumber));
  const auto time_ms = TRY(request.timestamp_ms("Timestamp"));
  const Shard shard = TRY(find_shard(catalogue, *state, id));
  const ShardIterator iterator{.stream = state->number,
                               .shard = shard.index,
                               .cursor = TRY(find_position(catalogue, *stream, shard, type, number, time_ms)),
                               .issued_ms = catalogue.context().now_ms()};
  answer.begin_object().text("ShardIterator", seal_iterator(iterator, catalogue.seal_key())).end_object();
  return {};
}

AwsStatus get_records(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const std::string text = TRY(request.required_text("ShardIterator", {.size_max = 512}));
  const int64_t limit = TRY(request.number("Limit", 1, kGetRecordsMax)).value_or(kGetRecordsMax);
  auto iterator = open_iterator(text, catalogue.seal_key());
  if (!iterator) return invalid_argument("Invalid ShardIterator.");
  const int64_t now_ms = catalogue.context().now_ms();
  if (now_ms - iterator->issued_ms > kIteratorLifeMs) {
    return AwsFailure(
        "ExpiredIteratorException",
        fmt::format("Iterator expired. The iterator was created at time {} while right now it is {} which "
                    "is further in the future than the tolerated delay of {} milliseconds.",
                    java_date(iterator->issued_ms), java_date(now_ms), kIteratorLifeMs));
  }
  const auto stream = catalogue.find(iterator->stream);
  if (!stream) return AwsFailure("ResourceNotFoundException", "The stream of this ShardIterator was deleted.");
  // The shards as they were before the read: one that is closed here gets no more records.
  const auto state = stream->state();
  const Shard& shard = state->shards[iterator->shard];
  TRY(stream->admit_read(shard));
  const ReadRecords read = TRY(stream->read(shard.index, iterator->cursor, static_cast<size_t>(limit), kGetBytesMax));
  answer.begin_object();
  write_records(answer, *state, shard.index, read);
  if (!read.is_at_end) {
    iterator->cursor = read.next;
    iterator->issued_ms = now_ms;
    answer.text("NextShardIterator", seal_iterator(*iterator, catalogue.seal_key()));
  }
  answer.number("MillisBehindLatest", read.millis_behind);
  if (read.is_at_end) write_child_shards(answer, *stream->state(), shard.index);
  answer.end_object();
  return {};
}

}  // namespace raudal::neighbours::kinesis
