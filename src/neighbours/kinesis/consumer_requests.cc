// RegisterStreamConsumer, DeregisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers.
#include <algorithm>

#include <fmt/core.h>

#include "neighbours/kinesis/handlers.h"
#include "neighbours/kinesis/lookup.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr size_t kConsumersMax = 20;
constexpr int64_t kListedMax = 100;
constexpr int64_t kLimitMax = 10'000;
constexpr TextRule kToken{.size_max = 1 << 20};

// By ConsumerARN, by StreamARN and ConsumerName, or by all three if they agree.
AwsResult<Resource> find_consumer(const StreamCatalogue& catalogue, const Members& request) {
  const auto arn = TRY(request.text("ConsumerARN", kArn));
  const auto name = TRY(request.text("ConsumerName", kName));
  const bool has_stream = request.has("StreamARN");
  if (has_stream != name.has_value() || (!arn && !name)) {
    return invalid_argument("Either ConsumerARN, or both StreamARN and ConsumerName should be given.");
  }
  Resource found;
  if (arn) {
    found = TRY(find_resource(catalogue, *arn));
    if (found.consumer.empty()) return invalid_argument("ConsumerARN is not the ARN of a consumer: " + *arn);
    if (name && *name != found.consumer) return invalid_argument("ConsumerARN and ConsumerName do not agree.");
  }
  if (!has_stream) return found;
  const auto stream = TRY(find_stream(catalogue, request));
  if (found.stream && found.stream != stream) return invalid_argument("ConsumerARN and StreamARN do not agree.");
  found = {.stream = stream, .state = stream->state(), .consumer = *name};
  if (!found.state->find_consumer(*name)) {
    return AwsFailure("ResourceNotFoundException",
                      fmt::format("Consumer {}, account {} not found.", *name, catalogue.account()));
  }
  return found;
}

void write_consumer(Answer& answer, const StreamCatalogue& catalogue, const StreamState& state,
                    const Consumer& consumer, std::string_view status) {
  answer.text("ConsumerName", consumer.name)
      .text("ConsumerARN", catalogue.consumer_arn(state.name, consumer))
      .text("ConsumerStatus", status)
      .timestamp_ms("ConsumerCreationTimestamp", consumer.created_ms);
}

}  // namespace

AwsStatus register_consumer(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  TRY(request.required_text("StreamARN", kArn));
  const auto stream = TRY(find_stream(catalogue, request));
  Consumer consumer{.name = TRY(request.required_text("ConsumerName", kName)),
                    .created_ms = catalogue.context().now_ms(),
                    .tags = TRY(request.tags("Tags"))};
  TRY(stream->change([&](StreamState& state) -> AwsStatus {
    if (state.find_consumer(consumer.name)) {
      return AwsFailure("ResourceInUseException",
                        fmt::format("Consumer {} under stream {} already exists for account {}.", consumer.name,
                                    state.name, catalogue.account()));
    }
    if (state.consumers.size() >= kConsumersMax) {
      return AwsFailure("LimitExceededException",
                        fmt::format("Stream {} has {} consumers, which is the limit.", state.name, kConsumersMax));
    }
    state.consumers.push_back(consumer);
    std::ranges::sort(state.consumers, {}, &Consumer::name);
    return {};
  }));
  answer.begin_object().begin_object("Consumer");
  // As AWS answers; whoever asks again finds it ACTIVE.
  write_consumer(answer, catalogue, *stream->state(), consumer, "CREATING");
  answer.end_object().end_object();
  return {};
}

AwsStatus deregister_consumer(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const Resource found = TRY(find_consumer(catalogue, request));
  return found.stream->change([&](StreamState& state) -> AwsStatus {
    if (const Consumer* consumer = state.find_consumer(found.consumer)) {
      state.policies.erase(catalogue.consumer_arn(state.name, *consumer));
    }
    std::erase_if(state.consumers, [&](const Consumer& consumer) { return consumer.name == found.consumer; });
    return {};
  });
}

AwsStatus describe_consumer(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const Resource found = TRY(find_consumer(catalogue, request));
  answer.begin_object().begin_object("ConsumerDescription");
  write_consumer(answer, catalogue, *found.state, *found.state->find_consumer(found.consumer), "ACTIVE");
  answer.text("StreamARN", catalogue.stream_arn(found.state->name)).end_object().end_object();
  return {};
}

AwsStatus list_consumers(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  TRY(request.required_text("StreamARN", kArn));
  const auto state = TRY(find_stream(catalogue, request))->state();
  const int64_t limit = std::min(kListedMax, TRY(request.number("MaxResults", 1, kLimitMax)).value_or(kListedMax));
  std::string after;
  if (const auto token = TRY(request.text("NextToken", kToken))) after = TRY(open_next_token(catalogue, *token));
  answer.begin_object().begin_array("Consumers");
  int64_t num_consumers = 0;
  std::string last;
  bool has_more = false;
  for (const Consumer& consumer : state->consumers) {
    if (!after.empty() && consumer.name <= after) continue;
    has_more = num_consumers == limit;
    if (has_more) break;
    answer.begin_object();
    write_consumer(answer, catalogue, *state, consumer, "ACTIVE");
    answer.end_object();
    last = consumer.name;
    ++num_consumers;
  }
  answer.end_array();
  if (has_more) answer.text("NextToken", seal_token(last, catalogue.context().now_ms(), catalogue.seal_key()));
  answer.end_object();
  return {};
}

}  // namespace raudal::neighbours::kinesis
