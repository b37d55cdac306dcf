// What a server says and a client understands is the same, for each message that goes both ways.
#include <gtest/gtest.h>

#include "flinkrest/checkpoints.h"
#include "flinkrest/error_response.h"
#include "flinkrest/job_details.h"
#include "flinkrest/job_exceptions.h"
#include "flinkrest/savepoints.h"

namespace raudal::flinkrest {
namespace {

codec::JsonObject parse(std::string_view text) { return codec::parse_json_object(text).value(); }

// As it comes over the wire.
codec::JsonObject sent(const codec::JsonObject& json) { return parse(codec::write_json(json)); }

TEST(FlinkRest, job_details_arrive_as_they_were_sent) {
  const JobDetails job{.id = "j",
                       .name = "orders",
                       .state = "RUNNING",
                       .start_time_ms = 1,
                       .end_time_ms = 2,
                       .duration_ms = 3,
                       .now_ms = 4,
                       .max_parallelism = 5,
                       .timestamps_ms = {{"CREATED", 6}, {"RUNNING", 7}},
                       .vertices = {{.id = "v",
                                     .name = "Source",
                                     .parallelism = 8,
                                     .max_parallelism = 9,
                                     .status = "FINISHED",
                                     .start_time_ms = 10,
                                     .end_time_ms = 11,
                                     .duration_ms = 12,
                                     .tasks = {{"FINISHED", 8}},
                                     .metrics = {.read_bytes = 13,
                                                 .write_bytes = 14,
                                                 .read_records = 15,
                                                 .write_records = 16,
                                                 .back_pressured_ms = 17,
                                                 .idle_ms = 18,
                                                 .busy_ms = 19.5}}},
                       .plan = codec::JsonObject{{"nodes", codec::JsonArray()}}};
  const codec::JsonObject json = sent(to_json(job));
  const JobDetails read = job_details_from_json(json).value();
  EXPECT_EQ(sent(to_json(read)), json);
  EXPECT_EQ(read.vertices.front().metrics.write_records, 16);
}

TEST(FlinkRest, job_details_need_id_name_and_state_alone) {
  EXPECT_EQ(job_details_from_json(parse(R"({"jid": "j", "name": "n", "state": "CREATED"})")).value().id, "j");
  const auto read = job_details_from_json(parse(R"({"jid": "j", "name": "n"})"));
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message().find("state"), std::string::npos);
}

TEST(FlinkRest, checkpoints_arrive_as_they_were_sent) {
  const Checkpoint completed{
      .id = 1,
      .status = "COMPLETED",
      .is_savepoint = true,
      .trigger_ms = 2,
      .latest_ack_ms = 3,
      .checkpointed_bytes = 4,
      .state_bytes = 5,
      .duration_ms = 6,
      .num_subtasks = 7,
      .num_acknowledged = 8,
      .external_path = "/p",
      .tasks = {{"v", {.latest_ack_ms = 9, .size_bytes = 10, .num_subtasks = 11, .num_acknowledged = 12}}}};
  const Checkpoint failed{.id = 13, .status = "FAILED", .failure = "no", .failure_ms = 14};
  const Checkpoints checkpoints{.restored = 1,
                                .total = 2,
                                .in_progress = 3,
                                .completed = 4,
                                .failed = 5,
                                .history = {failed, completed},
                                .latest_completed = completed,
                                .latest_failed = failed,
                                .latest_restored = RestoredCheckpoint{.id = 6, .restore_ms = 7, .external_path = "/r"}};
  const codec::JsonObject json = sent(to_json(checkpoints));
  const Checkpoints read = checkpoints_from_json(json);
  EXPECT_EQ(sent(to_json(read)), json);
  EXPECT_EQ(read.latest_completed->latest_ack_ms, 3);
  EXPECT_FALSE(read.latest_savepoint.has_value());
}

TEST(FlinkRest, exceptions_arrive_as_they_were_sent) {
  const JobExceptions exceptions{
      .entries = {{.name = "Sql", .message = "b", .time_ms = 2, .task = "t", .endpoint = "e", .taskmanager_id = "m"},
                  {.name = "Io", .message = "a", .time_ms = 1}},
      .truncated = true};
  const codec::JsonObject json = sent(to_json(exceptions));
  EXPECT_EQ(sent(to_json(job_exceptions_from_json(json))), json);
  EXPECT_TRUE(job_exceptions_from_json(sent(to_json(JobExceptions{}))).entries.empty());
}

TEST(FlinkRest, root_exception_alone_is_an_entry) {
  const JobExceptions read = job_exceptions_from_json(parse(R"({"root-exception": "why", "timestamp": 3})"));
  ASSERT_EQ(read.entries.size(), 1u);
  EXPECT_EQ(read.entries.front().message, "why");
  EXPECT_EQ(read.entries.front().time_ms, 3);
}

TEST(FlinkRest, triggers_arrive_as_they_were_sent) {
  const SavepointTrigger trigger{.target_directory = "/t", .trigger_id = "i", .cancel_job = true, .drain = true};
  const auto savepoint = savepoint_trigger_from_json(codec::write_json(savepoint_trigger_to_json(trigger))).value();
  EXPECT_EQ(savepoint.target_directory, "/t");
  EXPECT_EQ(savepoint.trigger_id, "i");
  EXPECT_TRUE(savepoint.cancel_job);
  const auto stop = stop_trigger_from_json(codec::write_json(stop_trigger_to_json(trigger))).value();
  EXPECT_EQ(stop.target_directory, "/t");
  EXPECT_EQ(stop.trigger_id, "i");
  EXPECT_TRUE(stop.drain);
}

TEST(FlinkRest, savepoint_status_arrives_as_it_was_sent) {
  EXPECT_FALSE(savepoint_info_from_json(sent(to_json(SavepointInfo{}))).value().completed);
  const SavepointInfo completed{.completed = true, .location = "/s"};
  const SavepointInfo done = savepoint_info_from_json(sent(to_json(completed))).value();
  EXPECT_TRUE(done.completed);
  EXPECT_EQ(done.location, "/s");
  EXPECT_EQ(done.failure, "");
  EXPECT_EQ(savepoint_info_from_json(sent(to_json(SavepointInfo{.failure = "full"}))).value().failure, "full");
}

TEST(FlinkRest, failure_without_a_cause_is_a_failure) {
  const auto json = parse(R"({"status": {"id": "COMPLETED"}, "operation": {"failure-cause": {}}})");
  EXPECT_EQ(savepoint_info_from_json(json).value().failure, "no cause was given");
}

TEST(FlinkRest, error_is_read_from_its_answer) {
  EXPECT_EQ(error_of_response(sent(error_response("why"))), "why");
  EXPECT_EQ(error_of_response(parse(R"({"errors": []})")), std::nullopt);
}

TEST(SavepointsTest, answer_that_says_nothing_is_not_in_progress) {
  EXPECT_FALSE(savepoint_info_from_json(parse("{}")).ok());
  EXPECT_FALSE(savepoint_info_from_json(parse(R"({"status":{"id":"COMPLETED"}})")).ok());
  EXPECT_FALSE(savepoint_info_from_json(parse(R"({"errors":["x"]})")).ok());
}

TEST(JobExceptionsTest, stack_trace_is_told_from_its_innermost_cause) {
  EXPECT_EQ(summarize_stack_trace(""), "");
  EXPECT_EQ(summarize_stack_trace("Division by zero"), "Division by zero");
  EXPECT_EQ(
      summarize_stack_trace("a.JobException: suppressed\n\tat a.B.c(B.java:1)\nCaused by: b.Broken: no\nmore of it\n"
                            "\tat d.E(F.java:2)\n\t... 3 more\nCaused by: c.Disk: full\n\tat x.Y\n"),
      "c.Disk: full; this caused b.Broken: no; this caused a.JobException: suppressed");
  EXPECT_EQ(summarize_stack_trace("a.Wrapped: b.Broken: no\n\tat x\nCaused by: b.Broken: no\n\tat y"), "b.Broken: no");
}

}  // namespace
}  // namespace raudal::flinkrest
