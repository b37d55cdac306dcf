// Tags of streams and consumers, and resource policies, which are kept but decide nothing here.
#include <algorithm>

#include <fmt/core.h>

#include "neighbours/kinesis/handlers.h"
#include "neighbours/kinesis/lookup.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr size_t kTagsMax = 50;
constexpr int64_t kListedMax = 50;
constexpr TextRule kPolicy{.size_max = 20'480};

// The tags of the stream, or of one of its consumers.
AwsResult<Tags*> tags_of(StreamState& state, const std::string& consumer) {
  if (consumer.empty()) return &state.tags;
  const auto found = std::ranges::find(state.consumers, consumer, &Consumer::name);
  if (found == state.consumers.end()) {
    return AwsFailure("ResourceNotFoundException", fmt::format("Consumer {} not found.", consumer));
  }
  return &found->tags;
}

AwsStatus add_tags(Stream& stream, const std::string& consumer, const Members& request) {
  if (!request.has("Tags")) {
    return AwsFailure("ValidationException",
                      "1 validation error detected: Value null at 'tags' failed to satisfy "
                      "constraint: Member must not be null");
  }
  const Tags added = TRY(request.tags("Tags"));
  return stream.change([&](StreamState& state) -> AwsStatus {
    Tags* tags = TRY(tags_of(state, consumer));
    for (const auto& [key, value] : added) (*tags)[key] = value;
    if (tags->size() > kTagsMax) {
      return invalid_argument(
          fmt::format("Failed to add tags to stream {} because a given stream cannot have more than "
                      "{} tags associated with it.",
                      state.name, kTagsMax));
    }
    return {};
  });
}

AwsStatus remove_tags(Stream& stream, const std::string& consumer, const Members& request) {
  const std::vector<std::string> keys = TRY(request.required_texts("TagKeys", kTagsMax));
  return stream.change([&](StreamState& state) -> AwsStatus {
    Tags* tags = TRY(tags_of(state, consumer));
    for (const std::string& key : keys) tags->erase(key);
    return {};
  });
}

void write_tag(Answer& answer, const std::string& key, const std::string& value) {
  answer.begin_object().text("Key", key).text("Value", value).end_object();
}

}  // namespace

AwsStatus add_tags_to_stream(StreamCatalogue& catalogue, const Members& request, Answer&) {
  return add_tags(*TRY(find_stream(catalogue, request)), "", request);
}

AwsStatus remove_tags_from_stream(StreamCatalogue& catalogue, const Members& request, Answer&) {
  return remove_tags(*TRY(find_stream(catalogue, request)), "", request);
}

AwsStatus list_tags_for_stream(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const auto state = TRY(find_stream(catalogue, request))->state();
  const std::string after = TRY(request.text("ExclusiveStartTagKey", {.size_max = 128})).value_or("");
  const int64_t limit = TRY(request.number("Limit", 1, kListedMax)).value_or(kListedMax);
  answer.begin_object().begin_array("Tags");
  int64_t num_tags = 0;
  bool has_more = false;
  for (const auto& [key, value] : state->tags) {
    if (!after.empty() && key <= after) continue;
    has_more = num_tags == limit;
    if (has_more) break;
    write_tag(answer, key, value);
    ++num_tags;
  }
  answer.end_array().boolean("HasMoreTags", has_more).end_object();
  return {};
}

AwsStatus tag_resource(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const Resource found = TRY(find_resource(catalogue, TRY(request.required_text("ResourceARN", kArn))));
  return add_tags(*found.stream, found.consumer, request);
}

AwsStatus untag_resource(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const Resource found = TRY(find_resource(catalogue, TRY(request.required_text("ResourceARN", kArn))));
  return remove_tags(*found.stream, found.consumer, request);
}

AwsStatus list_tags_for_resource(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const Resource found = TRY(find_resource(catalogue, TRY(request.required_text("ResourceARN", kArn))));
  const Tags& tags = found.consumer.empty() ? found.state->tags : found.state->find_consumer(found.consumer)->tags;
  answer.begin_object().begin_array("Tags");
  for (const auto& [key, value] : tags) write_tag(answer, key, value);
  answer.end_array().end_object();
  return {};
}

AwsStatus put_resource_policy(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const std::string arn = TRY(request.required_text("ResourceARN", kArn));
  const Resource found = TRY(find_resource(catalogue, arn));
  const std::string policy = TRY(request.required_text("Policy", kPolicy));
  return found.stream->change([&](StreamState& state) -> AwsStatus {
    state.policies[arn] = policy;
    return {};
  });
}

AwsStatus get_resource_policy(StreamCatalogue& catalogue, const Members& request, Answer& answer) {
  const std::string arn = TRY(request.required_text("ResourceARN", kArn));
  const Resource found = TRY(find_resource(catalogue, arn));
  const auto policy = found.state->policies.find(arn);
  if (policy == found.state->policies.end()) {
    return AwsFailure("ResourceNotFoundException", fmt::format("No resource policy found for resource ARN {}", arn));
  }
  answer.begin_object().text("Policy", policy->second).end_object();
  return {};
}

AwsStatus delete_resource_policy(StreamCatalogue& catalogue, const Members& request, Answer&) {
  const std::string arn = TRY(request.required_text("ResourceARN", kArn));
  const Resource found = TRY(find_resource(catalogue, arn));
  return found.stream->change([&](StreamState& state) -> AwsStatus {
    if (state.policies.erase(arn) == 0) {
      return AwsFailure("ResourceNotFoundException", fmt::format("No resource policy found for resource ARN {}", arn));
    }
    return {};
  });
}

}  // namespace raudal::neighbours::kinesis
