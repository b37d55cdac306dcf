#include "engine/process_engine.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include "engine/process_lock.h"

namespace raudal::engine {
namespace {

// Runs a shell script in the worker's place: $1 is the command, $2 the directory; descriptors 3 and 4 as a worker has
// them.
class ProcessEngineTest : public ::testing::Test {
 protected:
  ProcessEngineTest() {
    char name[] = "/tmp/raudal-engine-XXXXXX";
    root_ = ::mkdtemp(name);
    run_ = join_path(root_, "run");
    (void)fs_->make_directories(run_);
    LaunchFile launch;
    launch.identity = {.application = "a", .run = RunNumber(1), .incarnation = Incarnation(1)};
    EXPECT_TRUE(write_launch_file(*fs_, run_, launch).ok());
  }
  ~ProcessEngineTest() override {
    (void)process_engine(*fs_, *process_, {})->kill(run_);
    (void)fs_->remove_all(root_);
  }

  std::unique_ptr<Engine> engine_with(const std::string& script, int start_timeout_ms = 10'000) {
    const std::string worker = join_path(root_, "worker");
    EXPECT_TRUE(write_file_durably(*fs_, worker, "#!/bin/sh\n" + script).ok());
    ::chmod(worker.c_str(), 0755);
    return process_engine(*fs_, *process_, {.program = worker, .start_timeout_ms = start_timeout_ms});
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::unique_ptr<Process> process_ = posix_process();
  std::string root_;
  std::string run_;
};

constexpr char kRunsWell[] = "printf R >&4; exec 4>&-; sleep 1000 & wait";

TEST_F(ProcessEngineTest, started_worker_is_alive_until_it_is_killed) {
  auto engine = engine_with(kRunsWell);
  EXPECT_FALSE(engine->alive(run_).value());
  ASSERT_TRUE(engine->start(run_).ok());
  EXPECT_TRUE(engine->alive(run_).value());
  ASSERT_TRUE(engine->kill(run_).ok());
  EXPECT_FALSE(engine->alive(run_).value());
  EXPECT_EQ(engine->exit_report(run_)->signal, SIGKILL);
}

TEST_F(ProcessEngineTest, failed_start_gives_the_workers_reason_and_leaves_no_process) {
  auto engine = engine_with("printf 'E2001 Encountered nonsense at line 1, column 2.' >&4; exit 1");
  const Status status = engine->start(run_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kSqlParse);
  EXPECT_EQ(status.error().message(), "Encountered nonsense at line 1, column 2.");
  EXPECT_FALSE(engine->alive(run_).value());
}

TEST_F(ProcessEngineTest, worker_that_says_nothing_is_killed_after_the_start_timeout) {
  auto engine = engine_with("sleep 1000", 200);
  EXPECT_EQ(engine->start(run_).error().code(), ErrorCode::kTimeout);
  EXPECT_FALSE(engine->alive(run_).value());
}

TEST_F(ProcessEngineTest, crashing_worker_leaves_its_last_words) {
  auto engine = engine_with("echo 'out of luck' >&2; exit 3");
  EXPECT_NE(engine->start(run_).error().message().find("out of luck"), std::string::npos);
}

TEST_F(ProcessEngineTest, another_control_plane_finds_and_replaces_the_worker) {
  ASSERT_TRUE(engine_with(kRunsWell)->start(run_).ok());
  const auto first = ProcessLock(run_).holders();
  auto successor = engine_with(kRunsWell);
  EXPECT_TRUE(successor->alive(run_).value());
  ASSERT_TRUE(successor->start(run_).ok());
  const auto second = ProcessLock(run_).holders();
  ASSERT_FALSE(second.empty());
  EXPECT_NE(first, second);
}

TEST_F(ProcessEngineTest, check_passes_the_workers_verdict_on) {
  EXPECT_TRUE(engine_with("printf R >&4")->check(run_).ok());
  EXPECT_EQ(engine_with("printf 'E2002 no' >&4")->check(run_).error().code(), ErrorCode::kSqlValidation);
  EXPECT_EQ(engine_with("printf R1234 >&4")->verify_savepoint(run_).value(), 1234);
}

TEST(RunDirectory, launch_file_and_properties_read_back_as_written) {
  char name[] = "/tmp/raudal-run-XXXXXX";
  const std::string root = ::mkdtemp(name);
  auto fs = posix_fs();
  LaunchFile launch;
  launch.identity = {.application = "orders", .run = RunNumber(7), .incarnation = Incarnation(3)};
  launch.restore_path = "/x/y";
  launch.engine_options = {{"table.exec.state.ttl", "1 h"}};
  ASSERT_TRUE(write_launch_file(*fs, root, launch).ok());
  const LaunchFile read = read_launch_file(*fs, root).value();
  EXPECT_EQ(read.identity.incarnation, Incarnation(3));
  EXPECT_EQ(read.restore_path, "/x/y");
  EXPECT_EQ(read.engine_options, launch.engine_options);
  const PropertyGroups groups = {{"g", {{"k", "v\"1"}}}};
  EXPECT_EQ(properties_from_json(properties_to_json(groups)).value(), groups);
  EXPECT_EQ(job_id_of(launch.identity).size(), 32u);
  (void)fs->remove_all(root);
}

}  // namespace
}  // namespace raudal::engine
