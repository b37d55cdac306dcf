#include "neighbours/protocol/router.h"

#include <gmock/gmock.h>

#include "neighbours/protocol/answers.h"

namespace raudal::neighbours::protocol {
namespace {

using testing::HasSubstr;

// What a client would see.
class Answer final : public net::ResponseWriter {
 public:
  bool started() const override { return status != 0; }
  Status begin(int code, const net::HttpHeaders& fields, std::optional<int64_t>) override {
    status = code;
    headers = fields;
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

class EchoService final : public AwsService {
 public:
  AwsStatus handle(AwsCall& call, net::ResponseWriter& response) override {
    if (call.operation == "Fail") {
      return AwsFailure("NoSuchThing", "There is no <thing>", 404).with_query_code("Old.NoSuchThing");
    }
    codec::JsonObject answer{{"Operation", call.operation}, {"List", {"a", "b&"}}};
    if (call.protocol == Protocol::kQuery) {
      answer_query(call, response, answer);
    } else {
      answer_json(call, response, answer);
    }
    return {};
  }
};

class CollectingSink final : public obs::LogSink {
 public:
  void write(const obs::LogRecord& record) override { lines.push_back(record.message); }
  std::vector<std::string> lines;
};

class ServiceRouterTest : public testing::Test {
 protected:
  net::HttpRequest request(std::string method, std::string target, net::HttpHeaders headers, std::string body = "") {
    body_ = std::make_unique<net::StringBodyReader>(std::move(body));
    net::HttpRequest made{
        .method = std::move(method), .target = std::move(target), .headers = std::move(headers), .body = body_.get()};
    EXPECT_TRUE(net::split_target(made).ok());
    return made;
  }
  std::string found(std::string target, net::HttpHeaders headers, const char* method = "POST") {
    return router_.find_service(request(method, std::move(target), std::move(headers)));
  }
  Answer handle(net::HttpRequest made) {
    Answer answer;
    router_.handle(router_.find_service(made), made, answer);
    return answer;
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  net::SessionKeys sessions_{"key"};
  ManualClock clock_{1'000'000};
  CollectingSink sink_;
  obs::Logger log_{sink_, clock_, "test"};
  int opened_ = 0;
  std::unique_ptr<net::StringBodyReader> body_;
  ServiceRouter router_{*fs_,
                        clock_,
                        log_,
                        {.directory = "/nowhere", .region = "us-east-1", .account = "000000000000"},
                        {.region = "us-east-1", .secrets = {}, .sessions = sessions_, .clock = clock_},
                        {{.info = {.name = "Echo",
                                   .signing_name = "echo",
                                   .target_prefixes = {"Echo_2020"},
                                   .query_version = "2011-01-01",
                                   .xml_namespace = "https://echo/",
                                   .unsigned_operations = {"Hello"}},
                          .open = [this](const ServiceContext& context) -> Result<std::unique_ptr<AwsService>> {
                            ++opened_;
                            EXPECT_EQ(context.directory, "/nowhere/echo");
                            return std::unique_ptr<AwsService>(new EchoService);
                          }}}};
};

std::string signed_for(std::string_view service) {
  return "AWS4-HMAC-SHA256 Credential=K/20260102/us-east-1/" + std::string(service) +
         "/aws4_request, SignedHeaders=host, Signature=00";
}

TEST_F(ServiceRouterTest, a_request_is_for_the_service_of_its_target_signature_path_host_or_action) {
  EXPECT_EQ(found("/", {{"X-Amz-Target", "Echo_2020.Say"}}), "echo");
  EXPECT_EQ(found("/", {{"X-Amz-Target", "KinesisAnalytics_20180523.X"}}), "kinesisanalytics");
  EXPECT_EQ(found("/", {{"X-Amz-Target", "DynamoDB_20120810.GetItem"}}), "dynamodb");
  EXPECT_EQ(found("/", {{"Authorization", signed_for("sqs")}, {"X-Amz-Date", "20260102T000000Z"}}), "sqs");
  EXPECT_EQ(found("/service/Echo_2020/operation/Say", {{"smithy-protocol", "rpc-v2-cbor"}}), "echo");
  EXPECT_EQ(found("/service/GraniteServiceVersion20100801/operation/PutMetricData", {}), "monitoring");
  EXPECT_EQ(found("/", {{"Host", "kinesis.us-east-1.amazonaws.com"}}), "kinesis");
  EXPECT_EQ(found("/", {{"Host", "000000000000.data-kinesis.us-east-1.amazonaws.com:443"}}), "kinesis");
  EXPECT_EQ(found("/k", {{"Host", "bucket.s3.us-east-1.amazonaws.com"}}, "GET"), "s3");
  EXPECT_EQ(found("/?Action=Hello", {{"Host", "127.0.0.1:4570"}}, "GET"), "echo");
  EXPECT_EQ(found("/", {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}), "echo");
  EXPECT_EQ(found("/bucket/key", {{"Host", "127.0.0.1:4570"}}, "GET"), "");
}

TEST_F(ServiceRouterTest, a_service_is_opened_at_its_first_call_and_once) {
  EXPECT_EQ(opened_, 0);
  const net::HttpHeaders headers{{"X-Amz-Target", "Echo_2020.Say"}, {"Content-Type", "application/x-amz-json-1.0"}};
  const Answer answer = handle(request("POST", "/", headers));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"Operation":"Say","List":["a","b&"]})");
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(answer.headers.get("x-amzn-RequestId").size(), 36U);
  handle(request("POST", "/", headers));
  EXPECT_EQ(opened_, 1);
}

TEST_F(ServiceRouterTest, the_query_protocol_is_answered_as_xml) {
  const Answer answer = handle(request("POST", "/?Action=Say", {{"Host", "echo.amazonaws.com"}}));
  EXPECT_THAT(answer.body, HasSubstr("<SayResponse xmlns=\"https://echo/\"><SayResult><Operation>Say</Operation>"
                                     "<List><member>a</member><member>b&amp;</member></List></SayResult>"));
}

TEST_F(ServiceRouterTest, a_refusal_speaks_the_protocol_of_its_call_and_is_logged) {
  const Answer json = handle(request("POST", "/", {{"X-Amz-Target", "Echo_2020.Fail"}}));
  EXPECT_EQ(json.status, 404);
  EXPECT_EQ(json.headers.get("x-amzn-ErrorType"), "NoSuchThing");
  EXPECT_EQ(json.headers.get("x-amzn-query-error"), "Old.NoSuchThing;Sender");
  EXPECT_EQ(json.body, R"({"__type":"NoSuchThing","message":"There is no <thing>","Message":"There is no <thing>"})");
  const Answer cbor = handle(
      request("POST", "/", {{"X-Amz-Target", "Echo_2020.Fail"}, {"Content-Type", "application/x-amz-cbor-1.1"}}));
  EXPECT_EQ(cbor.headers.get("Content-Type"), "application/x-amz-cbor-1.1");
  EXPECT_TRUE(cbor.body.starts_with(std::string("\xA2\x79\x00\x06__type\x79\x00\x0BNoSuchThing", 23)));
  const Answer xml = handle(
      request("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Action=Fail&Version=2011-01-01"));
  EXPECT_THAT(xml.body, HasSubstr("<Type>Sender</Type><Code>Old.NoSuchThing</Code>"
                                  "<Message>There is no &lt;thing&gt;</Message>"));
  ASSERT_EQ(sink_.lines.size(), 3U);
  EXPECT_EQ(sink_.lines[0], "echo refused Fail: 404 NoSuchThing: There is no <thing>");
}

TEST_F(ServiceRouterTest, a_service_that_is_not_there_is_refused_by_name) {
  const Answer answer = handle(request("POST", "/",
                                       {{"Authorization", signed_for("monitoring")},
                                        {"X-Amz-Date", "20260102T000000Z"},
                                        {"Content-Type", "application/x-www-form-urlencoded"}},
                                       "Action=PutMetricData&Version=2010-08-01"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("<Code>UnsupportedOperationException</Code><Message>CloudWatch is not answered "));
  EXPECT_THAT(answer.body, HasSubstr("monitoring PutMetricData"));
}

TEST_F(ServiceRouterTest, refusals_are_logged_up_to_a_bound) {
  for (int i = 0; i < 60; ++i) handle(request("POST", "/", {{"X-Amz-Target", "Echo_2020.Fail"}}));
  EXPECT_EQ(sink_.lines.size(), 50U);
  clock_.advance_us(11'000'000);
  handle(request("POST", "/", {{"X-Amz-Target", "Echo_2020.Fail"}}));
  EXPECT_THAT(sink_.lines.back(), HasSubstr("(10 more refusals before it were not logged)"));
}

}  // namespace
}  // namespace raudal::neighbours::protocol
