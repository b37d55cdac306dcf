// Operations on messages: send, receive, delete, visibility, alone and in batches.
#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "neighbours/sqs/message_attributes.h"
#include "neighbours/sqs/sqs_operations.h"

namespace raudal::neighbours::sqs {
namespace {

using codec::JsonArray;
using codec::JsonObject;

constexpr int64_t kMessageBytesMax = 1'048'576;
constexpr size_t kBatchMax = 10;
constexpr int64_t kRetentionS = 345'600;
constexpr int64_t kVisibilityMax = 43'200;
constexpr int64_t kDuplicatesMs = 300'000;
constexpr size_t kGroupLettersMax = 128;
constexpr int kReceiptBytes = 12;
constexpr int64_t kPollMsMax = 1000;

std::string sequence_text(int64_t sequence) { return fmt::format("1{:019}", sequence); }

// "<row>:<receipt>" in base64, as opaque to clients as AWS's own.
std::string receipt_handle(const Message& message) {
  return codec::base64_encode(fmt::format("raudal:{}:{}", message.id, message.receipt));
}

AwsFailure bad_receipt(std::string_view handle) {
  return AwsFailure("ReceiptHandleIsInvalid",
                    fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle))
      .with_query_code("ReceiptHandleIsInvalid");
}

bool is_fifo_id(std::string_view text) {
  return !text.empty() && text.size() <= kGroupLettersMax &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// The group and the deduplication id of a message to a FIFO queue; a standard queue may have groups for fairness.
AwsStatus set_fifo_ids(const Queue& queue, const JsonObject& entry, Message& message) {
  message.group = text_of(entry, "MessageGroupId");
  message.deduplication_id = text_of(entry, "MessageDeduplicationId");
  if (!message.group.empty() && !is_fifo_id(message.group)) {
    return invalid_value(
        fmt::format("Value {} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only "
                    "include alphanumeric and punctuation characters. 1 to 128 in length.",
                    message.group));
  }
  if (!queue.is_fifo()) {
    if (message.deduplication_id.empty()) return {};
    return invalid_value(
        fmt::format("Value {} for parameter MessageDeduplicationId is invalid. Reason: The request "
                    "includes a parameter that is not valid for this queue type.",
                    message.deduplication_id));
  }
  if (message.group.empty()) return missing_parameter("MessageGroupId");
  if (entry.contains("DelaySeconds")) {
    return invalid_value(
        fmt::format("Value {} for parameter DelaySeconds is invalid. Reason: The request include "
                    "parameter that is not valid for this queue type.",
                    codec::write_json(entry.at("DelaySeconds"))));
  }
  if (message.deduplication_id.empty() && queue.attribute("ContentBasedDeduplication") == "true") {
    message.deduplication_id = codec::sha256_hex(message.body);
  }
  if (is_fifo_id(message.deduplication_id)) return {};
  return invalid_value(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
      "provided explicitly");
}

// Within what a deduplication id counts.
std::string duplicate_key(const Queue& queue, const Message& message) {
  const bool by_group = queue.attribute("DeduplicationScope") == "messageGroup";
  return by_group ? message.group + "\n" + message.deduplication_id : message.deduplication_id;
}

bool is_wanted(const JsonArray* wanted, std::string_view name) {
  return wanted && std::ranges::any_of(*wanted, [&](const codec::Json& item) {
           return item.is_string() && (item.get_string() == "All" || std::string_view(item.get_string()) == name);
         });
}

JsonObject received(const Message& message, const JsonObject& request) {
  JsonObject out{{"MessageId", message.message_id},
                 {"ReceiptHandle", receipt_handle(message)},
                 {"MD5OfBody", md5_hex(message.body)},
                 {"Body", message.body}};
  JsonObject system{{"SenderId", message.sender},
                    {"SentTimestamp", std::to_string(message.sent_ms)},
                    {"ApproximateReceiveCount", std::to_string(message.receive_count)},
                    {"ApproximateFirstReceiveTimestamp", std::to_string(message.first_received_ms)}};
  if (!message.group.empty()) system["MessageGroupId"] = message.group;
  if (!message.deduplication_id.empty()) {
    system["MessageDeduplicationId"] = message.deduplication_id;
    system["SequenceNumber"] = sequence_text(message.sequence);
  }
  if (!message.source_arn.empty()) system["DeadLetterQueueSourceArn"] = message.source_arn;
  for (const auto& member : message.system_attributes) {
    system[member.key()] = text_of(member.value().get_object(), "StringValue");
  }
  JsonObject attributes;
  for (const auto& member : system) {
    const bool named = is_wanted(codec::find_array(request, "AttributeNames"), member.key()) ||
                       is_wanted(codec::find_array(request, "MessageSystemAttributeNames"), member.key());
    if (named) attributes[member.key()] = member.value();
  }
  if (!attributes.empty()) out["Attributes"] = std::move(attributes);
  JsonObject own = wanted_attributes(message.attributes, codec::find_array(request, "MessageAttributeNames"));
  if (!own.empty()) {
    out["MD5OfMessageAttributes"] = md5_of_attributes(own);
    out["MessageAttributes"] = std::move(own);
  }
  return out;
}

// The ids of a batch: one to ten, each once.
AwsStatus check_batch(const JsonArray* entries) {
  if (!entries || entries->empty()) {
    return AwsFailure("EmptyBatchRequest", "There should be at least one entry in the request.")
        .with_query_code("AWS.SimpleQueueService.EmptyBatchRequest");
  }
  if (entries->size() > kBatchMax) {
    return AwsFailure("TooManyEntriesInBatchRequest",
                      fmt::format("Maximum number of entries per request are {}. You have sent {}.", kBatchMax,
                                  entries->size()))
        .with_query_code("AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
  }
  std::set<std::string> ids;
  int64_t bytes = 0;
  for (const codec::Json& entry : *entries) {
    const std::string id = entry.is_object() ? text_of(entry.get_object(), "Id") : "";
    const bool is_id = !id.empty() && id.size() <= 80 && std::ranges::all_of(id, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    });
    if (!is_id) {
      return AwsFailure("InvalidBatchEntryId",
                        "A batch entry id can only contain alphanumeric characters, hyphens and "
                        "underscores. It can be at most 80 letters long.")
          .with_query_code("AWS.SimpleQueueService.InvalidBatchEntryId");
    }
    if (!ids.insert(id).second) {
      return AwsFailure("BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", id))
          .with_query_code("AWS.SimpleQueueService.BatchEntryIdsNotDistinct");
    }
    bytes += static_cast<int64_t>(text_of(entry.get_object(), "MessageBody").size());
  }
  if (bytes <= kMessageBytesMax) return {};
  return AwsFailure("BatchRequestTooLong", fmt::format("Batch requests cannot be longer than {} bytes. You have sent "
                                                       "{} bytes.",
                                                       kMessageBytesMax, bytes))
      .with_query_code("AWS.SimpleQueueService.BatchRequestTooLong");
}

}  // namespace

SqsService::Answer SqsService::send_one(const AwsCall& call, const Queue& queue, const Request& entry) {
  Message message{.message_id = protocol::new_request_id(), .body = text_of(entry, "MessageBody")};
  if (message.body.empty()) return missing_parameter("MessageBody");
  if (!is_message_text(message.body)) {
    return AwsFailure("InvalidMessageContents", "The message contains characters outside the allowed set.")
        .with_query_code("InvalidMessageContents");
  }
  if (const JsonObject* attributes = codec::find_object(entry, "MessageAttributes")) {
    message.attributes = TRY(checked_attributes(*attributes));
  }
  if (const JsonObject* attributes = codec::find_object(entry, "MessageSystemAttributes")) {
    message.system_attributes = TRY(checked_attributes(*attributes));
  }
  const int64_t bytes = static_cast<int64_t>(message.body.size()) + attribute_bytes(message.attributes);
  const int64_t most = queue.number("MaximumMessageSize", kMessageBytesMax);
  if (bytes > most) {
    return invalid_value(
        fmt::format("One or more parameters are invalid. Reason: Message must be shorter than {} bytes.", most));
  }
  TRY(set_fifo_ids(queue, entry, message));
  const int64_t delay_s = TRY(number_of(entry, "DelaySeconds", queue.number("DelaySeconds", 0), 0, 900));
  message.sender = call.caller.access_key_id;
  message.sent_ms = now_ms();
  message.visible_ms = message.sent_ms + delay_s * 1000;
  std::optional<std::pair<std::string, int64_t>> duplicate;
  if (queue.is_fifo()) { duplicate = TRY(store_->find_duplicate(queue.id, duplicate_key(queue, message), now_ms())); }
  if (duplicate) {
    message.message_id = duplicate->first;
    message.sequence = duplicate->second;
  } else {
    TRY(store_->add(queue.id, message));
    if (queue.is_fifo()) {
      TRY(store_->remember(queue.id, duplicate_key(queue, message), message, now_ms() + kDuplicatesMs));
    }
  }
  JsonObject answer{{"MessageId", message.message_id}, {"MD5OfMessageBody", md5_hex(message.body)}};
  if (!message.attributes.empty()) answer["MD5OfMessageAttributes"] = md5_of_attributes(message.attributes);
  if (!message.system_attributes.empty()) {
    answer["MD5OfMessageSystemAttributes"] = md5_of_attributes(message.system_attributes);
  }
  if (queue.is_fifo()) answer["SequenceNumber"] = sequence_text(message.sequence);
  return answer;
}

SqsService::Answer SqsService::send_message(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  auto transaction = TRY(store_->begin());
  JsonObject answer = TRY(send_one(call, queue, request));
  TRY(transaction.commit());
  changed_.notify_all();
  return answer;
}

SqsService::Answer SqsService::run_batch(const Request& request,
                                         const std::function<Answer(const Request& entry)>& run_entry) {
  const JsonArray* entries = codec::find_array(request, "Entries");
  TRY(check_batch(entries));
  auto transaction = TRY(store_->begin());
  JsonArray successful;
  JsonArray failed;
  for (const codec::Json& entry : *entries) {
    const std::string id = text_of(entry.get_object(), "Id");
    Answer done = run_entry(entry.get_object());
    if (done.ok()) {
      (*done)["Id"] = id;
      successful.push_back(*std::move(done));
      continue;
    }
    const AwsFailure& failure = done.error();
    if (failure.http_status >= 500) return failure;
    failed.push_back(JsonObject{{"Id", id},
                                {"SenderFault", true},
                                {"Code", failure.query_code.empty() ? failure.code : failure.query_code},
                                {"Message", failure.message}});
  }
  TRY(transaction.commit());
  JsonObject answer{{"Successful", std::move(successful)}};
  if (!failed.empty()) answer["Failed"] = std::move(failed);
  return answer;
}

SqsService::Answer SqsService::send_message_batch(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  JsonObject answer = TRY(run_batch(request, [&](const Request& entry) { return send_one(call, queue, entry); }));
  changed_.notify_all();
  return answer;
}

AwsResult<bool> SqsService::may_be_received(const Queue& queue, Message& message) {
  const auto policy = codec::parse_json_object(queue.attribute("RedrivePolicy"));
  if (!policy.ok()) return true;
  const int64_t most = TRY(number_of(*policy, "maxReceiveCount", 1, 1, 1000));
  if (message.receive_count < most) return true;
  const std::string target = text_of(*policy, "deadLetterTargetArn");
  const auto letters = TRY(store_->find(target.substr(target.rfind(':') + 1)));
  // Without a queue for them, they stay.
  if (!letters || letters->id == queue.id) return true;
  message.source_arn = queue_arn(queue.name);
  TRY(store_->move_message(message, letters->id));
  return false;
}

AwsResult<std::vector<Message>> SqsService::receive(const Queue& queue, int64_t limit, int64_t visibility_s) {
  auto transaction = TRY(store_->begin());
  TRY(store_->remove_sent_before(queue.id, now_ms() - queue.number("MessageRetentionPeriod", kRetentionS) * 1000));
  std::vector<Message> messages;
  for (Message& message : TRY(store_->receivable(queue, now_ms(), limit))) {
    if (!TRY(may_be_received(queue, message))) continue;
    if (message.receive_count++ == 0) message.first_received_ms = now_ms();
    message.visible_ms = now_ms() + visibility_s * 1000;
    message.receipt = secure_random_hex(kReceiptBytes);
    TRY(store_->update_message(message));
    messages.push_back(std::move(message));
  }
  TRY(transaction.commit());
  return messages;
}

SqsService::Answer SqsService::receive_message(const AwsCall& call, const Request& request) {
  using std::chrono::steady_clock;
  const int64_t limit = TRY(number_of(request, "MaxNumberOfMessages", 1, 1, kBatchMax));
  Lock lock(mutex_);
  Queue queue = TRY(find_queue(call, request));
  const int64_t visibility_s =
      TRY(number_of(request, "VisibilityTimeout", queue.number("VisibilityTimeout", 30), 0, kVisibilityMax));
  const int64_t wait_s =
      TRY(number_of(request, "WaitTimeSeconds", queue.number("ReceiveMessageWaitTimeSeconds", 0), 0, 20));
  const auto deadline = steady_clock::now() + std::chrono::seconds(wait_s);
  std::vector<Message> messages = TRY(receive(queue, limit, visibility_s));
  while (messages.empty() && !stopping_ && steady_clock::now() < deadline) {
    const int64_t next_ms = TRY(store_->next_visible_ms(queue.id, now_ms())).value_or(now_ms() + kPollMsMax);
    const auto nap = std::chrono::milliseconds(std::clamp<int64_t>(next_ms - now_ms(), 1, kPollMsMax));
    changed_.wait_until(lock, std::min(deadline, steady_clock::now() + nap));
    queue = TRY(find_queue(call, request));
    messages = TRY(receive(queue, limit, visibility_s));
  }
  if (messages.empty()) return JsonObject();
  JsonArray list;
  for (const Message& message : messages) list.push_back(received(message, request));
  return JsonObject{{"Messages", std::move(list)}};
}

AwsResult<std::optional<Message>> SqsService::find_received(const Queue& queue, const Request& entry) {
  const std::string handle = text_of(entry, "ReceiptHandle");
  if (handle.empty()) return missing_parameter("ReceiptHandle");
  const auto text = codec::base64_decode(handle);
  const std::vector<std::string> parts = split(text.ok() ? *text : std::string(), ':');
  const auto id = parts.size() == 3 && parts[0] == "raudal" ? parse_int(parts[1]) : std::nullopt;
  if (!id) return bad_receipt(handle);
  auto message = TRY(store_->message(queue.id, *id));
  if (!message || message->receipt != parts[2]) return std::optional<Message>();
  return message;
}

AwsStatus SqsService::delete_one(const Queue& queue, const Request& entry) {
  // What is gone already, or belongs to who received it since, is no error.
  const auto message = TRY(find_received(queue, entry));
  if (message) TRY(store_->remove_message(message->id));
  return {};
}

SqsService::Answer SqsService::delete_message(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  TRY(delete_one(queue, request));
  changed_.notify_all();
  return JsonObject();
}

SqsService::Answer SqsService::delete_message_batch(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  JsonObject answer = TRY(run_batch(request, [&](const Request& entry) -> Answer {
    TRY(delete_one(queue, entry));
    return JsonObject();
  }));
  changed_.notify_all();
  return answer;
}

AwsStatus SqsService::change_visibility_of_one(const Queue& queue, const Request& entry) {
  if (!entry.contains("VisibilityTimeout")) return missing_parameter("VisibilityTimeout");
  const int64_t seconds = TRY(number_of(entry, "VisibilityTimeout", 0, 0, kVisibilityMax));
  auto message = TRY(find_received(queue, entry));
  if (!message || message->visible_ms <= now_ms()) {
    return AwsFailure("MessageNotInflight", "The specified message isn't in flight.")
        .with_query_code("AWS.SimpleQueueService.MessageNotInflight");
  }
  message->visible_ms = now_ms() + seconds * 1000;
  return store_->update_message(*message);
}

SqsService::Answer SqsService::change_message_visibility(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  TRY(change_visibility_of_one(queue, request));
  changed_.notify_all();
  return JsonObject();
}

SqsService::Answer SqsService::change_message_visibility_batch(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  JsonObject answer = TRY(run_batch(request, [&](const Request& entry) -> Answer {
    TRY(change_visibility_of_one(queue, entry));
    return JsonObject();
  }));
  changed_.notify_all();
  return answer;
}

}  // namespace raudal::neighbours::sqs
