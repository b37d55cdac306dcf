#include "neighbours/kinesis/kinesis_service.h"

#include <string_view>
#include <utility>

#include "codec/cbor.h"
#include "codec/json.h"
#include "neighbours/kinesis/handlers.h"
#include "neighbours/kinesis/subscription.h"
#include "neighbours/protocol/answers.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr size_t kBodyBytesMax = 16 << 20;  // 10 MiB of records in base64, and what is around them

struct Route {
  std::string_view operation;
  Handler handler;
};

constexpr Route kRoutes[] = {
    {"AddTagsToStream", add_tags_to_stream},
    {"CreateStream", create_stream},
    {"DecreaseStreamRetentionPeriod", decrease_retention},
    {"DeleteResourcePolicy", delete_resource_policy},
    {"DeleteStream", delete_stream},
    {"DeregisterStreamConsumer", deregister_consumer},
    {"DescribeAccountSettings", describe_account_settings},
    {"DescribeLimits", describe_limits},
    {"DescribeStream", describe_stream},
    {"DescribeStreamConsumer", describe_consumer},
    {"DescribeStreamSummary", describe_stream_summary},
    {"DisableEnhancedMonitoring", disable_monitoring},
    {"EnableEnhancedMonitoring", enable_monitoring},
    {"GetRecords", get_records},
    {"GetResourcePolicy", get_resource_policy},
    {"GetShardIterator", get_shard_iterator},
    {"IncreaseStreamRetentionPeriod", increase_retention},
    {"ListShards", list_shards},
    {"ListStreamConsumers", list_consumers},
    {"ListStreams", list_streams},
    {"ListTagsForResource", list_tags_for_resource},
    {"ListTagsForStream", list_tags_for_stream},
    {"MergeShards", merge_shards},
    {"PutRecord", put_record},
    {"PutRecords", put_records},
    {"PutResourcePolicy", put_resource_policy},
    {"RegisterStreamConsumer", register_consumer},
    {"RemoveTagsFromStream", remove_tags_from_stream},
    {"SplitShard", split_shard},
    {"StartStreamEncryption", start_encryption},
    {"StopStreamEncryption", stop_encryption},
    {"TagResource", tag_resource},
    {"UntagResource", untag_resource},
    {"UpdateMaxRecordSize", update_max_record_size},
    {"UpdateShardCount", update_shard_count},
    {"UpdateStreamMode", update_stream_mode},
    {"UpdateStreamWarmThroughput", update_warm_throughput},
};

AwsResult<codec::JsonObject> parse_body(const protocol::AwsCall& call, bool is_cbor) {
  if (call.body.empty()) return codec::JsonObject();
  const codec::JsonLimits limits{.bytes_max = kBodyBytesMax};
  auto body = is_cbor ? codec::parse_cbor_object(call.body, limits) : codec::parse_json_object(call.body, limits);
  if (!body.ok()) return AwsFailure("SerializationException", body.error().message());
  return *std::move(body);
}

class KinesisService final : public protocol::AwsService {
 public:
  explicit KinesisService(std::unique_ptr<StreamCatalogue> catalogue) : catalogue_(std::move(catalogue)) {}

  AwsStatus handle(protocol::AwsCall& call, net::ResponseWriter& response) override {
    // Kinesis is defined in JSON and in its older sister of CBOR, in which times are milliseconds.
    const bool is_cbor = call.protocol == protocol::Protocol::kCbor;
    if (!is_cbor && call.protocol != protocol::Protocol::kJson) {
      return AwsFailure("UnsupportedProtocolException", "Kinesis is answered in JSON 1.1 and CBOR 1.1 only.");
    }
    if (call.content_type.empty()) call.content_type = "application/x-amz-json-1.1";
    if (call.operation == "SubscribeToShard") {
      const codec::JsonObject body = TRY(parse_body(call, is_cbor));
      return subscribe_to_shard(*catalogue_, call, Members(body, is_cbor), response);
    }
    for (const Route& route : kRoutes) {
      if (route.operation != call.operation) continue;
      Answer answer(is_cbor);
      {
        const codec::JsonObject body = TRY(parse_body(call, is_cbor));
        TRY(route.handler(*catalogue_, Members(body, is_cbor), answer));
      }
      (void)response
          .send(200, {{"x-amzn-RequestId", call.request_id}, {"Content-Type", call.content_type}}, answer.take())
          .ok();
      return {};
    }
    return protocol::unknown_operation(call);
  }

  void stop() override { catalogue_->stop_waits(); }

 private:
  const std::unique_ptr<StreamCatalogue> catalogue_;
};

}  // namespace

protocol::ServiceEntry kinesis_entry(KinesisOptions options) {
  return {.info = {.name = "Kinesis Data Streams",
                   .signing_name = "kinesis",
                   .target_prefixes = {"Kinesis_20131202"},
                   .body_bytes_max = kBodyBytesMax},
          .open = [options](const protocol::ServiceContext& context) -> Result<std::unique_ptr<protocol::AwsService>> {
            auto catalogue = TRY(StreamCatalogue::open(context, options.has_limits));
            return std::unique_ptr<protocol::AwsService>(new KinesisService(std::move(catalogue)));
          }};
}

}  // namespace raudal::neighbours::kinesis
