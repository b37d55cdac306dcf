// ListShards, SplitShard, MergeShards, UpdateShardCount.
#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/kinesis/handlers.h"
#include "neighbours/kinesis/lookup.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr int64_t kListedMax = 1000;
constexpr int64_t kLimitMax = 10'000;
constexpr int64_t kShardsMax = 10'000;
constexpr TextRule kToken{.size_max = 1 << 20};

// Which shards ListShards shows.
struct Filter {
  std::string type = "FROM_TRIM_HORIZON";
  int64_t time_ms = 0;
};

AwsResult<Filter> read_filter(const Members& members, std::optional<uint32_t>& after) {
  Filter filter{.type = TRY(members.required_choice("Type", {"AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON",
                                                             "AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP"}))};
  const auto shard = TRY(members.text("ShardId", kName));
  const auto time_ms = TRY(members.timestamp_ms("Timestamp"));
  if (shard.has_value() != (filter.type == "AFTER_SHARD_ID")) {
    return invalid_argument("ShardId of a ShardFilter goes with the type AFTER_SHARD_ID, and only with it.");
  }
  if (time_ms.has_value() != filter.type.ends_with("_TIMESTAMP")) {
    return invalid_argument("Timestamp of a ShardFilter goes with the types AT_TIMESTAMP and FROM_TIMESTAMP.");
  }
  filter.time_ms = time_ms.value_or(0);
  if (shard) {
    after = parse_shard_id(*shard);
    if (!after) return invalid_argument("ShardId is not the id of a shard: " + *shard);
  }
  return filter;
}

bool shows(const Filter& filter, const StreamState& state, const Shard& shard, int64_t now_ms) {
  const int64_t horizon_ms = state.horizon_ms(now_ms);
  const int64_t time_ms = std::max(filter.time_ms, horizon_ms);
  const bool ends_after = shard.is_open() || *shard.closed_ms >= time_ms;
  if (state.is_expired(shard, now_ms)) return false;
  if (filter.type == "AT_LATEST") return shard.is_open();
  // A stream younger than the horizon began when it was made.
  if (filter.type == "AT_TRIM_HORIZON") return shard.created_ms <= std::max(horizon_ms, state.created_ms);
  if (filter.type == "AT_TIMESTAMP") return shard.created_ms <= std::max(time_ms, state.created_ms) && ends_after;
  if (filter.type == "FROM_TIMESTAMP") return ends_after;
  return true;
}

AwsFailure on_demand_failure(std::string_view operation, const StreamState& state) {
  return AwsFailure("ValidationException",
                    fmt::format("{} is not for streams of mode ON_DEMAND: {}", operation, state.name));
}

AwsFailure not_open(const StreamCatalogue& catalogue, const StreamState& state, const Shard& shard) {
  return AwsFailure("ResourceInUseException", fmt::format("Shard {} in stream {} under account {} has already been "
                                                          "merged or split, and thus is not eligible for merging or "
                                                          "splitting.",
                                                          shard.id(), state.name, catalogue.account()));
}

}  // namespace

AwsStatus list_shards(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const int64_t now_ms = catalogue.context().now_ms();
  const int64_t limit = std::min(kListedMax, TRY(request.number("MaxResults", 1, kLimitMax)).value_or(kListedMax));
  const auto token = TRY(request.text("NextToken", kToken));
  std::shared_ptr<Stream> stream;
  std::optional<uint32_t> after;
  Filter filter;
  if (token) {
    if (request.has("StreamName") || request.has("StreamCreationTimestamp") || request.has("ExclusiveStartShardId")) {
      return invalid_argument("NextToken and StreamName cannot be provided together.");
    }
    // number,last index,type,time
    const std::vector<std::string> parts = split(TRY(open_next_token(catalogue, *token)), ',');
    if (parts.size() != 4) return invalid_argument("NextToken is invalid.");
    stream = catalogue.find(static_cast<uint64_t>(parse_int(parts[0]).value_or(0)));
    if (!stream) return AwsFailure("ResourceNotFoundException", "The stream of this NextToken was deleted.");
    after = static_cast<uint32_t>(parse_int(parts[1]).value_or(0));
    filter = {.type = parts[2], .time_ms = parse_int(parts[3]).value_or(0)};
  } else {
    stream = TRY(find_stream(catalogue, request));
    if (const auto id = TRY(request.text("ExclusiveStartShardId", kName))) {
      after = parse_shard_id(*id);
      if (!after) return invalid_argument("ExclusiveStartShardId is not the id of a shard: " + *id);
    }
    if (const auto members = TRY(request.object("ShardFilter"))) filter = TRY(read_filter(*members, after));
  }
  const auto state = stream->state();
  answer.begin_object().begin_array("Shards");
  int64_t num_shards = 0;
  uint32_t last = 0;
  bool has_more = false;
  for (const Shard& shard : state->shards) {
    if ((after && shard.index <= *after) || !shows(filter, *state, shard, now_ms)) continue;
    has_more = num_shards == limit;
    if (has_more) break;
    write_shard(answer, shard);
    last = shard.index;
    ++num_shards;
  }
  answer.end_array();
  if (has_more) {
    const std::string text = fmt::format("{},{},{},{}", state->number, last, filter.type, filter.time_ms);
    answer.text("NextToken", seal_token(text, now_ms, catalogue.seal_key()));
  }
  answer.end_object();
  return {};
}

AwsStatus split_shard(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const auto stream = TRY(find_stream(catalogue, request));
  const std::string id = TRY(request.required_text("ShardToSplit", kName));
  const std::string text = TRY(request.required_text("NewStartingHashKey", {.size_max = 256}));
  return stream->change([&](StreamState& state) -> AwsStatus {
    if (state.is_on_demand) return on_demand_failure("SplitShard", state);
    const Shard shard = TRY(find_shard(catalogue, state, id));
    if (!shard.is_open()) return not_open(catalogue, state, shard);
    const auto key = parse_hash_key(text);
    if (!key || *key <= shard.first_key || *key - shard.first_key <= 1 || *key >= shard.last_key) {
      return invalid_argument(fmt::format(
          "NewStartingHashKey {} used in SplitShard() on shard {} in stream {} under account {} is not both "
          "greater than one plus the shard's StartingHashKey {} and less than the shard's EndingHashKey {}.",
          text, id, state.name, catalogue.account(), format_hash_key(shard.first_key),
          format_hash_key(shard.last_key)));
    }
    state.split(shard.index, *key, catalogue.context().now_ms());
    return {};
  });
}

AwsStatus merge_shards(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const auto stream = TRY(find_stream(catalogue, request));
  const std::string id = TRY(request.required_text("ShardToMerge", kName));
  const std::string adjacent_id = TRY(request.required_text("AdjacentShardToMerge", kName));
  return stream->change([&](StreamState& state) -> AwsStatus {
    if (state.is_on_demand) return on_demand_failure("MergeShards", state);
    const Shard shard = TRY(find_shard(catalogue, state, id));
    const Shard adjacent = TRY(find_shard(catalogue, state, adjacent_id));
    if (!shard.is_open()) return not_open(catalogue, state, shard);
    if (!adjacent.is_open()) return not_open(catalogue, state, adjacent);
    const Shard& low = shard.first_key < adjacent.first_key ? shard : adjacent;
    const Shard& high = shard.first_key < adjacent.first_key ? adjacent : shard;
    if (shard.index == adjacent.index || low.last_key + 1 != high.first_key) {
      return invalid_argument(
          fmt::format("Shards {} and {} in stream {} under account {} are not an adjacent pair of "
                      "shards eligible for merging",
                      id, adjacent_id, state.name, catalogue.account()));
    }
    state.merge(shard.index, adjacent.index, catalogue.context().now_ms());
    return {};
  });
}

AwsStatus update_shard_count(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto stream = TRY(find_stream(catalogue, request));
  const int64_t target = TRY(request.required_number("TargetShardCount", 1, kShardsMax));
  TRY(request.required_choice("ScalingType", {"UNIFORM_SCALING"}));
  int64_t current = 0;
  TRY(stream->change([&](StreamState& state) -> AwsStatus {
    if (state.is_on_demand) return on_demand_failure("UpdateShardCount", state);
    current = static_cast<int64_t>(state.open_shards().size());
    if (target > 2 * current || 2 * target < current) {
      return invalid_argument(
          fmt::format("UpdateShardCount cannot scale {} beyond double or below half your current shard count: {} from "
                      "{}.",
                      state.name, target, current));
    }
    state.scale_to(static_cast<uint32_t>(target), catalogue.context().now_ms());
    return {};
  }));
  const auto state = stream->state();
  answer.begin_object()
      .text("StreamName", state->name)
      .number("CurrentShardCount", current)
      .number("TargetShardCount", target)
      .text("StreamARN", catalogue.stream_arn(state->name))
      .end_object();
  return {};
}

}  // namespace raudal::neighbours::kinesis
