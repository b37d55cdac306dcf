#include "apps/load/sender.h"

#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/json.h"

namespace raudal::apps {
namespace {

// A stream that counts what it accepted, and refuses as its script says.
class FakeStream {
 public:
  FakeStream() : records_(RecordTemplate::parse("record {{index}}", "{{index}}").value()) {
    world_.clock = &clock_;
    world_.pause = [this](int64_t ms) { clock_.advance_us(ms * 1000); };
    world_.stopping = [this] { return stop_after_requests_ > 0 && requests_ >= stop_after_requests_; };
    world_.report = [](const LoadCounts&) {};
    world_.post = [this](const std::string& body) { return answer(body); };
  }

  Status run(const LoadPlan& plan) { return send_load(plan, records_, *target_, world_, counts_); }

  Result<TargetAnswer> answer(const std::string& body) {
    clock_.advance_us(request_us_);
    const int number = requests_++;
    if (number < unanswered_) return Error(ErrorCode::kIo, "connection refused");
    if (number < unanswered_ + broken_) return TargetAnswer{.status = 500, .body = R"({"__type":"InternalFailure"})"};
    if (!fatal_.empty()) return TargetAnswer{.status = 400, .body = fatal_};
    const auto request = codec::parse_json_object(body).value();
    codec::JsonArray answers;
    for (const codec::Json& record : request.at("Records").as_array()) {
      if (refuse_every_ > 0 && ++seen_ % refuse_every_ == 0) {
        answers.push_back(codec::JsonObject{{"ErrorCode", "ProvisionedThroughputExceededException"}});
        continue;
      }
      ++stored_[codec::base64_decode(std::string(record.at("Data").as_string())).value()];
      answers.push_back(codec::JsonObject{{"SequenceNumber", "1"}, {"ShardId", "shardId-000000000000"}});
    }
    sizes_.push_back(request.at("Records").as_array().size());
    return TargetAnswer{.status = 200, .body = codec::write_json(codec::JsonObject{{"Records", answers}})};
  }

  bool each_once(uint64_t count) const {
    for (uint64_t i = 0; i < count; ++i) {
      const auto found = stored_.find("record " + std::to_string(i));
      if (found == stored_.end() || found->second != 1) return false;
    }
    return stored_.size() == count;
  }

  int unanswered_ = 0, broken_ = 0, refuse_every_ = 0, stop_after_requests_ = 0;
  int64_t request_us_ = 0;
  std::string fatal_;
  int requests_ = 0, seen_ = 0;
  std::map<std::string, int> stored_;
  std::vector<size_t> sizes_;
  LoadCounts counts_;
  ManualClock clock_{1'767'323'045'000'000};

 private:
  RecordTemplate records_;
  std::unique_ptr<Target> target_ = kinesis_target("s");
  LoadWorld world_;
};

TEST(Sender, sends_exactly_so_many_in_full_batches) {
  FakeStream stream;
  ASSERT_TRUE(stream.run({.count = 1234}).ok());
  EXPECT_TRUE(stream.each_once(1234));
  EXPECT_EQ(stream.sizes_, (std::vector<size_t>{500, 500, 234}));
  EXPECT_EQ(stream.counts_.accepted, 1234u);
}

TEST(Sender, sends_refused_records_again_and_no_others) {
  FakeStream stream;
  stream.refuse_every_ = 7;
  ASSERT_TRUE(stream.run({.count = 2000}).ok());
  EXPECT_TRUE(stream.each_once(2000));
  EXPECT_EQ(stream.counts_.accepted, 2000u);
  EXPECT_GT(stream.counts_.sent_again, 250u);
  EXPECT_EQ(stream.counts_.unanswered, 0u);
}

TEST(Sender, keeps_the_rate) {
  FakeStream stream;
  const int64_t begin = stream.clock_.monotonic_ns();
  ASSERT_TRUE(stream.run({.count = 1000, .rate = 100}).ok());
  const double seconds = static_cast<double>(stream.clock_.monotonic_ns() - begin) / 1e9;
  EXPECT_TRUE(stream.each_once(1000));
  EXPECT_NEAR(seconds, 10, 0.2);
  EXPECT_LE(stream.sizes_.size(), 210u);  // at most twenty requests a second
}

TEST(Sender, outlasts_a_service_that_is_away_and_says_what_may_be_there_twice) {
  FakeStream stream;
  stream.unanswered_ = 3;
  stream.broken_ = 2;
  ASSERT_TRUE(stream.run({.count = 10}).ok());
  EXPECT_TRUE(stream.each_once(10));
  EXPECT_EQ(stream.counts_.unanswered, 30u);
  EXPECT_EQ(stream.counts_.sent_again, 20u);
}

TEST(Sender, gives_up_when_its_patience_is_over) {
  FakeStream stream;
  stream.unanswered_ = 1'000'000;
  const Status status = stream.run({.count = 10, .patience_ms = 5'000});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kTimeout);
  EXPECT_EQ(stream.counts_.accepted, 0u);
}

TEST(Sender, does_not_repeat_what_is_refused_for_good) {
  FakeStream stream;
  stream.fatal_ = R"({"__type":"ResourceNotFoundException","message":"Stream s not found"})";
  const Status status = stream.run({.count = 10});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "ResourceNotFoundException: Stream s not found");
  EXPECT_EQ(stream.requests_, 1);
}

TEST(Sender, stops_when_told) {
  FakeStream stream;
  stream.stop_after_requests_ = 3;
  ASSERT_TRUE(stream.run({.count = 0}).ok());
  EXPECT_EQ(stream.counts_.accepted, 1500u);
}

TEST(Target, reads_what_firehose_and_sqs_refused) {
  const auto firehose = firehose_target("f")->refused(
      R"({"FailedPutCount":1,"RequestResponses":[{"RecordId":"a"},{"ErrorCode":"ServiceUnavailable"}]})", 2);
  EXPECT_EQ(firehose.value(), (std::vector<size_t>{1}));
  const auto sqs = sqs_target("q")->refused(
      R"({"Successful":[{"Id":"1"}],"Failed":[{"Id":"2","SenderFault":false},{"Id":"0","SenderFault":false}]})", 3);
  EXPECT_EQ(sqs.value(), (std::vector<size_t>{0, 2}));
  EXPECT_EQ(kinesis_target("s")->refused(R"({"Records":[]})", 1).error().code(), ErrorCode::kSerialization);
}

}  // namespace
}  // namespace raudal::apps
