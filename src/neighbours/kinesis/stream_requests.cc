// CreateStream, DeleteStream, ListStreams, DescribeStream, DescribeStreamSummary. A stream is ready when CreateStream
// answers and gone when DeleteStream does: clients that ask until it is ACTIVE, or not found, ask once.
#include <algorithm>

#include <fmt/core.h>

#include "neighbours/kinesis/handlers.h"
#include "neighbours/kinesis/lookup.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr int64_t kShardsMax = 10'000;
constexpr int64_t kOnDemandShards = 4;
constexpr int64_t kListedMax = 100;
constexpr int64_t kLimitMax = 10'000;
constexpr TextRule kToken{.size_max = 1 << 20};

void write_mode(Answer& answer, const StreamState& state) {
  answer.begin_object("StreamModeDetails")
      .text("StreamMode", state.is_on_demand ? "ON_DEMAND" : "PROVISIONED")
      .end_object();
}

// What DescribeStream and DescribeStreamSummary have in common.
void write_description(Answer& answer, const StreamCatalogue& catalogue, const StreamState& state) {
  answer.text("StreamName", state.name)
      .text("StreamARN", catalogue.stream_arn(state.name))
      .text("StreamStatus", "ACTIVE");
  write_mode(answer, state);
  answer.number("RetentionPeriodHours", state.retention_hours)
      .timestamp_ms("StreamCreationTimestamp", state.created_ms)
      .begin_array("EnhancedMonitoring")
      .begin_object()
      .begin_array("ShardLevelMetrics");
  for (const std::string& metric : state.metrics) answer.item(metric);
  answer.end_array().end_object().end_array().text("EncryptionType", state.key_id.empty() ? "NONE" : "KMS");
  if (!state.key_id.empty()) answer.text("KeyId", state.key_id);
}

}  // namespace

AwsStatus create_stream(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const int64_t now_ms = catalogue.context().now_ms();
  StreamState state{.name = TRY(request.required_text("StreamName", kName)), .created_ms = now_ms};
  const auto count = TRY(request.number("ShardCount", 1, kShardsMax));
  if (const auto mode = TRY(request.object("StreamModeDetails"))) {
    state.is_on_demand = TRY(mode->required_choice("StreamMode", {"PROVISIONED", "ON_DEMAND"})) == "ON_DEMAND";
  }
  state.tags = TRY(request.tags("Tags"));
  state.record_kib_max = TRY(request.number("MaxRecordSizeInKiB", 1024, 10'240)).value_or(1024);
  state.warm_mib_per_s = TRY(request.number("WarmThroughputMiBps", 0, 10'240)).value_or(0);
  if (!count && !state.is_on_demand) return invalid_argument("ShardCount is needed for a stream of mode PROVISIONED.");
  if (count && state.is_on_demand) return invalid_argument("ShardCount is not for a stream of mode ON_DEMAND.");
  state.add_even_shards(static_cast<uint32_t>(count.value_or(kOnDemandShards)), now_ms);
  TRY(catalogue.create(std::move(state)));
  return {};
}

AwsStatus delete_stream(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const auto stream = TRY(find_stream(catalogue, request));
  const bool with_consumers = TRY(request.boolean("EnforceConsumerDeletion")).value_or(false);
  const auto state = stream->state();
  if (!state->consumers.empty() && !with_consumers) {
    return AwsFailure(
        "ResourceInUseException",
        fmt::format("Stream {} under account {} has registered consumers; EnforceConsumerDeletion deletes "
                    "them with it.",
                    state->name, catalogue.account()));
  }
  return catalogue.remove(stream);
}

AwsStatus list_streams(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const int64_t limit = std::min(kListedMax, TRY(request.number("Limit", 1, kLimitMax)).value_or(kListedMax));
  std::string after = TRY(request.text("ExclusiveStartStreamName", kName)).value_or("");
  if (const auto token = TRY(request.text("NextToken", kToken))) after = TRY(open_next_token(catalogue, *token));
  std::vector<std::shared_ptr<const StreamState>> states;
  bool has_more = false;
  for (const auto& stream : catalogue.all()) {
    const auto state = stream->state();
    if (!after.empty() && state->name <= after) continue;
    has_more = static_cast<int64_t>(states.size()) == limit;
    if (has_more) break;
    states.push_back(state);
  }
  answer.begin_object().begin_array("StreamNames");
  for (const auto& state : states) answer.item(state->name);
  answer.end_array().boolean("HasMoreStreams", has_more);
  if (has_more) {
    answer.text("NextToken", seal_token(states.back()->name, catalogue.context().now_ms(), catalogue.seal_key()));
  }
  answer.begin_array("StreamSummaries");
  for (const auto& state : states) {
    answer.begin_object()
        .text("StreamName", state->name)
        .text("StreamARN", catalogue.stream_arn(state->name))
        .text("StreamStatus", "ACTIVE");
    write_mode(answer, *state);
    answer.timestamp_ms("StreamCreationTimestamp", state->created_ms).end_object();
  }
  answer.end_array().end_object();
  return {};
}

AwsStatus describe_stream(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto state = TRY(find_stream(catalogue, request))->state();
  const int64_t limit = std::min(kListedMax, TRY(request.number("Limit", 1, kLimitMax)).value_or(kListedMax));
  const auto after = TRY(request.text("ExclusiveStartShardId", kName));
  std::optional<uint32_t> after_index;
  if (after) {
    after_index = parse_shard_id(*after);
    if (!after_index) return invalid_argument("ExclusiveStartShardId is not the id of a shard: " + *after);
  }
  answer.begin_object().begin_object("StreamDescription");
  write_description(answer, catalogue, *state);
  answer.begin_array("Shards");
  int64_t num_shards = 0;
  bool has_more = false;
  for (const Shard& shard : state->shards) {
    if ((after_index && shard.index <= *after_index) || state->is_expired(shard, catalogue.context().now_ms()))
      continue;
    has_more = num_shards == limit;
    if (has_more) break;
    write_shard(answer, shard);
    ++num_shards;
  }
  answer.end_array().boolean("HasMoreShards", has_more).end_object().end_object();
  return {};
}

AwsStatus describe_stream_summary(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto state = TRY(find_stream(catalogue, request))->state();
  answer.begin_object().begin_object("StreamDescriptionSummary");
  write_description(answer, catalogue, *state);
  answer.number("OpenShardCount", static_cast<int64_t>(state->open_shards().size()))
      .number("ConsumerCount", static_cast<int64_t>(state->consumers.size()))
      .number("MaxRecordSizeInKiB", state->record_kib_max);
  if (state->warm_mib_per_s > 0) {
    answer.begin_object("WarmThroughput")
        .number("TargetMiBps", state->warm_mib_per_s)
        .number("CurrentMiBps", state->warm_mib_per_s)
        .end_object();
  }
  answer.end_object().end_object();
  return {};
}

}  // namespace raudal::neighbours::kinesis
