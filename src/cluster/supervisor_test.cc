#include "cluster/supervisor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "cluster/log_files.h"
#include "engine/rescaling.h"
#include "net/http_server.h"
#include "obs/log_sinks.h"

namespace raudal::cluster {
namespace {

using ::testing::HasSubstr;

// A shell script in Java's place: $ROLE is jobmanager or taskmanager, and it works in the code folder. REST is answered
// by the test.
class SupervisorTest : public ::testing::Test {
 protected:
  SupervisorTest() {
    char name[] = "/tmp/raudal-cluster-XXXXXX";
    run_ = ::mkdtemp(name);
    CHECK(fs_->make_directories(join_path(run_, "code")).ok() && fs_->make_directories(join_path(run_, "flink")).ok());
  }
  ~SupervisorTest() override {
    if (rest_) rest_->stop();
    (void)fs_->remove_all(run_);
  }

  Supervisor& supervisor(const std::string& script, int64_t start_timeout_ms = 20'000) {
    const std::string java = join_path(run_, "java");
    CHECK(write_file_durably(*fs_, java,
                             "#!/bin/sh\ncase \"$*\" in *EntryPoint*) ROLE=jobmanager;; *) ROLE=taskmanager;; esac\n"
                             "echo x >> $ROLE.starts\n" +
                                 script)
              .ok());
    ::chmod(java.c_str(), 0755);
    ClusterSpec spec;
    spec.run_directory = run_;
    spec.launch.identity = {.application = "a", .run = RunNumber(1), .incarnation = Incarnation(1)};
    spec.launch.application_arn = "arn:aws:kinesisanalytics:us-east-1:123456789012:application/shop";
    spec.launch.flink.version = "1.20";
    spec.jdk.java = java;
    id_ = spec.job_id();
    supervisor_ = std::make_unique<Supervisor>(
        *fs_, *process_, clock_, log_, std::move(spec),
        SupervisorOptions{.start_timeout_ms = start_timeout_ms,
                          .rest = {.base_url = "http://localhost", .unix_path = join_path(run_, "rest.sock")}},
        stop_);
    return *supervisor_;
  }
  // Answers as a JobManager whose job is in each of these states, one after the other; the last one stays.
  void serve(std::vector<std::string> states) {
    const auto answer = [this, states](net::HttpRequest& request, net::ResponseWriter& response) {
      const std::string state = states[std::min(at_, states.size() - 1)];
      const std::string task = state == "RUNNING" ? "RUNNING" : "CREATED";
      if (request.path == "/jobs") {
        ++at_;
        (void)response.send_json(200, R"({"jobs":[{"id":")" + id_ + R"(","status":")" + state + "\"}]}");
      } else if (request.path == "/taskmanagers") {
        (void)response.send_json(200, R"({"taskmanagers":[{"id":"tm-1","slotsNumber":1,"freeSlots":1},)"
                                      R"({"id":"tm-2","slotsNumber":1,"freeSlots":0}]})");
      } else if (request.path.ends_with("/exceptions")) {
        (void)response.send_json(200, R"({"root-exception":"java.lang.RuntimeException: no table\n\tat x.y"})");
      } else {
        (void)response.send_json(200, R"({"jid":")" + id_ + R"(","name":"n","state":"RUNNING","vertices":[{"id":"v",)" +
                                          R"("name":"v","status":")" + task + "\"}]}");
      }
    };
    auto server = net::HttpServer::start({.unix_path = join_path(run_, "rest.sock")}, answer, log_);
    CHECK(server.ok());
    rest_ = std::move(*server);
  }
  int64_t num_starts(const std::string& role) {
    const auto text = read_file(*fs_, join_path(run_, "code/" + role + ".starts"));
    return text.ok() ? static_cast<int64_t>(text->size()) / 2 : 0;
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::unique_ptr<Process> process_ = posix_process();
  SystemClock clock_;
  obs::NullLogSink sink_;
  obs::Logger log_{sink_, clock_, "test"};
  volatile std::sig_atomic_t stop_ = 0;
  std::string run_, id_;
  size_t at_ = 0;
  std::unique_ptr<net::HttpServer> rest_;
  std::unique_ptr<Supervisor> supervisor_;
};

constexpr char kStays[] = "exec sleep 60\n";

TEST_F(SupervisorTest, starts_and_ends_all_members) {
  Supervisor& cluster = supervisor(kStays);
  serve({"INITIALIZING", "CREATED", "RUNNING"});
  const Status started = cluster.start();
  EXPECT_TRUE(started.ok()) << started.error().message();
  EXPECT_EQ(num_starts("jobmanager"), 1);
  EXPECT_EQ(num_starts("taskmanager"), 1);
  stop_ = 1;
  EXPECT_EQ(cluster.watch(), 0);
  cluster.end();
}

TEST_F(SupervisorTest, dead_job_manager_says_why_by_its_log) {
  Supervisor& cluster = supervisor(
      "[ $ROLE = taskmanager ] && exec sleep 60\n"
      "echo '{\"messageType\":\"ERROR\",\"message\":\"m\",\"throwableInformation\":[\"A: a\",\"Caused by: B: the "
      "reason\"]}'"
      " > ../worker.log\nexit 1\n");
  const Status started = cluster.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message(), "B: the reason");
  cluster.end();
}

TEST_F(SupervisorTest, task_manager_that_cannot_start_is_not_tried_for_ever) {
  Supervisor& cluster =
      supervisor("[ $ROLE = jobmanager ] && exec sleep 60\necho 'bad memory' >> ../stderr.log\nexit 1\n");
  const Status started = cluster.start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message(), HasSubstr("bad memory"));
  EXPECT_EQ(num_starts("taskmanager"), 3);
  cluster.end();
}

TEST_F(SupervisorTest, job_that_fails_again_and_again_before_it_ever_ran_is_given_up) {
  Supervisor& cluster = supervisor(kStays);
  serve({"RESTARTING", "CREATED", "RESTARTING", "CREATED", "RESTARTING"});
  const Status started = cluster.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message(), "java.lang.RuntimeException: no table");
  cluster.end();
}

TEST_F(SupervisorTest, start_that_takes_too_long_is_told_in_the_guides_words) {
  Supervisor& cluster = supervisor(kStays, 300);
  serve({"CREATED"});
  const Status started = cluster.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code(), ErrorCode::kTimeout);
  EXPECT_EQ(started.error().message(),
            "Flink job did not start within a total timeout of 5 minutes for application: shop under account: "
            "123456789012: java.lang.RuntimeException: no table");
  cluster.end();
}

TEST_F(SupervisorTest, dead_task_manager_is_replaced_and_dead_job_manager_ends_the_watch) {
  // The TaskManager's first life is short; the second ends the JobManager.
  Supervisor& cluster = supervisor(
      "if [ $ROLE = jobmanager ]; then while [ ! -e over ]; do sleep 0.05; done; exit 0; fi\n"
      "[ $(wc -l < taskmanager.starts) = 1 ] && exit 1\ntouch over\nexec sleep 60\n");
  serve({"RUNNING"});
  ASSERT_TRUE(cluster.start().ok());
  EXPECT_EQ(cluster.watch(), 1);
  EXPECT_EQ(num_starts("taskmanager"), 2);
  EXPECT_EQ(num_starts("jobmanager"), 1);
  cluster.end();
}

TEST_F(SupervisorTest, task_managers_come_and_go_as_the_job_is_scaled) {
  Supervisor& cluster = supervisor("trap 'echo x >> $ROLE.ends; exit 0' TERM\nsleep 60 & wait\n");
  serve({"RUNNING"});
  ASSERT_TRUE(cluster.start().ok());
  const auto ask = [this](int incarnation, int parallelism) {
    ASSERT_TRUE(engine::write_scale_file(
                    *fs_, run_, {.incarnation = Incarnation(incarnation), .parallelism = parallelism, .vertices = {}})
                    .ok());
  };
  const auto wait_until = [](const std::function<bool()>& condition) {
    for (int i = 0; i < 4'000 && !condition(); ++i) ::usleep(5'000);
    return condition();
  };
  std::thread test([&] {
    ask(2, 3);  // another incarnation's
    ask(1, 2);
    EXPECT_TRUE(wait_until([&] { return num_starts("taskmanager") == 2; }));
    ask(1, 1);
    EXPECT_TRUE(wait_until([&] { return exists(*fs_, join_path(run_, "code/taskmanager.ends")); }));
    stop_ = 1;
  });
  EXPECT_EQ(cluster.watch(), 0);
  test.join();
  EXPECT_EQ(*read_file(*fs_, join_path(run_, "code/taskmanager.ends")), "x\n") << "the idle one only";
  EXPECT_EQ(num_starts("taskmanager"), 2);
  cluster.end();
}

TEST_F(SupervisorTest, finished_job_is_noted) {
  Supervisor& cluster = supervisor(kStays);
  serve({"FINISHED"});
  ASSERT_TRUE(cluster.start().ok());
  EXPECT_TRUE(exists(*fs_, join_path(run_, kFinishedFile)));
  cluster.end();
}

TEST_F(SupervisorTest, log_that_others_append_to_is_cut_in_place) {
  const std::string path = join_path(run_, "worker.log");
  const auto writer = fs_->open(path, OpenMode::kAppend);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->append("0123456789").ok());
  ASSERT_TRUE(bound_log_file(*fs_, path, 10).ok());
  EXPECT_EQ(*read_file(*fs_, path), "0123456789");
  ASSERT_TRUE((*writer)->append("x").ok());
  ASSERT_TRUE(bound_log_file(*fs_, path, 10).ok());
  ASSERT_TRUE((*writer)->append("new").ok());
  EXPECT_EQ(*read_file(*fs_, path), "new");
  EXPECT_EQ(*read_file(*fs_, path + ".1"), "0123456789x");
}

TEST_F(SupervisorTest, logs_lead_nowhere_else) {
  const std::string path = join_path(run_, "worker.log"), elsewhere = join_path(run_, "elsewhere");
  ASSERT_TRUE(write_file_durably(*fs_, elsewhere, "not ours").ok());
  ASSERT_EQ(::symlink(elsewhere.c_str(), path.c_str()), 0);
  EXPECT_FALSE(bound_log_file(*fs_, path, 1).ok());
  ASSERT_TRUE(remove_link(path).ok());
  ASSERT_TRUE(write_file_durably(*fs_, path, "long enough").ok());
  ASSERT_EQ(::symlink(elsewhere.c_str(), (path + ".1").c_str()), 0);
  EXPECT_FALSE(bound_log_file(*fs_, path, 1).ok());
  EXPECT_EQ(*read_file(*fs_, elsewhere), "not ours");
}

}  // namespace
}  // namespace raudal::cluster
