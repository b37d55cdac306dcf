#include "neighbours/kinesis/kinesis_service.h"

#include <stdlib.h>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "codec/base64.h"
#include "codec/cbor.h"
#include "neighbours/protocol/answers.h"
#include "obs/log_sinks.h"

namespace raudal::neighbours::kinesis {
namespace {

// Keeps an answer instead of sending it.
class KeptResponse final : public net::ResponseWriter {
 public:
  bool started() const override { return status != 0; }
  Status begin(int with_status, const net::HttpHeaders& with_headers, std::optional<int64_t>) override {
    status = with_status;
    headers = with_headers;
    return {};
  }
  Status write(std::string_view bytes) override {
    body += bytes;
    return {};
  }
  Status finish() override { return {}; }
  void close_after() override {}

  int status = 0;
  net::HttpHeaders headers;
  std::string body;
};

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;

// A service on a folder and a clock of its own, asked without a network.
class KinesisServiceTest : public testing::Test {
 protected:
  KinesisServiceTest() {
    char name[] = "/tmp/raudal_kinesis_XXXXXX";
    directory_ = ::mkdtemp(name);
    open();
  }
  ~KinesisServiceTest() override {
    service_.reset();
    EXPECT_TRUE(fs_->remove_all(directory_).ok());
  }

  void open(bool has_limits = false) {
    service_.reset();
    entry_ = kinesis_entry({.has_limits = has_limits});
    auto service = entry_.open({.fs = *fs_,
                                .clock = clock_,
                                .log = obs::Logger(log_, clock_, "kinesis"),
                                .directory = directory_ + "/kinesis",
                                .region = "us-east-1",
                                .account = "000000000000"});
    ASSERT_TRUE(service.ok()) << service.error().message();
    service_ = *std::move(service);
  }

  // The failure's code, or nothing; the answer is kept in response_.
  std::string call(std::string operation, std::string body, bool is_cbor = false) {
    net::HttpRequest http;
    protocol::AwsCall call{.http = http,
                           .protocol = is_cbor ? protocol::Protocol::kCbor : protocol::Protocol::kJson,
                           .content_type = is_cbor ? "application/x-amz-cbor-1.1" : "application/x-amz-json-1.1",
                           .operation = std::move(operation),
                           .body = std::move(body),
                           .service = entry_.info};
    response_ = {};
    const protocol::AwsStatus done = service_->handle(call, response_);
    return done.ok() ? "" : done.error().code;
  }

  codec::JsonObject ask(std::string operation, std::string body) {
    EXPECT_EQ(call(operation, std::move(body)), "") << operation;
    return response_.body.empty() ? codec::JsonObject() : codec::parse_json_object(response_.body).value();
  }

  std::string put(const std::string& text) {
    return std::string(ask("PutRecord", fmt::format(R"({{"StreamName":"s","PartitionKey":"k","Data":"{}"}})",
                                                    codec::base64_encode(text)))
                           .at("SequenceNumber")
                           .as_string());
  }

  std::string iterator(const std::string& type = "TRIM_HORIZON") {
    return std::string(
        ask("GetShardIterator",
            fmt::format(R"({{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"{}"}})", type))
            .at("ShardIterator")
            .as_string());
  }

  std::vector<std::string> texts(const std::string& from) {
    std::vector<std::string> found;
    const auto answer = ask("GetRecords", fmt::format(R"({{"ShardIterator":"{}"}})", from));
    for (const auto& record : answer.at("Records").as_array()) {
      found.push_back(codec::base64_decode(record.at("Data").as_string()).value());
    }
    return found;
  }

  const std::unique_ptr<Fs> fs_ = posix_fs();
  ManualClock clock_{int64_t{1'700'000'000} * 1'000'000};
  obs::RingLogSink log_;
  std::string directory_;
  protocol::ServiceEntry entry_;
  std::unique_ptr<protocol::AwsService> service_;
  KeptResponse response_;
};

using Texts = std::vector<std::string>;

TEST_F(KinesisServiceTest, records_expire_with_their_retention) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  const std::string old = put("old");
  clock_.advance_us(20 * kHourUs);
  put("young");
  EXPECT_EQ(texts(iterator()), (Texts{"old", "young"}));
  clock_.advance_us(5 * kHourUs);
  EXPECT_EQ(texts(iterator()), (Texts{"young"}));
  // A longer retention does not bring back what has expired.
  ask("IncreaseStreamRetentionPeriod", R"({"StreamName":"s","RetentionPeriodHours":48})");
  EXPECT_EQ(texts(iterator()), (Texts{"young"}));
  clock_.advance_us(40 * kHourUs);
  EXPECT_EQ(texts(iterator()), (Texts{"young"}));
  ask("DecreaseStreamRetentionPeriod", R"({"StreamName":"s","RetentionPeriodHours":24})");
  EXPECT_EQ(texts(iterator()), Texts{});
  EXPECT_GT(put("new"), old);
  open();
  EXPECT_EQ(texts(iterator()), (Texts{"new"}));
}

TEST_F(KinesisServiceTest, a_consumer_that_is_behind_says_by_how_much) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  put("a");
  put("b");
  clock_.advance_us(7'000'000);
  const auto answer = ask("GetRecords", fmt::format(R"({{"ShardIterator":"{}","Limit":1}})", iterator()));
  EXPECT_EQ(answer.at("MillisBehindLatest").as_int64(), 7000);
}

TEST_F(KinesisServiceTest, iterators_and_tokens_live_five_minutes) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":2})");
  ask("CreateStream", R"({"StreamName":"t","ShardCount":1})");
  const std::string from = iterator();
  const std::string token(ask("ListStreams", R"({"Limit":1})").at("NextToken").as_string());
  const std::string shards(ask("ListShards", R"({"StreamName":"s","MaxResults":1})").at("NextToken").as_string());
  clock_.advance_us(300'000'000);
  EXPECT_EQ(call("GetRecords", fmt::format(R"({{"ShardIterator":"{}"}})", from)), "");
  clock_.advance_us(1'000);
  EXPECT_EQ(call("GetRecords", fmt::format(R"({{"ShardIterator":"{}"}})", from)), "ExpiredIteratorException");
  EXPECT_EQ(call("ListStreams", fmt::format(R"({{"NextToken":"{}"}})", token)), "ExpiredNextTokenException");
  EXPECT_EQ(call("ListShards", fmt::format(R"({{"NextToken":"{}"}})", shards)), "ExpiredNextTokenException");
}

TEST_F(KinesisServiceTest, closed_shards_expire_when_their_records_have) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  const std::string begin = R"({"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"})";
  ask("SplitShard", R"({"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"})");
  clock_.advance_us(23 * kHourUs);
  EXPECT_EQ(ask("ListShards", R"({"StreamName":"s"})").at("Shards").as_array().size(), 3u);
  EXPECT_EQ(call("GetShardIterator", begin), "");
  clock_.advance_us(2 * kHourUs);
  EXPECT_EQ(ask("ListShards", R"({"StreamName":"s"})").at("Shards").as_array().size(), 2u);
  EXPECT_EQ(call("GetShardIterator", begin), "ResourceNotFoundException");
}

TEST_F(KinesisServiceTest, throughput_is_limited_only_when_asked) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  std::string batch = R"({"StreamName":"s","Records":[)";
  for (int i = 0; i < 400; ++i) batch += R"({"PartitionKey":"k","Data":"AAAA"},)";
  batch.back() = ']';
  batch += '}';
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask("PutRecords", batch).at("FailedRecordCount").as_int64(), 0);
  open(true);
  EXPECT_EQ(ask("PutRecords", batch).at("FailedRecordCount").as_int64(), 0);
  EXPECT_EQ(ask("PutRecords", batch).at("FailedRecordCount").as_int64(), 0);
  const auto failed = ask("PutRecords", batch);
  EXPECT_EQ(failed.at("FailedRecordCount").as_int64(), 200);
  const auto& records = failed.at("Records").as_array();
  EXPECT_TRUE(records[199].as_object().contains("SequenceNumber"));
  EXPECT_EQ(records[200].at("ErrorCode").as_string(), "ProvisionedThroughputExceededException");
  EXPECT_EQ(call("PutRecord", R"({"StreamName":"s","PartitionKey":"k","Data":"AAAA"})"),
            "ProvisionedThroughputExceededException");
  clock_.advance_us(500'000);
  EXPECT_EQ(ask("PutRecords", batch).at("FailedRecordCount").as_int64(), 0);
  const std::string from = iterator();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call("GetRecords", fmt::format(R"({{"ShardIterator":"{}"}})", from)), "");
  EXPECT_EQ(call("GetRecords", fmt::format(R"({{"ShardIterator":"{}"}})", from)),
            "ProvisionedThroughputExceededException");
}

TEST_F(KinesisServiceTest, speaks_cbor_as_the_sdks_for_java_do) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  std::string request;
  codec::cbor_begin_map(request);
  codec::cbor_text(request, "StreamName");
  codec::cbor_text(request, "s");
  codec::cbor_text(request, "PartitionKey");
  codec::cbor_text(request, "k");
  codec::cbor_text(request, "Data");
  codec::cbor_bytes(request, std::string("\x00\xFF", 2));
  codec::cbor_end(request);
  EXPECT_EQ(call("PutRecord", request, true), "");
  EXPECT_EQ(response_.headers.get("Content-Type"), "application/x-amz-cbor-1.1");
  EXPECT_EQ(texts(iterator()), (Texts{std::string("\x00\xFF", 2)}));

  request.clear();
  codec::cbor_begin_map(request);
  codec::cbor_text(request, "ShardIterator");
  codec::cbor_text(request, iterator());
  codec::cbor_end(request);
  EXPECT_EQ(call("GetRecords", request, true), "");
  const auto answer = codec::parse_cbor_object(response_.body);
  ASSERT_TRUE(answer.ok());
  const auto& record = answer->at("Records").as_array().at(0);
  EXPECT_EQ(record.at("Data").as_string(), std::string("\x00\xFF", 2));
  EXPECT_EQ(record.at("ApproximateArrivalTimestamp").as_int64(), 1'700'000'000'000);

  request.clear();
  codec::cbor_begin_map(request);
  for (const auto& [name, value] : {std::pair{"StreamName", "s"}, std::pair{"ShardId", "shardId-000000000000"},
                                    std::pair{"ShardIteratorType", "AT_TIMESTAMP"}}) {
    codec::cbor_text(request, name);
    codec::cbor_text(request, value);
  }
  codec::cbor_text(request, "Timestamp");
  codec::cbor_timestamp_ms(request, 1'700'000'000'000);
  codec::cbor_end(request);
  EXPECT_EQ(call("GetShardIterator", request, true), "");
  EXPECT_EQ(call("PutRecord", "\x01", true), "SerializationException");
}

TEST_F(KinesisServiceTest, bad_requests_are_named) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  EXPECT_EQ(call("PutRecord", "{"), "SerializationException");
  EXPECT_EQ(call("PutRecord", R"({"StreamName":"s","PartitionKey":"k","Data":"?"})"), "SerializationException");
  EXPECT_EQ(call("PutRecord", R"({"StreamName":"s","PartitionKey":7,"Data":""})"), "SerializationException");
  EXPECT_EQ(call("PutRecord", R"({"StreamName":"s","PartitionKey":"k"})"), "ValidationException");
  EXPECT_EQ(call("PutRecords", R"({"StreamName":"s","Records":[]})"), "ValidationException");
  EXPECT_EQ(call("NoSuchOperation", "{}"), "UnknownOperationException");
  net::HttpRequest http;
  protocol::AwsCall query{.http = http, .protocol = protocol::Protocol::kQuery, .service = entry_.info};
  EXPECT_EQ(service_->handle(query, response_).error().code, "UnsupportedProtocolException");
}

TEST_F(KinesisServiceTest, a_full_shard_survives_a_damaged_log_elsewhere) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  for (const char* text : {"a", "b", "c"}) put(text);
  service_.reset();
  const std::string folder = directory_ + "/kinesis/streams/0000000001/";
  const std::string path = folder + fs_->list(folder).value().at(0).name;
  std::string bytes = read_file(*fs_, path).value();
  bytes[64 + 60] ^= 1;
  ASSERT_TRUE(write_file_durably(*fs_, path, bytes).ok());
  open();
  EXPECT_EQ(texts(iterator()), (Texts{"a"}));
  const std::string after(
      ask("GetRecords", fmt::format(R"({{"ShardIterator":"{}"}})", iterator())).at("NextShardIterator").as_string());
  EXPECT_NE(call("GetRecords", fmt::format(R"({{"ShardIterator":"{}"}})", after)), "") << "no record goes unsaid";
  put("d");
}

}  // namespace
}  // namespace raudal::neighbours::kinesis
