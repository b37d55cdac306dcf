// What can be set on a stream besides its shards: retention, mode, sizes, encryption, metrics; and the account's
// limits.
#include <algorithm>

#include <fmt/core.h>

#include "neighbours/kinesis/handlers.h"
#include "neighbours/kinesis/lookup.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr int64_t kRetentionHoursMin = 24;
constexpr int64_t kRetentionHoursMax = 8760;
constexpr int64_t kMetricsMax = 7;
constexpr int64_t kShardLimit = 20'000;
constexpr int64_t kOnDemandLimit = 50;
constexpr std::string_view kMetrics[] = {"IncomingBytes",
                                         "OutgoingRecords",
                                         "IteratorAgeMilliseconds",
                                         "IncomingRecords",
                                         "ReadProvisionedThroughputExceeded",
                                         "WriteProvisionedThroughputExceeded",
                                         "OutgoingBytes"};

AwsStatus set_retention(StreamCatalogue& catalogue, const Members& request, bool is_increase) {
  const auto stream = TRY(find_stream(catalogue, request));
  const int64_t hours = TRY(request.required_number("RetentionPeriodHours", INT32_MIN, INT32_MAX));
  if (hours < kRetentionHoursMin) {
    return invalid_argument(
        fmt::format("Minimum allowed retention period is {} hours. Requested retention period ({} hours) is too short.",
                    kRetentionHoursMin, hours));
  }
  if (hours > kRetentionHoursMax) {
    return invalid_argument(
        fmt::format("Maximum allowed retention period is {} hours. Requested retention period ({} hours) is too long.",
                    kRetentionHoursMax, hours));
  }
  return stream->change([&](StreamState& state) -> AwsStatus {
    if (is_increase ? hours < state.retention_hours : hours > state.retention_hours) {
      return invalid_argument(
          fmt::format("Requested retention period ({} hours) for stream {} can not be {} than "
                      "existing retention period ({} hours). Use {}RetentionPeriod API.",
                      hours, state.name, is_increase ? "shorter" : "longer", state.retention_hours,
                      is_increase ? "Decrease" : "Increase"));
    }
    // What has expired does not come back.
    state.trimmed_ms = state.horizon_ms(catalogue.context().now_ms());
    state.retention_hours = hours;
    return {};
  });
}

AwsStatus set_encryption(StreamCatalogue& catalogue, const Members& request, bool is_on) {
  const auto stream = TRY(find_stream(catalogue, request));
  TRY(request.required_choice("EncryptionType", {"KMS"}));
  const std::string key = TRY(request.required_text("KeyId", {.size_max = 2048}));
  return stream->change([&](StreamState& state) -> AwsStatus {
    state.key_id = is_on ? key : "";
    return {};
  });
}

// Adds metrics to those that are on, or takes them away.
AwsStatus set_metrics(StreamCatalogue& catalogue, const Members& request, Answer& answer, bool is_on) {
  const auto stream = TRY(find_stream(catalogue, request));
  std::vector<std::string> chosen = TRY(request.required_texts("ShardLevelMetrics", kMetricsMax));
  for (const std::string& metric : chosen) {
    if (metric != "ALL" && std::ranges::find(kMetrics, metric) == std::end(kMetrics)) {
      return AwsFailure(
          "ValidationException",
          fmt::format("1 validation error detected: Value '[{}]' at 'shardLevelMetrics' failed to satisfy "
                      "constraint: Member must satisfy enum value set",
                      metric));
    }
  }
  if (std::ranges::find(chosen, "ALL") != chosen.end()) chosen.assign(std::begin(kMetrics), std::end(kMetrics));
  std::vector<std::string> before;
  TRY(stream->change([&](StreamState& state) -> AwsStatus {
    before = state.metrics;
    for (const std::string& metric : chosen) {
      std::erase(state.metrics, metric);
      if (is_on) state.metrics.push_back(metric);
    }
    return {};
  }));
  const auto state = stream->state();
  answer.begin_object().text("StreamName", state->name).begin_array("CurrentShardLevelMetrics");
  for (const std::string& metric : before) answer.item(metric);
  answer.end_array().begin_array("DesiredShardLevelMetrics");
  for (const std::string& metric : state->metrics) answer.item(metric);
  answer.end_array().text("StreamARN", catalogue.stream_arn(state->name)).end_object();
  return {};
}

}  // namespace

AwsStatus increase_retention(StreamCatalogue& catalogue, const Members& request, Answer&) {
  return set_retention(catalogue, request, true);
}

AwsStatus decrease_retention(StreamCatalogue& catalogue, const Members& request, Answer&) {
  return set_retention(catalogue, request, false);
}

AwsStatus update_stream_mode(StreamCatalogue& catalogue, const Members& request, Answer&) {
  TRY(request.required_text("StreamARN", kArn));
  const auto stream = TRY(find_stream(catalogue, request));
  const auto details = TRY(request.object("StreamModeDetails"));
  const std::string mode = TRY(details.value_or(Members(codec::JsonObject(), false))
                                   .required_choice("StreamMode", {"PROVISIONED", "ON_DEMAND"}));
  return stream->change([&](StreamState& state) -> AwsStatus {
    state.is_on_demand = mode == "ON_DEMAND";
    return {};
  });
}

AwsStatus update_max_record_size(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const auto stream = TRY(find_stream(catalogue, request));
  const int64_t kib = TRY(request.required_number("MaxRecordSizeInKiB", 1024, 10'240));
  return stream->change([&](StreamState& state) -> AwsStatus {
    state.record_kib_max = kib;
    return {};
  });
}

AwsStatus update_warm_throughput(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto stream = TRY(find_stream(catalogue, request));
  const int64_t mib = TRY(request.required_number("WarmThroughputMiBps", 0, 10'240));
  TRY(stream->change([&](StreamState& state) -> AwsStatus {
    if (!state.is_on_demand) {
      return AwsFailure("ValidationException", "Warm throughput is for streams of mode ON_DEMAND only: " + state.name);
    }
    state.warm_mib_per_s = mib;
    return {};
  }));
  const std::string name = stream->state()->name;
  answer.begin_object()
      .text("StreamARN", catalogue.stream_arn(name))
      .text("StreamName", name)
      .begin_object("WarmThroughput")
      .number("TargetMiBps", mib)
      .number("CurrentMiBps", mib)
      .end_object()
      .end_object();
  return {};
}

AwsStatus start_encryption(StreamCatalogue& catalogue, const Members& request, Answer&) {
  return set_encryption(catalogue, request, true);
}

AwsStatus stop_encryption(StreamCatalogue& catalogue, const Members& request, Answer&) {
  return set_encryption(catalogue, request, false);
}

AwsStatus enable_monitoring(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  return set_metrics(catalogue, request, answer, true);
}

AwsStatus disable_monitoring(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  return set_metrics(catalogue, request, answer, false);
}

AwsStatus describe_limits(StreamCatalogue& catalogue, const Members&, Answer& answer) {
  int64_t num_open = 0, num_on_demand = 0;
  for (const auto& stream : catalogue.all()) {
    const auto state = stream->state();
    // Shards of on-demand streams do not count against the account's limit.
    if (state->is_on_demand) {
      ++num_on_demand;
    } else {
      num_open += static_cast<int64_t>(state->open_shards().size());
    }
  }
  answer.begin_object()
      .number("ShardLimit", kShardLimit)
      .number("OpenShardCount", num_open)
      .number("OnDemandStreamCount", num_on_demand)
      .number("OnDemandStreamCountLimit", kOnDemandLimit)
      .end_object();
  return {};
}

AwsStatus describe_account_settings(StreamCatalogue&, const Members&, Answer& answer) {
  answer.begin_object()
      .begin_object("MinimumThroughputBillingCommitment")
      .text("Status", "DISABLED")
      .end_object()
      .end_object();
  return {};
}

}  // namespace raudal::neighbours::kinesis
