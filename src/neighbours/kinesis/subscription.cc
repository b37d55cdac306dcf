#include "neighbours/kinesis/subscription.h"

#include <algorithm>

#include <fmt/core.h>

#include "neighbours/kinesis/event_stream.h"
#include "neighbours/kinesis/lookup.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr int64_t kSubscriptionMs = 300'000;
constexpr int64_t kQuietMs = 5'000;  // an event without records so often, so that the consumer knows we live
// How long a subscription outlives its consumer, as on AWS, where a consumer is deleted slowly. Flink's consumer needs
// it: stopping, it deregisters first and takes its last savepoint afterwards. If it heard in between that the consumer
// is gone, it would take the shard for closed, write that into the savepoint, and never read the shard again.
constexpr int64_t kFarewellMs = 15'000;
constexpr size_t kEventBytesMax = 1 << 20;
constexpr size_t kEventRecordsMax = 5'000;
constexpr uint8_t kStepBeforeNext = 0xFF;
constexpr TextRule kSequenceNumber{.size_max = 129};

// One subscription, from its first event to its last.
class Subscription {
 public:
  Subscription(StreamCatalogue& catalogue, const protocol::AwsCall& call, net::ResponseWriter& response,
               Resource consumer, Shard shard, journal::Cursor cursor, uint64_t number)
      : catalogue_(catalogue),
        content_type_(call.content_type),
        is_cbor_(call.protocol == protocol::Protocol::kCbor),
        response_(response),
        consumer_(std::move(consumer)),
        shard_(std::move(shard)),
        cursor_(cursor),
        number_(number),
        ends_ms_(now_ms() + kSubscriptionMs) {}

  // Ends with an error when the consumer is gone.
  Status run(const std::string& request_id) {
    TRY(response_.begin(200, {{"x-amzn-RequestId", request_id}, {"Content-Type", "application/vnd.amazon.eventstream"}},
                        std::nullopt));
    Answer empty(is_cbor_);
    empty.begin_object().end_object();
    TRY(send("event", "initial-response", empty));
    while (now_ms() < ends_ms_ && !consumer_.stream->is_stopping()) {
      if (!TRY(send_what_is_there())) break;
    }
    return response_.finish();
  }

 private:
  int64_t now_ms() const { return catalogue_.context().clock.monotonic_ns() / 1'000'000; }

  // False when this was the last event.
  Result<bool> send_what_is_there() {
    const auto changes = consumer_.stream->num_changes();
    // The shards as they were before the read: one that is closed here gets no more records.
    const auto state = consumer_.stream->state();
    if (const auto failure = reason_to_end(*state)) {
      TRY(send_failure(*failure));
      return false;
    }
    auto read = consumer_.stream->read(shard_.index, cursor_, kEventRecordsMax, kEventBytesMax);
    if (!read.ok()) {
      TRY(send_failure(read.error()));
      return false;
    }
    cursor_ = read->next;
    const bool is_due = now_ms() >= next_event_ms_;
    if (!read->records.empty() || read->is_at_end || is_due) {
      TRY(send_records(*state, *read));
      next_event_ms_ = now_ms() + kQuietMs;
    }
    if (read->is_at_end) return false;
    const int64_t wait_ms = std::min(next_event_ms_, ends_ms_) - now_ms();
    if (read->records.empty() && wait_ms > 0) {
      const uint64_t seen = changes.ok() ? *changes : 0;
      // It fails when the stream was deleted, which the next round tells the consumer.
      (void)consumer_.stream->wait_beyond(shard_.index, cursor_, wait_ms, seen).ok();
    }
    return true;
  }

  std::optional<AwsFailure> reason_to_end(const StreamState& state) {
    const bool is_registered = state.find_consumer(consumer_.consumer) != nullptr;
    if (!is_registered && farewell_ends_ms_ == 0) farewell_ends_ms_ = now_ms() + kFarewellMs;
    if (consumer_.stream->is_deleted() || (!is_registered && now_ms() >= farewell_ends_ms_)) {
      return AwsFailure("ResourceNotFoundException",
                        fmt::format("Consumer {} of stream {} is no more.", consumer_.consumer, state.name));
    }
    if (!consumer_.stream->is_subscribed(consumer_.consumer, shard_.index, number_)) {
      return AwsFailure("ResourceInUseException", fmt::format("Another subscription of consumer {} took over shard {}.",
                                                              consumer_.consumer, shard_.id()));
    }
    return std::nullopt;
  }

  Status send_records(const StreamState& state, const ReadRecords& read) {
    Answer event(is_cbor_);
    event.begin_object();
    write_records(event, state, shard_.index, read);
    // At the end of a shard there is nothing to continue with.
    if (read.is_at_end) {
      write_child_shards(event, state, shard_.index);
    } else {
      const int64_t now_s = catalogue_.context().now_ms() / 1000;
      event.text("ContinuationSequenceNumber", format_sequence_number({.birth_s = shard_.birth_s,
                                                                       .shard = shard_.index,
                                                                       .index = cursor_.sequence,
                                                                       .step = kStepBeforeNext,
                                                                       .time_s = static_cast<uint64_t>(now_s)}));
    }
    event.number("MillisBehindLatest", read.millis_behind).end_object();
    return send("event", "SubscribeToShardEvent", event);
  }

  Status send_failure(const AwsFailure& failure) {
    const bool is_known = failure.code == "ResourceNotFoundException" || failure.code == "ResourceInUseException";
    if (!is_known) catalogue_.context().log.error("A subscription failed: " + failure.message);
    Answer payload(is_cbor_);
    payload.begin_object().text("message", failure.message).end_object();
    return send("exception", is_known ? failure.code : "InternalFailureException", payload);
  }

  Status send(std::string_view message_type, std::string_view name, Answer& payload) {
    return response_.write(
        encode_event({.message_type = message_type, .name = name, .content_type = content_type_}, payload.take()));
  }

  StreamCatalogue& catalogue_;
  const std::string content_type_;
  const bool is_cbor_;
  net::ResponseWriter& response_;
  const Resource consumer_;
  const Shard shard_;
  journal::Cursor cursor_;
  const uint64_t number_;
  const int64_t ends_ms_;
  int64_t next_event_ms_ = 0;
  int64_t farewell_ends_ms_ = 0;  // 0: the consumer was there when it was last looked for
};

}  // namespace

AwsStatus subscribe_to_shard(StreamCatalogue& catalogue, const protocol::AwsCall& call, const Members& request,
                             net::ResponseWriter& response) {
  Resource consumer = TRY(find_resource(catalogue, TRY(request.required_text("ConsumerARN", kArn))));
  if (consumer.consumer.empty()) return invalid_argument("ConsumerARN is not the ARN of a consumer.");
  const std::string id = TRY(request.required_text("ShardId", kName));
  const auto position = TRY(request.object("StartingPosition"));
  if (!position) {
    return AwsFailure("ValidationException",
                      "1 validation error detected: Value null at 'startingPosition' failed to "
                      "satisfy constraint: Member must not be null");
  }
  const std::string type = TRY(position->required_choice(
      "Type", {"AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"}));
  const auto number = TRY(position->text("SequenceNumber", kSequenceNumber));
  const auto time_ms = TRY(position->timestamp_ms("Timestamp"));
  Shard shard = TRY(find_shard(catalogue, *consumer.state, id));
  const journal::Cursor cursor = TRY(find_position(catalogue, *consumer.stream, shard, type, number, time_ms));
  const uint64_t subscription = TRY(consumer.stream->subscribe(consumer.consumer, shard));
  // An error means that the consumer hung up, which is its right.
  (void)Subscription(catalogue, call, response, std::move(consumer), std::move(shard), cursor, subscription)
      .run(call.request_id)
      .ok();
  return {};
}

}  // namespace raudal::neighbours::kinesis
