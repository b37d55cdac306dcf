#include "obs/log.h"

#include <stdlib.h>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "obs/log_sinks.h"

namespace raudal::obs {
namespace {

std::string temp_directory() {
  char name[] = "/tmp/raudal_log_XXXXXX";
  return ::mkdtemp(name);
}

TEST(Log, record_has_the_envelope_of_the_guide) {
  const LogRecord record{.timestamp_us = 1'700'000'000'123'456,
                         .level = LogLevel::kWarn,
                         .logger = "raudal.Job",
                         .message = "say \"hi\"\n\x01",
                         .thread = "main",
                         .location = "Job.start(job.cc:7)",
                         .throwable = {}};
  EXPECT_EQ(log_record_json(record, {"arn:aws:kinesisanalytics:us-east-1:1:application/a", "5"}),
            R"J({"locationInformation":"Job.start(job.cc:7)","logger":"raudal.Job",)J"
            R"J("message":"say \"hi\"\n\u0001","threadName":"main",)J"
            R"J("applicationARN":"arn:aws:kinesisanalytics:us-east-1:1:application/a",)J"
            R"J("applicationVersionId":"5","messageSchemaVersion":"1","messageType":"WARN",)J"
            R"J("timestamp":1700000000123})J");
}

TEST(Log, error_carries_its_cause_as_throwable_information) {
  RingLogSink ring;
  const ManualClock clock(5);
  const Logger log(ring, clock, "raudal.test");
  log.error("Checkpoint failed", Error(ErrorCode::kDiskFull, "write failed"));
  const auto records = ring.query({});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].throwable, std::vector<std::string>{"DiskFullError: write failed"});
  EXPECT_NE(log_record_json(records[0], {}).find(R"("throwableInformation":["DiskFullError: write failed"])"),
            std::string::npos);
}

TEST(Log, location_is_function_file_and_line) {
  RingLogSink ring;
  const ManualClock clock;
  Logger(ring, clock, "x").info("here");
  const std::string location = ring.query({}).at(0).location;
  EXPECT_NE(location.find("TestBody(log_test.cc:"), std::string::npos) << location;
}

TEST(Log, records_below_the_level_are_not_written) {
  RingLogSink ring;
  const ManualClock clock;
  const Logger log(ring, clock, "x", LogLevel::kWarn);
  log.info("no");
  log.warn("yes");
  ASSERT_EQ(ring.query({}).size(), 1u);
  EXPECT_EQ(ring.query({})[0].message, "yes");
}

TEST(Log, ring_keeps_the_newest_and_answers_queries) {
  RingLogSink ring(3);
  ManualClock clock(10);
  const Logger log(ring, clock, "raudal.a");
  for (const char* text : {"one", "two", "three"}) {
    log.info(text);
    clock.advance_us(1);
  }
  log.named("raudal.b").error("four");
  EXPECT_EQ(ring.query({}).size(), 3u);
  EXPECT_EQ(ring.query({}).front().message, "two");
  EXPECT_EQ(ring.query({.level_min = LogLevel::kError}).size(), 1u);
  EXPECT_EQ(ring.query({.logger_prefix = "raudal.a"}).size(), 2u);
  EXPECT_EQ(ring.query({.contains = "re"}).size(), 1u);
  EXPECT_EQ(ring.query({.since_us = 12}).size(), 2u);
  EXPECT_EQ(ring.query({.limit = 1})[0].message, "four");
}

TEST(Log, file_rotates_at_its_limit) {
  const auto fs = posix_fs();
  const std::string directory = temp_directory();
  const std::string path = directory + "/app.log";
  auto sink = FileLogSink::open(*fs, path, {"arn", "1"}, 1000).value();
  const ManualClock clock;
  const Logger log(*sink, clock, "x");
  for (int i = 0; i < 8; ++i) log.info(fmt::format("record {}", i));
  const std::string now = read_file(*fs, path).value();
  EXPECT_LE(now.size(), 1000u);
  EXPECT_NE(now.find("record 7"), std::string::npos);
  EXPECT_NE(read_file(*fs, path + ".1").value().find("\"message\":\"record "), std::string::npos);
  EXPECT_TRUE(fs->remove_all(directory).ok());
}

TEST(Log, text_for_people_has_time_level_and_causes) {
  const LogRecord record{.timestamp_us = 3'600'000'000, .level = LogLevel::kError, .logger = "control",
                         .message = "failed", .thread = {}, .location = {}, .throwable = {"why"}};
  EXPECT_EQ(log_record_text(record), "01:00:00.000 ERROR control      failed\n    why");
}

}  // namespace
}  // namespace raudal::obs
