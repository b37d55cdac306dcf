#include "engine/remote_engine.h"

#include <stdlib.h>

#include <map>
#include <mutex>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "flinkrest/error_response.h"
#include "flinkrest/job_details.h"
#include "net/http_server.h"
#include "obs/log_sinks.h"

namespace raudal::engine {
namespace {

// A session cluster that runs every JAR at once and knows its jobs by id.
class FakeCluster {
 public:
  explicit FakeCluster(const Clock& clock)
      : server_(net::HttpServer::start(
                    {.host = "127.0.0.1"},
                    [this](net::HttpRequest& request, net::ResponseWriter& response) { answer(request, response); },
                    obs::Logger(log_, clock, "test"))
                    .value()) {}

  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }

  std::mutex mutex;
  std::string version = "1.20.3";
  std::map<std::string, std::string> jobs;  // state by id
  std::vector<codec::JsonObject> runs;      // bodies of what was taken
  std::string uploaded;
  std::string checkpoint = "file:/c/chk-7";
  int num_deleted_jars = 0;
  int runs_to_answer_badly = 0;  // they are taken nevertheless
  std::string first_state = "RUNNING";
  bool ignores_cancel = false;

 private:
  void answer(net::HttpRequest& request, net::ResponseWriter& response) {
    const std::string body = net::read_all(*request.body, 1 << 20).value();
    std::lock_guard lock(mutex);
    const std::string& path = request.path;
    if (path == "/overview") return send(response, {{"flink-version", version}});
    if (path == "/jars/upload") {
      uploaded = body;
      return send(response, {{"filename", "/tmp/flink-web/x_application.jar"}, {"status", "success"}});
    }
    if (request.method == "DELETE") return (void)++num_deleted_jars, send(response, {});
    if (path == "/jars/x_application.jar/run") return run(body, response);
    const std::string id = path.substr(std::string("/jobs/").size(), 32);
    if (!jobs.contains(id)) return send(response, flinkrest::error_response("Job not found"), 404);
    if (request.method == "PATCH" && !ignores_cancel) jobs[id] = "CANCELED";
    if (path.ends_with("/checkpoints")) {
      return send(
          response,
          {{"latest", codec::JsonObject{{"completed", codec::JsonObject{{"id", 7}, {"external_path", checkpoint}}}}}});
    }
    if (path.ends_with("/exceptions")) return send(response, {{"root-exception", "a.B: broken\n\tat c"}});
    send(response, flinkrest::to_json(flinkrest::JobDetails{.id = id, .state = jobs[id]}));
  }

  void run(const std::string& body, net::ResponseWriter& response) {
    const codec::JsonObject asked = codec::parse_json_object(body).value();
    const std::string id(asked.at("jobId").get_string());
    if (jobs.contains(id)) return send(response, flinkrest::error_response("Job was submitted already"), 500);
    jobs[id] = first_state;
    runs.push_back(asked);
    if (runs_to_answer_badly-- > 0) return (void)response.send(502, {}, "<html>").ok();
    send(response, {{"jobid", id}});
  }

  static void send(net::ResponseWriter& response, const codec::JsonObject& body, int status = 200) {
    (void)response.send_json(status, codec::write_json(body)).ok();
  }

  obs::RingLogSink log_;
  std::unique_ptr<net::HttpServer> server_;
};

// A run directory whose launch file names the cluster.
class RemoteEngineTest : public ::testing::Test {
 protected:
  RemoteEngineTest() {
    char name[] = "/tmp/raudal-remote-XXXXXX";
    run_ = ::mkdtemp(name);
    launch_.identity = {.application = "a", .run = RunNumber(1), .incarnation = Incarnation(1)};
    launch_.engine = EngineKind::kFlinkRemote;
    launch_.program_file = "application.jar";
    launch_.parallelism = 3;
    launch_.flink.version = "1.20";
    launch_.flink.remote_address = cluster_.url();
    EXPECT_TRUE(fs_->make_directories(run_ + "/code").ok());
    EXPECT_TRUE(write_file_durably(*fs_, run_ + "/code/application.jar", "JAR BYTES").ok());
    write_launch();
  }
  ~RemoteEngineTest() override { (void)fs_->remove_all(run_); }
  void write_launch() { EXPECT_TRUE(write_launch_file(*fs_, run_, launch_).ok()); }

  SystemClock clock_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  FakeCluster cluster_{clock_};
  std::unique_ptr<Engine> engine_ =
      remote_engine(*fs_, clock_, {.start_timeout_ms = 3'000, .rest_timeout_ms = 1'000, .cancel_timeout_ms = 300});
  LaunchFile launch_;
  std::string run_;
};

TEST_F(RemoteEngineTest, jar_runs_as_the_runs_job_until_it_is_cancelled) {
  EXPECT_FALSE(engine_->alive(run_).value());
  ASSERT_TRUE(engine_->start(run_).ok());
  EXPECT_NE(cluster_.uploaded.find("JAR BYTES"), std::string::npos);
  ASSERT_EQ(cluster_.runs.size(), 1u);
  EXPECT_EQ(cluster_.runs[0].at("jobId"), codec::Json(job_id_of(launch_.identity)));
  EXPECT_EQ(cluster_.runs[0].at("parallelism"), 3);
  EXPECT_FALSE(cluster_.runs[0].contains("savepointPath"));
  EXPECT_EQ(cluster_.num_deleted_jars, 1);
  EXPECT_TRUE(engine_->alive(run_).value());
  EXPECT_EQ(engine_->job(run_)->details().value().state, JobState::kRunning);
  ASSERT_TRUE(engine_->kill(run_).ok());
  EXPECT_EQ(cluster_.jobs.at(job_id_of(launch_.identity)), "CANCELED");
  EXPECT_FALSE(engine_->alive(run_).value());
}

TEST_F(RemoteEngineTest, next_incarnation_is_another_job_from_the_newest_checkpoint) {
  ASSERT_TRUE(engine_->start(run_).ok());
  cluster_.jobs.begin()->second = "FAILED";
  launch_.identity.incarnation = Incarnation(2);
  write_launch();
  ASSERT_TRUE(engine_->start(run_).ok());
  ASSERT_EQ(cluster_.runs.size(), 2u);
  EXPECT_NE(cluster_.runs[0].at("jobId"), cluster_.runs[1].at("jobId"));
  EXPECT_EQ(cluster_.runs[1].at("savepointPath"), "file:/c/chk-7");
}

TEST_F(RemoteEngineTest, cluster_that_has_lost_the_job_gets_it_from_the_last_checkpoint_that_was_seen) {
  ASSERT_TRUE(engine_->start(run_).ok());
  EXPECT_TRUE(engine_->alive(run_).value());
  cluster_.jobs.clear();
  EXPECT_FALSE(engine_->alive(run_).value());
  ASSERT_TRUE(engine_->start(run_).ok());
  EXPECT_EQ(cluster_.runs[1].at("savepointPath"), "file:/c/chk-7");
}

TEST_F(RemoteEngineTest, newer_checkpoint_than_the_one_that_was_seen_is_taken_where_it_can_be_seen) {
  for (const char* name : {"chk-7", "chk-9", "chk-10", "chk-11"}) {
    ASSERT_TRUE(fs_->make_directories(run_ + "/c/" + name).ok());
    if (std::string(name) == "chk-11") continue;  // not complete
    ASSERT_TRUE(write_file_durably(*fs_, run_ + "/c/" + name + "/_metadata", "x").ok());
  }
  cluster_.checkpoint = "file://" + run_ + "/c/chk-7";
  ASSERT_TRUE(engine_->start(run_).ok());
  EXPECT_TRUE(engine_->alive(run_).value());
  cluster_.jobs.clear();
  ASSERT_TRUE(engine_->start(run_).ok());
  EXPECT_EQ(cluster_.runs[1].at("savepointPath"), codec::Json(run_ + "/c/chk-10"));
}

TEST_F(RemoteEngineTest, lost_answer_makes_no_second_job) {
  cluster_.runs_to_answer_badly = 1;
  ASSERT_TRUE(engine_->start(run_).ok());
  EXPECT_EQ(cluster_.runs.size(), 1u);
}

TEST_F(RemoteEngineTest, job_that_fails_at_once_says_why_and_is_gone) {
  cluster_.first_state = "FAILED";
  const Status started = engine_->start(run_);
  EXPECT_EQ(started.error().code(), ErrorCode::kInvalidApplicationConfiguration);
  EXPECT_EQ(started.error().message(), "a.B: broken");
  EXPECT_FALSE(engine_->alive(run_).value());
}

TEST_F(RemoteEngineTest, nothing_is_started_while_the_former_job_may_run) {
  ASSERT_TRUE(engine_->start(run_).ok());
  cluster_.ignores_cancel = true;
  EXPECT_EQ(engine_->kill(run_).error().code(), ErrorCode::kTimeout);
  EXPECT_FALSE(engine_->start(run_).ok());
  EXPECT_EQ(cluster_.runs.size(), 1u);
  EXPECT_TRUE(engine_->alive(run_).value());
  launch_.flink.remote_address = "http://127.0.0.1:1";  // nobody is there
  write_launch();
  EXPECT_TRUE(engine_->alive(run_).value());
  EXPECT_FALSE(engine_->kill(run_).ok());
}

TEST_F(RemoteEngineTest, cluster_of_another_version_is_refused) {
  cluster_.version = "1.18.1";
  EXPECT_EQ(engine_->check(run_).error().code(), ErrorCode::kInvalidApplicationConfiguration);
  EXPECT_FALSE(engine_->start(run_).ok());
  EXPECT_TRUE(cluster_.uploaded.empty());
}

}  // namespace
}  // namespace raudal::engine
