// Operations on queues: their making, attributes, tags and lists.
#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/sqs/sqs_operations.h"

namespace raudal::neighbours::sqs {
namespace {

using codec::JsonArray;
using codec::JsonObject;

constexpr size_t kNameLettersMax = 80;
constexpr int64_t kPageMax = 1000;
constexpr size_t kTagsMax = 50;

// An attribute that can be set. A number has bounds; a text has none.
struct AttributeRule {
  std::string_view name;
  int64_t least = 0;
  int64_t most = 0;
  std::string_view otherwise;  // what Get tells when it was not set; empty: nothing
  std::string_view allowed;    // of a text, blank-separated; empty: any
  bool fifo_only = false;
};

constexpr AttributeRule kRules[] = {
    {"DelaySeconds", 0, 900, "0", "", false},
    {"MaximumMessageSize", 1024, 1'048'576, "1048576", "", false},
    {"MessageRetentionPeriod", 60, 1'209'600, "345600", "", false},
    {"ReceiveMessageWaitTimeSeconds", 0, 20, "0", "", false},
    {"VisibilityTimeout", 0, 43'200, "30", "", false},
    {"KmsDataKeyReusePeriodSeconds", 60, 86'400, "", "", false},
    {"KmsMasterKeyId", 0, 0, "", "", false},
    {"SqsManagedSseEnabled", 0, 0, "true", "true false", false},
    {"Policy", 0, 0, "", "", false},
    {"RedrivePolicy", 0, 0, "", "", false},
    {"RedriveAllowPolicy", 0, 0, "", "", false},
    {"FifoQueue", 0, 0, "", "true", true},
    {"ContentBasedDeduplication", 0, 0, "false", "true false", true},
    {"DeduplicationScope", 0, 0, "queue", "queue messageGroup", true},
    {"FifoThroughputLimit", 0, 0, "perQueue", "perQueue perMessageGroupId", true},
};

const AttributeRule* find_rule(std::string_view name) {
  const auto* found = std::ranges::find(kRules, name, &AttributeRule::name);
  return found == std::end(kRules) ? nullptr : found;
}

AwsFailure invalid_attribute(std::string_view name) {
  return AwsFailure("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name))
      .with_query_code("InvalidAttributeName");
}

AwsFailure invalid_attribute_value(std::string_view name) {
  return AwsFailure("InvalidAttributeValue", fmt::format("Invalid value for the parameter {}.", name))
      .with_query_code("InvalidAttributeValue");
}

AwsStatus check_redrive_policy(std::string_view text) {
  const auto policy = codec::parse_json_object(text);
  if (!policy.ok()) return invalid_attribute_value("RedrivePolicy");
  const codec::Json* count = policy->if_contains("maxReceiveCount");
  const auto number = count && count->is_string() ? parse_int(std::string_view(count->get_string()))
                                                  : codec::find_int(*policy, "maxReceiveCount");
  if (!number || *number < 1 || *number > 1000 || !codec::find_string(*policy, "deadLetterTargetArn")) {
    return invalid_attribute_value("RedrivePolicy");
  }
  return {};
}

// What is to be set, as texts; an empty text takes an attribute back.
AwsResult<JsonObject> checked_attributes_of(const JsonObject& request, bool is_fifo) {
  JsonObject out;
  const JsonObject* given = codec::find_object(request, "Attributes");
  for (const auto& member : given ? *given : JsonObject()) {
    const std::string_view name = member.key();
    const AttributeRule* rule = find_rule(name);
    if (!rule || (rule->fifo_only && !is_fifo)) return invalid_attribute(name);
    const std::string text =
        member.value().is_string() ? std::string(member.value().get_string()) : codec::write_json(member.value());
    if (rule->most > 0 && !text.empty()) {
      const auto number = parse_int(text);
      if (!number || *number < rule->least || *number > rule->most) return invalid_attribute_value(name);
    }
    if (!rule->allowed.empty()) {
      const std::vector<std::string> allowed = split(rule->allowed, ' ');
      if (std::ranges::find(allowed, text) == allowed.end()) return invalid_attribute_value(name);
    }
    if (name == "RedrivePolicy" && !text.empty()) TRY(check_redrive_policy(text));
    out[name] = text;
  }
  return out;
}

void merge(JsonObject& attributes, const JsonObject& changes) {
  for (const auto& member : changes) {
    if (member.value() == "") {
      attributes.erase(member.key());
    } else {
      attributes[member.key()] = member.value();
    }
  }
}

bool is_queue_name(std::string_view name) {
  std::string_view base = name;
  if (base.ends_with(".fifo")) base.remove_suffix(5);
  return !base.empty() && name.size() <= kNameLettersMax && std::ranges::all_of(base, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

}  // namespace

SqsService::Answer SqsService::create_queue(const AwsCall& call, const Request& request) {
  const std::string name = text_of(request, "QueueName");
  if (name.empty()) return missing_parameter("QueueName");
  if (!is_queue_name(name)) {
    return invalid_value("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  Queue queue{.name = name, .created_s = now_ms() / 1000, .modified_s = now_ms() / 1000};
  queue.attributes = TRY(checked_attributes_of(request, queue.is_fifo()));
  if (queue.is_fifo() != (queue.attribute("FifoQueue") == "true")) {
    return invalid_value(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
        "must end with .fifo suffix and be 1 to 80 in length.");
  }
  for (const char* member : {"tags", "Tags"}) {
    if (const JsonObject* tags = codec::find_object(request, member)) queue.tags = *tags;
  }
  const Lock lock(mutex_);
  if (const auto old = TRY(store_->find(name))) {
    for (const auto& member : queue.attributes) {
      const AttributeRule* rule = find_rule(member.key());
      std::string there = old->attribute(member.key());
      if (there.empty()) there = rule->otherwise;
      if (queue.attribute(member.key()) == there) continue;
      return AwsFailure("QueueNameExists",
                        fmt::format("A queue already exists with the same name and a different value for attribute {}",
                                    rule->name))
          .with_query_code("QueueAlreadyExists");
    }
  } else {
    TRY(store_->insert(queue));
  }
  return JsonObject{{"QueueUrl", queue_url(call, name)}};
}

SqsService::Answer SqsService::delete_queue(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  TRY(store_->remove(queue.id));
  changed_.notify_all();
  return JsonObject();
}

SqsService::Answer SqsService::get_queue_attributes(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  TRY(store_->remove_sent_before(queue.id, now_ms() - queue.number("MessageRetentionPeriod", 345'600) * 1000));
  const QueueCounts counts = TRY(store_->counts(queue.id, now_ms()));
  JsonObject all{{"QueueArn", queue_arn(queue.name)},
                 {"ApproximateNumberOfMessages", std::to_string(counts.visible)},
                 {"ApproximateNumberOfMessagesNotVisible", std::to_string(counts.in_flight)},
                 {"ApproximateNumberOfMessagesDelayed", std::to_string(counts.delayed)},
                 {"CreatedTimestamp", std::to_string(queue.created_s)},
                 {"LastModifiedTimestamp", std::to_string(queue.modified_s)}};
  for (const AttributeRule& rule : kRules) {
    if (rule.fifo_only && !queue.is_fifo()) continue;
    std::string value = queue.attribute(rule.name);
    if (value.empty()) value = rule.otherwise;
    if (!value.empty()) all[rule.name] = value;
  }
  const JsonArray* wanted = codec::find_array(request, "AttributeNames");
  JsonObject attributes;
  for (const codec::Json& item : wanted ? *wanted : JsonArray()) {
    const std::string_view name = item.is_string() ? std::string_view(item.get_string()) : std::string_view();
    if (name == "All") attributes = all;
    if (const codec::Json* value = all.if_contains(name)) {
      attributes[name] = *value;
    } else if (name != "All" && !find_rule(name)) {
      return invalid_attribute(name);
    }
  }
  if (attributes.empty()) return JsonObject();
  return JsonObject{{"Attributes", std::move(attributes)}};
}

SqsService::Answer SqsService::get_queue_url(const AwsCall& call, const Request& request) {
  const std::string name = text_of(request, "QueueName");
  if (name.empty()) return missing_parameter("QueueName");
  const std::string owner = text_of(request, "QueueOwnerAWSAccountId");
  const Lock lock(mutex_);
  if ((!owner.empty() && owner != context_.account) || !TRY(store_->find(name))) return queue_does_not_exist();
  return JsonObject{{"QueueUrl", queue_url(call, name)}};
}

SqsService::Answer SqsService::list_queues(const AwsCall& call, const Request& request) {
  const std::string prefix = text_of(request, "QueueNamePrefix");
  const std::string after = text_of(request, "NextToken");
  const int64_t limit = TRY(number_of(request, "MaxResults", kPageMax, 1, kPageMax));
  const bool is_paged = request.contains("MaxResults");
  const Lock lock(mutex_);
  JsonArray urls;
  JsonObject answer;
  std::string last;
  for (const Queue& queue : TRY(store_->list())) {
    if (!queue.name.starts_with(prefix) || (!after.empty() && queue.name <= after)) continue;
    if (urls.size() == static_cast<size_t>(limit)) {
      if (is_paged) answer["NextToken"] = last;
      break;
    }
    urls.emplace_back(queue_url(call, queue.name));
    last = queue.name;
  }
  if (!urls.empty()) answer["QueueUrls"] = std::move(urls);
  return answer;
}

SqsService::Answer SqsService::list_dead_letter_source_queues(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue target = TRY(find_queue(call, request));
  JsonArray urls;
  for (const Queue& queue : TRY(store_->list())) {
    const auto policy = codec::parse_json_object(queue.attribute("RedrivePolicy"));
    if (policy.ok() && codec::find_string(*policy, "deadLetterTargetArn") == queue_arn(target.name)) {
      urls.emplace_back(queue_url(call, queue.name));
    }
  }
  return JsonObject{{"queueUrls", std::move(urls)}};
}

SqsService::Answer SqsService::purge_queue(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  TRY(store_->purge(queue.id));
  return JsonObject();
}

SqsService::Answer SqsService::set_queue_attributes(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  Queue queue = TRY(find_queue(call, request));
  const JsonObject changes = TRY(checked_attributes_of(request, queue.is_fifo()));
  merge(queue.attributes, changes);
  queue.modified_s = now_ms() / 1000;
  TRY(store_->update(queue));
  return JsonObject();
}

SqsService::Answer SqsService::list_queue_tags(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  const Queue queue = TRY(find_queue(call, request));
  if (queue.tags.empty()) return JsonObject();
  return JsonObject{{"Tags", queue.tags}};
}

SqsService::Answer SqsService::tag_queue(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  Queue queue = TRY(find_queue(call, request));
  const JsonObject* tags = codec::find_object(request, "Tags");
  for (const auto& tag : tags ? *tags : JsonObject()) queue.tags[tag.key()] = tag.value();
  if (queue.tags.size() > kTagsMax) return invalid_value(fmt::format("Too many tags added for queue {}.", queue.name));
  TRY(store_->update(queue));
  return JsonObject();
}

SqsService::Answer SqsService::untag_queue(const AwsCall& call, const Request& request) {
  const Lock lock(mutex_);
  Queue queue = TRY(find_queue(call, request));
  const JsonArray* keys = codec::find_array(request, "TagKeys");
  for (const codec::Json& key : keys ? *keys : JsonArray()) {
    if (key.is_string()) queue.tags.erase(std::string_view(key.get_string()));
  }
  TRY(store_->update(queue));
  return JsonObject();
}

}  // namespace raudal::neighbours::sqs
