#include "engine/rescaling.h"

#include <stdlib.h>

#include <map>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "engine/run_directory.h"
#include "flinkrest/error_response.h"
#include "net/http_server.h"
#include "obs/log_sinks.h"

namespace raudal::engine {
namespace {

// A JobManager's answers on the socket of a run directory.
class RescalingTest : public testing::Test {
 protected:
  RescalingTest() {
    char name[] = "/tmp/raudal-scale-XXXXXX";
    run_ = ::mkdtemp(name);
    server_ = net::HttpServer::start(
                  {.unix_path = join_path(run_, kRestSocket)},
                  [this](net::HttpRequest& request, net::ResponseWriter& response) { answer(request, response); },
                  obs::Logger(log_, clock_, "test"))
                  .value();
    launch(2, 1);
    bounds_ = {{"source", 1}, {"map", 2}};
    slots_ = 2;
  }
  ~RescalingTest() override {
    server_.reset();
    (void)fs_->remove_all(run_);
  }

  void launch(int parallelism, int incarnation) {
    LaunchFile launch;
    launch.identity = {.application = "a", .run = RunNumber(1), .incarnation = Incarnation(incarnation)};
    launch.engine = EngineKind::kFlinkLocal;
    launch.parallelism = parallelism;
    job_ = "/jobs/" + job_id_of(launch.identity);
    EXPECT_TRUE(write_launch_file(*fs_, run_, launch).ok());
  }
  std::string bounds_text() const {
    std::string text;
    for (const auto& [id, upper] : bounds_) {
      text += fmt::format(R"({}"{}":{{"parallelism":{{"lowerBound":1,"upperBound":{}}}}})", text.empty() ? "" : ",", id,
                          upper);
    }
    return "{" + text + "}";
  }
  void answer(net::HttpRequest& request, net::ResponseWriter& response) {
    std::string text = codec::write_json(flinkrest::error_response("none here"));
    int status = 404;
    if (request.path == job_ + "/resource-requirements" && !bounds_.empty()) {
      if (request.method == "PUT") put_ = net::read_all(*request.body, 1 << 20).value();
      text = request.method == "PUT" ? "{}" : bounds_text();
      status = 200;
    } else if (request.path == "/taskmanagers") {
      text = fmt::format(R"({{"taskmanagers":[{{"id":"tm-1","slotsNumber":{}}}]}})", slots_);
      status = 200;
    } else if (request.path == job_) {
      text = fmt::format(
          R"({{"jid":"j","name":"n","state":"RUNNING","vertices":[{{"id":"map","name":"m","parallelism":{},"status":"RUNNING"}}]}})",
          runs_at_);
      status = 200;
    }
    (void)response.send_json(status, text).ok();
  }
  Result<bool> rescale(int parallelism) { return rescale_in_place(*fs_, {.unix_directory = run_}, parallelism); }
  Status check(int parallelism) { return check_rescaling(*fs_, {.unix_directory = run_}, parallelism); }

  obs::RingLogSink log_;
  ManualClock clock_{0};
  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string run_, job_, put_;
  std::map<std::string, int> bounds_;  // upper, by vertex
  int slots_ = 0, runs_at_ = 2;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(RescalingTest, job_grows_once_the_slots_are_there_and_fixed_vertices_stay) {
  ASSERT_TRUE(check(4).ok());
  EXPECT_FALSE(rescale(4).value());
  EXPECT_EQ(put_, "") << "two slots are missing";
  EXPECT_EQ(read_scale_file(*fs_, run_)->parallelism, 4);
  slots_ = 4;
  EXPECT_FALSE(rescale(4).value());
  EXPECT_EQ(put_, R"({"map":{"parallelism":{"lowerBound":1,"upperBound":4}},)"
                  R"("source":{"parallelism":{"lowerBound":1,"upperBound":1}}})");
  bounds_["map"] = 4;
  EXPECT_FALSE(rescale(4).value());
  runs_at_ = 4;
  EXPECT_TRUE(rescale(4).value());
}

TEST_F(RescalingTest, vertices_at_one_are_told_apart_as_long_as_the_incarnation_lives) {
  EXPECT_FALSE(rescale(1).value());
  EXPECT_NE(put_, "") << "to shrink takes no slots";
  bounds_["map"] = 1;
  slots_ = 3;
  EXPECT_FALSE(rescale(3).value());
  EXPECT_NE(put_.find(R"("map":{"parallelism":{"lowerBound":1,"upperBound":3}})"), std::string::npos);
  EXPECT_NE(put_.find(R"("source":{"parallelism":{"lowerBound":1,"upperBound":1}})"), std::string::npos);
  launch(2, 2);
  EXPECT_EQ(check(3).error().code(), ErrorCode::kUnsupportedOperation) << "all have a fixed parallelism there";
}

TEST_F(RescalingTest, what_cannot_be_scaled_is_said) {
  EXPECT_EQ(check(200).error().code(), ErrorCode::kUnsupportedOperation) << "128 key groups";
  bounds_["sink"] = 3;
  EXPECT_EQ(check(4).error().code(), ErrorCode::kUnsupportedOperation) << "a parallelism that the program computes";
  bounds_.clear();
  EXPECT_FALSE(check(4).ok()) << "a Flink without resource requirements";
  bounds_ = {{"map", 1}};
  launch(1, 2);
  EXPECT_EQ(check(4).error().code(), ErrorCode::kUnsupportedOperation);
}

}  // namespace
}  // namespace raudal::engine
