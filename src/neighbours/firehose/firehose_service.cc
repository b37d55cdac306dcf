#include "neighbours/firehose/firehose_service.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "codec/base64.h"
#include "neighbours/firehose/delivery_loop.h"
#include "neighbours/firehose/delivery_store.h"
#include "neighbours/firehose/destination.h"
#include "neighbours/firehose/kinesis_source.h"
#include "neighbours/protocol/answers.h"

namespace raudal::neighbours::firehose {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using protocol::AwsCall;
using protocol::AwsFailure;
using protocol::AwsResult;
using protocol::AwsStatus;

constexpr size_t kNameLettersMax = 64;
constexpr size_t kRecordBytesMax = 1'024'000;
constexpr size_t kBatchRecordsMax = 500;
constexpr size_t kBatchBytesMax = 4 << 20;
constexpr int64_t kBufferedBytesMax = int64_t{1} << 30;
constexpr size_t kTagsMax = 50;
constexpr char kDestinationId[] = "destinationId-000000000001";

AwsFailure invalid(std::string message) { return AwsFailure("InvalidArgumentException", std::move(message)); }

std::string text_of(const JsonObject& request, std::string_view member) {
  return std::string(codec::find_string(request, member).value_or(""));
}

double seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

bool is_stream_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLettersMax && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
  });
}

// The bytes of one record of a request.
AwsResult<std::string> record_data(const codec::Json* record) {
  const auto text = record && record->is_object() ? codec::find_string(record->get_object(), "Data") : std::nullopt;
  if (!text) return AwsFailure("ValidationException", "A record must have Data");
  std::string data = TRY(codec::base64_decode(*text));
  if (data.size() > kRecordBytesMax) {
    return AwsFailure("ValidationException",
                      fmt::format("A record has {} bytes at most, not {}", kRecordBytesMax, data.size()));
  }
  return data;
}

AwsResult<JsonArray> merged_tags(JsonArray tags, const JsonArray* added) {
  for (const codec::Json& tag : added ? *added : JsonArray()) {
    const std::string key = tag.is_object() ? text_of(tag.get_object(), "Key") : "";
    if (key.empty()) return invalid("A tag must have a Key");
    JsonObject fresh{{"Key", key}};
    if (const auto value = codec::find_string(tag.get_object(), "Value")) fresh["Value"] = *value;
    auto* there =
        std::ranges::find_if(tags, [&](const codec::Json& old) { return text_of(old.get_object(), "Key") == key; });
    if (there != tags.end()) tags.erase(there);
    tags.push_back(std::move(fresh));
  }
  if (tags.size() > kTagsMax) return AwsFailure("LimitExceededException", fmt::format("At most {} tags", kTagsMax));
  return tags;
}

// The one destination of a request to create or update, in any of its two shapes.
AwsResult<const JsonObject*> find_destination(const JsonObject& request, std::string_view suffix) {
  const JsonObject* found = nullptr;
  for (const auto& member : request) {
    const std::string_view name = member.key();
    if (name.find("Destination") == std::string_view::npos || !name.ends_with(suffix)) continue;
    if (name != fmt::format("S3Destination{}", suffix) && name != fmt::format("ExtendedS3Destination{}", suffix)) {
      return invalid(fmt::format("Raudal's Firehose delivers to S3 alone, not yet to this: {}", name));
    }
    if (found || !member.value().is_object()) return invalid("Exactly one destination must be given");
    found = &member.value().get_object();
  }
  if (!found) return invalid("Exactly one destination must be given: ExtendedS3Destination" + std::string(suffix));
  return found;
}

// SourceDescription of a stream that reads a Kinesis stream; empty for one whose records are put.
AwsResult<JsonObject> source_of(const JsonObject& request, std::string_view type, int64_t created_ms) {
  if (type == "DirectPut") return JsonObject();
  if (type != "KinesisStreamAsSource") {
    return invalid(
        fmt::format("Raudal's Firehose has no such source yet, only DirectPut and KinesisStreamAsSource: {}", type));
  }
  const JsonObject* given = codec::find_object(request, "KinesisStreamSourceConfiguration");
  const std::string arn = given ? text_of(*given, "KinesisStreamARN") : "";
  if (!arn.starts_with("arn:aws:kinesis:") || arn.find(":stream/") == std::string::npos) {
    return invalid("KinesisStreamSourceConfiguration must name a stream by its KinesisStreamARN: " + arn);
  }
  return JsonObject{{"KinesisStreamSourceDescription", JsonObject{{"KinesisStreamARN", arn},
                                                                  {"RoleARN", text_of(*given, "RoleARN")},
                                                                  {"DeliveryStartTimestamp", seconds(created_ms)}}}};
}

class FirehoseService final : public protocol::AwsService {
 public:
  FirehoseService(const protocol::ServiceContext& context, std::unique_ptr<DeliveryStore> store, s3::S3Service& s3)
      : context_(context),
        store_(std::move(store)),
        loop_(*store_, s3, context_.clock, context_.log),
        source_(*store_, loop_, [this] { return context_.sibling("kinesis"); }, context_.log) {}

  Status start() {
    TRY(loop_.start());
    const auto lock = loop_.lock();
    for (const DeliveryStream& stream : TRY(store_->list())) {
      if (!stream.source.empty()) source_.start();
    }
    return {};
  }
  void stop() override {
    source_.stop();
    loop_.stop();
  }

  AwsStatus handle(AwsCall& call, net::ResponseWriter& response) override {
    protocol::answer_json(call, response, TRY(run(call)));
    return {};
  }

 private:
  AwsResult<JsonObject> run(const AwsCall& call);
  AwsResult<JsonObject> create_delivery_stream(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> delete_delivery_stream(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> describe_delivery_stream(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> list_delivery_streams(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> put_record(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> put_record_batch(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> update_destination(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> tag_delivery_stream(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> untag_delivery_stream(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> list_tags_for_delivery_stream(const AwsCall&, const JsonObject& request);

  AwsResult<DeliveryStream> find(const JsonObject& request);
  // Stores records durably, all or none; their ids.
  AwsResult<std::vector<std::string>> store_records(const JsonObject& request, const std::vector<std::string>& records);
  std::string arn_of(const DeliveryStream& stream) const {
    return context_.arn("firehose", "deliverystream/" + stream.name);
  }
  int64_t now_ms() const { return context_.clock.wall_us() / 1000; }

  const protocol::ServiceContext context_;
  const std::unique_ptr<DeliveryStore> store_;
  DeliveryLoop loop_;
  KinesisSource source_;
};

AwsResult<JsonObject> FirehoseService::run(const AwsCall& call) {
  static constexpr protocol::Operation<FirehoseService> kOperations[] = {
      {"CreateDeliveryStream", &FirehoseService::create_delivery_stream},
      {"DeleteDeliveryStream", &FirehoseService::delete_delivery_stream},
      {"DescribeDeliveryStream", &FirehoseService::describe_delivery_stream},
      {"ListDeliveryStreams", &FirehoseService::list_delivery_streams},
      {"ListTagsForDeliveryStream", &FirehoseService::list_tags_for_delivery_stream},
      {"PutRecord", &FirehoseService::put_record},
      {"PutRecordBatch", &FirehoseService::put_record_batch},
      {"TagDeliveryStream", &FirehoseService::tag_delivery_stream},
      {"UntagDeliveryStream", &FirehoseService::untag_delivery_stream},
      {"UpdateDestination", &FirehoseService::update_destination},
  };
  return protocol::run_operation<FirehoseService>(*this, kOperations, call);
}

AwsResult<DeliveryStream> FirehoseService::find(const JsonObject& request) {
  const std::string name = text_of(request, "DeliveryStreamName");
  auto stream = TRY(store_->find(name));
  if (!stream) {
    return AwsFailure("ResourceNotFoundException",
                      fmt::format("Firehose {} under account {} not found.", name, context_.account));
  }
  return *std::move(stream);
}

AwsResult<JsonObject> FirehoseService::create_delivery_stream(const AwsCall&, const JsonObject& request) {
  DeliveryStream stream{.name = text_of(request, "DeliveryStreamName"),
                        .type = text_of(request, "DeliveryStreamType"),
                        .created_ms = now_ms(),
                        .updated_ms = now_ms()};
  if (!is_stream_name(stream.name)) {
    return AwsFailure("ValidationException",
                      fmt::format("DeliveryStreamName must be 1 to 64 of a-z A-Z 0-9 _ . -: {}", stream.name));
  }
  if (stream.type.empty()) stream.type = "DirectPut";
  stream.source = TRY(source_of(request, stream.type, stream.created_ms));
  if (codec::find_object(request, "DeliveryStreamEncryptionConfigurationInput")) {
    return invalid("Raudal's Firehose does not do this yet: DeliveryStreamEncryptionConfigurationInput");
  }
  stream.destination = TRY(s3_destination(*TRY(find_destination(request, "Configuration"))));
  stream.tags = TRY(merged_tags({}, codec::find_array(request, "Tags")));
  const auto lock = loop_.lock();
  if (TRY(store_->find(stream.name))) {
    return AwsFailure("ResourceInUseException",
                      fmt::format("Firehose {} under accountId {} already exists", stream.name, context_.account));
  }
  stream.id = TRY(store_->insert(stream));
  loop_.set(stream);
  if (!stream.source.empty()) source_.start();
  return JsonObject{{"DeliveryStreamARN", arn_of(stream)}};
}

AwsResult<JsonObject> FirehoseService::delete_delivery_stream(const AwsCall&, const JsonObject& request) {
  const auto lock = loop_.lock();
  DeliveryStream stream = TRY(find(request));
  // What waits is delivered first, if it can be.
  stream.is_deleting = true;
  TRY(store_->update(stream));
  loop_.set(stream);
  return JsonObject();
}

AwsResult<JsonObject> FirehoseService::describe_delivery_stream(const AwsCall&, const JsonObject& request) {
  const auto lock = loop_.lock();
  const DeliveryStream stream = TRY(find(request));
  JsonObject plain;
  for (const char* member : {"RoleARN", "BucketARN", "Prefix", "ErrorOutputPrefix", "BufferingHints",
                             "CompressionFormat", "EncryptionConfiguration", "CloudWatchLoggingOptions"}) {
    if (const codec::Json* value = stream.destination.if_contains(member)) plain[member] = *value;
  }
  const JsonObject destination{{"DestinationId", kDestinationId},
                               {"S3DestinationDescription", std::move(plain)},
                               {"ExtendedS3DestinationDescription", stream.destination}};
  JsonObject description{{"DeliveryStreamName", stream.name},
                         {"DeliveryStreamARN", arn_of(stream)},
                         {"DeliveryStreamStatus", stream.is_deleting ? "DELETING" : "ACTIVE"},
                         {"DeliveryStreamEncryptionConfiguration", JsonObject{{"Status", "DISABLED"}}},
                         {"DeliveryStreamType", stream.type},
                         {"VersionId", std::to_string(stream.version)},
                         {"CreateTimestamp", seconds(stream.created_ms)},
                         {"LastUpdateTimestamp", seconds(stream.updated_ms)},
                         {"Destinations", JsonArray{destination}},
                         {"HasMoreDestinations", false}};
  if (!stream.source.empty()) description["Source"] = stream.source;
  return JsonObject{{"DeliveryStreamDescription", std::move(description)}};
}

AwsResult<JsonObject> FirehoseService::list_delivery_streams(const AwsCall&, const JsonObject& request) {
  const int64_t limit = codec::find_int(request, "Limit").value_or(10);
  if (limit < 1 || limit > 10'000) return invalid("Limit must be 1 to 10000");
  const std::string after = text_of(request, "ExclusiveStartDeliveryStreamName");
  const std::string type = text_of(request, "DeliveryStreamType");
  const auto lock = loop_.lock();
  JsonArray names;
  bool has_more = false;
  for (const DeliveryStream& stream : TRY(store_->list())) {
    if (stream.name <= after || (!type.empty() && stream.type != type)) continue;
    has_more = names.size() == static_cast<size_t>(limit);
    if (has_more) break;
    names.emplace_back(stream.name);
  }
  return JsonObject{{"DeliveryStreamNames", std::move(names)}, {"HasMoreDeliveryStreams", has_more}};
}

AwsResult<std::vector<std::string>> FirehoseService::store_records(const JsonObject& request,
                                                                   const std::vector<std::string>& records) {
  const auto lock = loop_.lock();
  const DeliveryStream stream = TRY(find(request));
  if (stream.type != "DirectPut") {
    return invalid(fmt::format("This operation is not permitted on {} delivery stream type.", stream.type));
  }
  if (loop_.buffered_bytes(stream.id) > kBufferedBytesMax) {
    return AwsFailure("ServiceUnavailableException",
                      fmt::format("Slow down: {} bytes wait for delivery", loop_.buffered_bytes(stream.id)), 503);
  }
  Buffered more{.oldest_ms = now_ms()};
  std::vector<std::string> ids;
  auto transaction = TRY(store_->begin());
  for (const std::string& record : records) {
    const int64_t id = TRY(store_->add_record(stream.id, record, more.oldest_ms));
    ids.push_back(codec::base64_encode(fmt::format("{}:{}:{}", stream.name, stream.created_ms, id)));
    ++more.records;
    more.bytes += static_cast<int64_t>(record.size());
  }
  TRY(transaction.commit());
  loop_.added(stream.id, more);
  return ids;
}

AwsResult<JsonObject> FirehoseService::put_record(const AwsCall&, const JsonObject& request) {
  std::string data = TRY(record_data(request.if_contains("Record")));
  const std::vector<std::string> ids = TRY(store_records(request, {std::move(data)}));
  return JsonObject{{"RecordId", ids.front()}, {"Encrypted", false}};
}

AwsResult<JsonObject> FirehoseService::put_record_batch(const AwsCall&, const JsonObject& request) {
  const JsonArray* records = codec::find_array(request, "Records");
  if (!records || records->empty() || records->size() > kBatchRecordsMax) {
    return AwsFailure("ValidationException", fmt::format("Records must have 1 to {} items", kBatchRecordsMax));
  }
  std::vector<std::string> data;
  size_t bytes = 0;
  for (const codec::Json& record : *records) {
    data.push_back(TRY(record_data(&record)));
    bytes += data.back().size();
  }
  if (bytes > kBatchBytesMax) { return invalid(fmt::format("Records size exceeds {} MB limit", kBatchBytesMax >> 20)); }
  JsonArray responses;
  for (const std::string& id : TRY(store_records(request, data))) responses.push_back(JsonObject{{"RecordId", id}});
  return JsonObject{{"FailedPutCount", 0}, {"Encrypted", false}, {"RequestResponses", std::move(responses)}};
}

AwsResult<JsonObject> FirehoseService::update_destination(const AwsCall&, const JsonObject& request) {
  const JsonObject* update = TRY(find_destination(request, "Update"));
  const auto lock = loop_.lock();
  DeliveryStream stream = TRY(find(request));
  if (text_of(request, "DestinationId") != kDestinationId) {
    return invalid(fmt::format("Destination Id {} not found", text_of(request, "DestinationId")));
  }
  if (text_of(request, "CurrentDeliveryStreamVersionId") != std::to_string(stream.version)) {
    return AwsFailure("ConcurrentModificationException",
                      fmt::format("Cannot update firehose: {} since the current version id: {} and specified version "
                                  "id: {} do not match",
                                  stream.name, stream.version, text_of(request, "CurrentDeliveryStreamVersionId")));
  }
  stream.destination = TRY(s3_destination(*update, stream.destination));
  ++stream.version;
  stream.updated_ms = now_ms();
  TRY(store_->update(stream));
  loop_.set(stream);
  return JsonObject();
}

AwsResult<JsonObject> FirehoseService::tag_delivery_stream(const AwsCall&, const JsonObject& request) {
  const auto lock = loop_.lock();
  DeliveryStream stream = TRY(find(request));
  stream.tags = TRY(merged_tags(std::move(stream.tags), codec::find_array(request, "Tags")));
  TRY(store_->update(stream));
  return JsonObject();
}

AwsResult<JsonObject> FirehoseService::untag_delivery_stream(const AwsCall&, const JsonObject& request) {
  const auto lock = loop_.lock();
  DeliveryStream stream = TRY(find(request));
  const JsonArray* keys = codec::find_array(request, "TagKeys");
  JsonArray kept;
  for (const codec::Json& tag : stream.tags) {
    const auto is_key = [&](const codec::Json& key) {
      return key.is_string() && std::string_view(key.get_string()) == text_of(tag.get_object(), "Key");
    };
    if (!keys || std::ranges::none_of(*keys, is_key)) kept.push_back(tag);
  }
  stream.tags = std::move(kept);
  TRY(store_->update(stream));
  return JsonObject();
}

AwsResult<JsonObject> FirehoseService::list_tags_for_delivery_stream(const AwsCall&, const JsonObject& request) {
  const auto lock = loop_.lock();
  return JsonObject{{"Tags", TRY(find(request)).tags}, {"HasMoreTags", false}};
}

}  // namespace

protocol::ServiceEntry firehose_service(s3::S3Service& s3) {
  return {.info = {.name = "Firehose", .signing_name = "firehose", .target_prefixes = {"Firehose_20150804"}},
          .works_alone = true,
          .open = [&s3](const protocol::ServiceContext& context) -> Result<std::unique_ptr<protocol::AwsService>> {
            auto store = TRY(DeliveryStore::open(context.fs, context.directory));
            auto service = std::make_unique<FirehoseService>(context, std::move(store), s3);
            TRY(service->start());
            return std::unique_ptr<protocol::AwsService>(std::move(service));
          }};
}

}  // namespace raudal::neighbours::firehose
