#include "engine/flink_rest_client.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/fs.h"
#include "flinkrest/checkpoints.h"
#include "flinkrest/error_response.h"
#include "flinkrest/job_details.h"
#include "flinkrest/job_exceptions.h"
#include "flinkrest/job_list.h"
#include "flinkrest/savepoints.h"
#include "net/http_server.h"
#include "obs/log_sinks.h"

namespace raudal::engine {
namespace {

// A server on the socket of a run directory that gives the answers of the test, and keeps what it was asked.
class FlinkRestClientTest : public testing::Test {
 protected:
  FlinkRestClientTest() {
    char name[] = "/tmp/raudal-rest-XXXXXX";
    root_ = ::mkdtemp(name);
    server_ = net::HttpServer::start(
                  {.unix_path = join_path(root_, kRestSocket)},
                  [this](net::HttpRequest& request, net::ResponseWriter& response) { answer(request, response); },
                  obs::Logger(log_, clock_, "test"))
                  .value();
    job_ = flink_rest_client({.unix_directory = root_}, "j");
  }
  ~FlinkRestClientTest() override {
    server_.reset();
    (void)fs_->remove_all(root_);
  }

  void answer(net::HttpRequest& request, net::ResponseWriter& response) {
    asked_ = request.method + " " + request.path;
    asked_body_ = net::read_all(*request.body, 1 << 20).value();
    const auto raw = raw_answers_.find(request.path);
    if (raw != raw_answers_.end()) return (void)response.send(raw->second.first, {}, raw->second.second).ok();
    const auto found = answers_.find(request.path);
    const codec::JsonObject body = found == answers_.end() ? flinkrest::error_response("none here") : found->second;
    (void)response.send_json(found == answers_.end() ? 404 : 200, codec::write_json(body)).ok();
  }

  obs::RingLogSink log_;
  ManualClock clock_{0};
  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string root_;
  std::map<std::string, codec::JsonObject> answers_;
  std::map<std::string, std::pair<int, std::string>> raw_answers_;  // status and body
  std::string asked_;
  std::string asked_body_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<JobClient> job_;
};

TEST_F(FlinkRestClientTest, details_name_the_state_and_each_vertex) {
  answers_["/jobs/j"] = flinkrest::to_json(flinkrest::JobDetails{
      .id = "j",
      .name = "orders",
      .state = "RESTARTING",
      .start_time_ms = 5,
      .vertices = {{.id = "v", .parallelism = 2, .metrics = {.read_records = 3, .write_records = 4}}},
      .plan = codec::JsonObject{{"jid", "j"}}});
  const JobDetails details = job_->details().value();
  EXPECT_EQ(details.job_id, "j");
  EXPECT_EQ(details.state, JobState::kRestarting);
  EXPECT_EQ(details.start_time_ms, 5);
  ASSERT_EQ(details.vertices.size(), 1u);
  EXPECT_EQ(details.vertices[0].parallelism, 2);
  EXPECT_EQ(details.vertices[0].read_records, 3);
  EXPECT_EQ(details.vertices[0].write_records, 4);
  EXPECT_EQ(details.plan, R"({"jid":"j"})");
  answers_["/jobs/j"]["state"] = "ASLEEP";
  EXPECT_EQ(job_->details().error().code(), ErrorCode::kEngine);
}

TEST_F(FlinkRestClientTest, refusal_carries_the_engines_words) {
  const auto details = job_->details();
  ASSERT_FALSE(details.ok());
  EXPECT_EQ(details.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(details.error().message().find("none here"), std::string::npos);
}

TEST_F(FlinkRestClientTest, latest_completed_checkpoint_is_there_once_there_is_one) {
  flinkrest::Checkpoints checkpoints{.restored = 1, .completed = 2, .failed = 3};
  answers_["/jobs/j/checkpoints"] = flinkrest::to_json(checkpoints);
  EXPECT_FALSE(job_->checkpoints().value().latest_completed_id.has_value());
  checkpoints.latest_completed = flinkrest::Checkpoint{.id = 7, .status = "COMPLETED", .latest_ack_ms = 9};
  answers_["/jobs/j/checkpoints"] = flinkrest::to_json(checkpoints);
  const CheckpointSummary summary = job_->checkpoints().value();
  EXPECT_EQ(summary.restored, 1);
  EXPECT_EQ(summary.completed, 2);
  EXPECT_EQ(summary.failed, 3);
  EXPECT_EQ(summary.latest_completed_id, 7);
  EXPECT_EQ(summary.latest_completed_time_ms, 9);
}

TEST_F(FlinkRestClientTest, exceptions_are_the_newest_ones_text) {
  answers_["/jobs/j/exceptions"] = flinkrest::to_json(flinkrest::JobExceptions{});
  EXPECT_EQ(job_->exceptions().value(), "");
  answers_["/jobs/j/exceptions"] =
      flinkrest::to_json(flinkrest::JobExceptions{.entries = {{.message = "new"}, {.message = "old"}}});
  EXPECT_EQ(job_->exceptions().value(), "new");
}

TEST_F(FlinkRestClientTest, savepoint_and_stop_are_asked_for_as_the_server_reads_them) {
  answers_["/jobs/j/savepoints"] = answers_["/jobs/j/stop"] = flinkrest::trigger_response("i");
  ASSERT_TRUE(job_->trigger_savepoint({.trigger_id = "i", .target_directory = "/t"}).ok());
  EXPECT_EQ(asked_, "POST /jobs/j/savepoints");
  const auto savepoint = flinkrest::savepoint_trigger_from_json(asked_body_).value();
  EXPECT_EQ(savepoint.trigger_id, "i");
  EXPECT_EQ(savepoint.target_directory, "/t");
  EXPECT_FALSE(savepoint.cancel_job);
  ASSERT_TRUE(job_->trigger_savepoint({.trigger_id = "i", .target_directory = "/t", .stop = true, .drain = true}).ok());
  EXPECT_EQ(asked_, "POST /jobs/j/stop");
  const auto stop = flinkrest::stop_trigger_from_json(asked_body_).value();
  EXPECT_EQ(stop.target_directory, "/t");
  EXPECT_TRUE(stop.drain);
}

TEST_F(FlinkRestClientTest, savepoint_is_completed_or_failed_and_never_both) {
  const std::string path = "/jobs/j/savepoints/i";
  answers_[path] = flinkrest::to_json(flinkrest::SavepointInfo{});
  EXPECT_FALSE(job_->savepoint_status("i").value().completed);
  answers_[path] = flinkrest::to_json(flinkrest::SavepointInfo{.completed = true, .location = "/s"});
  EXPECT_TRUE(job_->savepoint_status("i").value().completed);
  EXPECT_EQ(job_->savepoint_status("i").value().location, "/s");
  EXPECT_FALSE(job_->savepoint_status("i").value().failure.has_value());
  answers_[path] = flinkrest::to_json(flinkrest::SavepointInfo{.failure = "full"});
  EXPECT_FALSE(job_->savepoint_status("i").value().completed);
  EXPECT_EQ(job_->savepoint_status("i").value().failure, "full");
}

TEST_F(FlinkRestClientTest, many_jobs_are_one_that_fails_with_any_and_ends_with_all) {
  const auto all = many_jobs_client({.unix_directory = root_});
  const auto set = [&](const std::string& first, const std::string& second) {
    answers_["/jobs"] = flinkrest::job_ids({{.id = "a"}, {.id = "b"}});
    for (const auto& [id, state] : {std::pair("a", first), std::pair("b", second)}) {
      answers_[std::string("/jobs/") + id] =
          flinkrest::to_json(flinkrest::JobDetails{.id = id, .state = state, .vertices = {{.id = id}}});
    }
    return all->details().value().state;
  };
  answers_["/jobs"] = flinkrest::job_ids({});
  EXPECT_EQ(all->details().error().code(), ErrorCode::kEngine);
  EXPECT_EQ(set("RUNNING", "RUNNING"), JobState::kRunning);
  EXPECT_EQ(all->details().value().vertices.size(), 2u);
  EXPECT_EQ(set("RUNNING", "RESTARTING"), JobState::kRestarting);
  EXPECT_EQ(set("FINISHED", "RUNNING"), JobState::kRunning);
  EXPECT_EQ(set("FAILED", "RUNNING"), JobState::kFailed);
  EXPECT_EQ(set("FINISHED", "CANCELED"), JobState::kCancelled);
  EXPECT_EQ(set("FINISHED", "FINISHED"), JobState::kFinished);
  EXPECT_EQ(all->trigger_savepoint({}).error().code(), ErrorCode::kInvalidRequest);
}

TEST_F(FlinkRestClientTest, what_a_proxy_says_is_never_taken_for_the_engines_word) {
  const std::string path = "/jobs/j/savepoints/i";
  for (const auto& [status, body] :
       {std::pair(200, "<html>"), std::pair(200, "{}"), std::pair(404, "<html>gone</html>"), std::pair(400, "no"),
        std::pair(502, ""), std::pair(200, "{\"status\":{}}")}) {
    raw_answers_[path] = {status, body};
    EXPECT_EQ(job_->savepoint_status("i").error().code(), ErrorCode::kEngine) << status << body;
  }
  answers_["/jobs/j/stop"] = flinkrest::trigger_response("another");
  EXPECT_EQ(job_->trigger_savepoint({.trigger_id = "i", .target_directory = "/t", .stop = true}).error().code(),
            ErrorCode::kEngine);
}

TEST_F(FlinkRestClientTest, refusals_of_the_engine_are_told_apart) {
  const std::string path = "/jobs/j/savepoints/i";
  raw_answers_[path] = {404, R"({"errors":["There is no savepoint operation with triggerId=i"]})"};
  EXPECT_EQ(job_->savepoint_status("i").error().code(), ErrorCode::kNotFound);
  raw_answers_[path] = {503, R"({"errors":["Service temporarily unavailable due to an ongoing leader election."]})"};
  EXPECT_EQ(job_->savepoint_status("i").error().code(), ErrorCode::kServiceUnavailable);
  raw_answers_[path] = {400, R"({"errors":["bad"]})"};
  EXPECT_EQ(job_->savepoint_status("i").error().code(), ErrorCode::kInvalidRequest);
  raw_answers_[path] = {500, R"({"errors":["Internal server error.","<Exception on server side:\na.B: why\n\tat c"]})"};
  EXPECT_EQ(job_->savepoint_status("i").error().code(), ErrorCode::kEngine);
  EXPECT_NE(job_->savepoint_status("i").error().message().find("a.B: why"), std::string::npos);
}

TEST_F(FlinkRestClientTest, silent_server_costs_no_more_than_the_timeout) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = ::htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const std::string url = fmt::format("http://127.0.0.1:{}", ::ntohs(address.sin_port));
  const auto silent = flink_rest_client({.base_url = url, .timeout_ms = 100}, "j");
  EXPECT_EQ(silent->details().error().code(), ErrorCode::kTimeout);
  EXPECT_EQ(silent->cancel().error().code(), ErrorCode::kTimeout);
  ::close(listener);
}

}  // namespace
}  // namespace raudal::engine
