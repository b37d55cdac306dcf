#include "runtime/rest_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <thread>

#include "codec/json.h"
#include "net/http_client.h"
#include "runtime/job_fakes.h"

namespace raudal::runtime {
namespace {

// A running job of fakes behind a REST server on a Unix socket.
class RestServerTest : public testing::Test {
 protected:
  RestServerTest() {
    char pattern[] = "/tmp/raudal-rest-XXXXXX";
    directory_ = ::mkdtemp(pattern);
    fakes::register_fakes(registry_);
    count_ = {.world = directory_, .directory = directory_, .bounded = false};
    JobConfig config{.identity = {"app", RunNumber(1), Incarnation(1)}};
    config.graph = fakes::count_graph(count_);
    config.environment = {.fs = fs_.get(), .clock = &clock_, .registry = &registry_};
    config.make_operator = fakes::make_fake_operator;
    config.parallelism = 2;
    config.checkpoints.directory = directory_ + "/checkpoints";
    config.checkpoints.interval_ms = 5;
    config.checkpoints.min_pause_ms = 0;
    config.options = {{"pipeline.name", "count"}};
    config.metrics = &metrics_;
    job_ = std::move(Job::start(std::move(config))).value();
    EXPECT_TRUE(job_->wait_until_running(30'000));
    server_ = std::move(RestServer::start(*job_, metrics_, {.unix_path = directory_ + "/rest.sock"})).value();
    client_ = std::make_unique<net::HttpClient>(
        net::HttpClientOptions{.base_url = "http://localhost", .unix_path = directory_ + "/rest.sock"});
  }
  ~RestServerTest() override {
    client_.reset();
    server_.reset();
    job_.reset();
    EXPECT_TRUE(fs_->remove_all(directory_).ok());
    fakes::forget_world(directory_);
  }

  codec::Json get(const std::string& target, int status = 200) {
    const auto response = client_->get(target);
    if (!response.ok()) {
      ADD_FAILURE() << response.error().message();
      return {};
    }
    EXPECT_EQ(response->status, status) << target << " " << response->body;
    auto body = codec::parse_json(response->body);
    EXPECT_TRUE(body.ok()) << response->body;
    return body.ok() ? std::move(body).value() : codec::Json();
  }

  std::string job_path() const { return "/jobs/" + job_->id(); }

  std::string directory_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  SystemClock clock_;
  connector::Registry registry_;
  obs::MetricRegistry metrics_;
  fakes::CountJob count_;
  std::unique_ptr<Job> job_;
  std::unique_ptr<RestServer> server_;
  std::unique_ptr<net::HttpClient> client_;
};

TEST_F(RestServerTest, Job_is_listed_and_described_with_its_vertices) {
  EXPECT_EQ(get("/overview").at("jobs-running"), 1);
  EXPECT_EQ(get("/v1/config").at("refresh-interval"), 3000);
  EXPECT_EQ(get("/jobs").at("jobs").at(0).at("id").as_string(), job_->id());
  EXPECT_EQ(get("/jobs/overview").at("jobs").at(0).at("tasks").at("running"), 4);
  const codec::Json details = get("/v1" + job_path());
  EXPECT_EQ(details.at("state"), "RUNNING");
  EXPECT_EQ(details.at("jid").as_string(), job_->id());
  ASSERT_EQ(details.at("vertices").as_array().size(), 2u);
  EXPECT_EQ(details.at("vertices").at(0).at("name"), "Source 0 -> Calc -> Union");
  EXPECT_EQ(details.at("plan").at("nodes").at(1).at("inputs").at(0).at("ship_strategy"), "HASH");
  EXPECT_EQ(details.at("plan").at("nodes").at(1).at("inputs").at(0).at("id"), details.at("vertices").at(0).at("id"));
  EXPECT_EQ(get(job_path() + "/status").at("status"), "RUNNING");
  EXPECT_EQ(get(job_path() + "/config").at("execution-config").at("user-config").at("pipeline.name"), "count");
  EXPECT_EQ(get(job_path() + "/exceptions").at("exceptionHistory").at("entries").as_array().size(), 0u);
}

TEST_F(RestServerTest, Vertices_answer_for_their_subtasks_and_metrics) {
  const codec::Json details = get(job_path());
  const std::string id(details.at("vertices").at(1).at("id").as_string());
  const std::string vertex = job_path() + "/vertices/" + id;
  EXPECT_EQ(get(vertex).at("subtasks").as_array().size(), 2u);
  EXPECT_EQ(get(vertex + "/backpressure").at("status"), "ok");
  EXPECT_TRUE(get(vertex + "/watermarks").is_array());
  EXPECT_EQ(get(vertex + "/taskmanagers").at("taskmanagers").as_array().size(), 1u);
  EXPECT_EQ(get(vertex + "/metrics?get=0.numRecordsIn").at(0).at("id"), "0.numRecordsIn");
  const codec::Json aggregated = get(vertex + "/subtasks/metrics?get=numRecordsIn&agg=sum");
  ASSERT_EQ(aggregated.as_array().size(), 1u);
  EXPECT_TRUE(aggregated.at(0).as_object().contains("sum"));
  EXPECT_FALSE(aggregated.at(0).as_object().contains("min"));
  EXPECT_EQ(get("/taskmanagers").at("taskmanagers").at(0).at("slotsNumber"), 2);
  EXPECT_EQ(get("/jobmanager/metrics?get=Status.JVM.Memory.Heap.Used").as_array().size(), 1u);
}

TEST_F(RestServerTest, Stop_makes_a_savepoint_and_repeats_harmlessly) {
  const std::string target = directory_ + "/savepoint";
  const std::string body = R"({"targetDirectory": ")" + target + R"(", "triggerId": "abc", "drain": false})";
  for (int i = 0; i < 2; ++i) {
    const auto response = client_->post_json(job_path() + "/stop", body);
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->status, 202) << response->body;
    EXPECT_THAT(response->body, testing::HasSubstr("\"request-id\":\"abc\""));
  }
  ASSERT_TRUE(job_->wait_for(30'000));
  const codec::Json status = get(job_path() + "/savepoints/abc");
  EXPECT_EQ(status.at("status").at("id"), "COMPLETED");
  EXPECT_EQ(status.at("operation").at("location").as_string(), target);
  const codec::Json checkpoints = get(job_path() + "/checkpoints");
  EXPECT_EQ(checkpoints.at("latest").at("savepoint").at("external_path").as_string(), target);
  const int64_t id = checkpoints.at("latest").at("savepoint").at("id").as_int64();
  EXPECT_EQ(get(job_path() + "/checkpoints/details/" + std::to_string(id)).at("status"), "COMPLETED");
  EXPECT_EQ(get(job_path() + "/status").at("status"), "FINISHED");
}

TEST_F(RestServerTest, Cancel_ends_the_job) {
  const auto response = client_->send({.method = "PATCH", .target = job_path() + "?mode=cancel"});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 202);
  ASSERT_TRUE(job_->wait_for(30'000));
  EXPECT_EQ(get(job_path()).at("state"), "CANCELED");
}

TEST_F(RestServerTest, Unknown_things_are_404_with_a_reason) {
  EXPECT_TRUE(get("/jobs/0123456789abcdef0123456789abcdef", 404).at("errors").at(0).is_string());
  EXPECT_TRUE(get("/nothing", 404).at("errors").at(0).is_string());
  get(job_path() + "/savepoints/unknown", 404);
  get(job_path() + "/checkpoints/details/999999", 404);
  const auto response = client_->post_json(job_path() + "/savepoints", "{");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 400);
}

}  // namespace
}  // namespace raudal::runtime
