// Kills a process that runs a job, at named moments, and lets successors go on: each row must come out exactly once.
// The child is this test binary itself, started anew with an environment that makes it run one incarnation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <thread>

#include "base/process.h"
#include "base/rng.h"
#include "base/str.h"
#include "runtime/job_fakes.h"

namespace raudal::runtime {
namespace {

constexpr int64_t kRows = 20'000;
constexpr int kExitNotFinished = 3;
constexpr int kExitFenced = 4;

fakes::CountJob count_job(const std::string& directory) {
  return {.world = directory, .directory = directory, .rows = kRows, .keys = 7};
}

std::string from_environment(const char* name) {
  const char* const value = ::getenv(name);
  return value ? value : "";
}

// The child: one incarnation at a pace that leaves time for many checkpoints; its exit code says how it ended.
TEST(JobChild, Runs_one_incarnation_when_it_is_told_to) {
  const std::string directory = from_environment("RAUDAL_JOB_CHILD");
  if (directory.empty()) GTEST_SKIP() << "runs only as a child of the tests below";
  const std::unique_ptr<Fs> fs = posix_fs();
  const SystemClock clock;
  connector::Registry registry;
  fakes::register_fakes(registry);
  JobConfig config{.identity = {"app", RunNumber(1), Incarnation(std::atoll(::getenv("RAUDAL_JOB_INCARNATION")))}};
  config.graph = fakes::count_graph(count_job(directory));
  config.environment = {.fs = fs.get(), .clock = &clock, .registry = &registry};
  config.make_operator = fakes::make_fake_operator;
  config.parallelism = std::atoi(::getenv("RAUDAL_JOB_PARALLELISM"));
  config.checkpoints.directory = directory + "/checkpoints";
  config.checkpoints.interval_ms = 3;
  config.checkpoints.min_pause_ms = 0;
  fakes::world(directory).rows_allowed = 0;
  auto job = Job::start(std::move(config));
  if (!job.ok()) {
    std::fprintf(stderr, "%s\n", job.error().message().c_str());
    ::_exit(job.error().code() == ErrorCode::kFenced ? kExitFenced : kExitNotFinished);
  }
  // Slowly where a failpoint is to be met, or the rows would be over before it.
  const int64_t rows_per_ms = from_environment("RAUDAL_FAILPOINTS").empty() ? 1000 : 5;
  while (!(*job)->wait_for(1)) fakes::world(directory).rows_allowed += rows_per_ms;
  const JobResult result = (*job)->wait();
  job->reset();
  const bool fenced = result.failure && result.failure->code() == ErrorCode::kFenced;
  ::_exit(fenced ? kExitFenced : result.state == JobState::kFinished ? 0 : kExitNotFinished);
}

// Starts incarnations in a folder of its own.
class JobKillTest : public testing::Test {
 protected:
  JobKillTest() {
    char pattern[] = "/tmp/raudal-kill-XXXXXX";
    directory_ = ::mkdtemp(pattern);
  }
  ~JobKillTest() override { EXPECT_TRUE(fs_->remove_all(directory_).ok()); }

  pid_t spawn(int parallelism, const std::string& failpoints) {
    const ProcessSpec spec{.program = "/proc/self/exe",
                           .arguments = {"--gtest_filter=JobChild.*"},
                           .environment = {{"RAUDAL_JOB_CHILD", directory_},
                                           {"RAUDAL_JOB_INCARNATION", std::to_string(++incarnation_)},
                                           {"RAUDAL_JOB_PARALLELISM", std::to_string(parallelism)},
                                           {"RAUDAL_FAILPOINTS", failpoints},
                                           {"RAUDAL_FAILPOINT_LOG", directory_ + "/fired"}},
                           .working_directory = directory_,
                           .output_file = directory_ + "/output"};
    const Result<pid_t> pid = process_->spawn(spec);
    EXPECT_TRUE(pid.ok());
    return pid.ok() ? *pid : -1;
  }

  std::optional<ExitStatus> end_of(pid_t pid) {
    for (int i = 0; i < 60'000; ++i) {
      const auto polled = process_->poll(pid);
      if (!polled.ok()) return std::nullopt;
      if (*polled) return **polled;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    (void)process_->signal_group(pid, SIGKILL);
    return std::nullopt;
  }

  std::map<std::string, int> fired() {
    std::map<std::string, int> counts;
    const auto text = read_file(*fs_, directory_ + "/fired");
    if (!text.ok()) return counts;
    for (const std::string& name : split(*text, '\n')) {
      if (!name.empty()) ++counts[name];
    }
    return counts;
  }

  void expect_each_row_once() {
    EXPECT_EQ(fakes::published(directory_), fakes::expected(count_job(directory_)));
    EXPECT_EQ(fakes::num_unpublished(directory_), 0);
  }

  std::string directory_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  std::unique_ptr<Process> process_ = posix_process();
  int incarnation_ = 0;
};

TEST_F(JobKillTest, Each_row_is_published_once_whenever_the_process_is_killed) {
  Rng rng(7);
  for (int round = 0; round < 3; ++round) {
    for (const char* name : {"barrier.seen", "checkpoint.before_publish", "checkpoint.after_publish", "commit.before",
                             "restore.midway", "restore.state_file"}) {
      const bool on_restore = std::string_view(name).starts_with("restore");
      const uint64_t passage = on_restore ? 1 : 1 + rng.below(6);
      const int parallelism = 1 + static_cast<int>(rng.below(3));
      const auto ended = end_of(spawn(parallelism, std::string(name) + "=kill@" + std::to_string(passage)));
      ASSERT_TRUE(ended);
      ASSERT_TRUE(ended->signal == SIGKILL || ended->code == 0) << name << " " << ended->code;
    }
  }
  const auto ended = end_of(spawn(2, ""));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, 0);
  EXPECT_EQ(ended->signal, 0);
  expect_each_row_once();
  const std::map<std::string, int> counts = fired();
  for (const char* name : {"barrier.seen", "checkpoint.before_publish", "checkpoint.after_publish", "commit.before",
                           "restore.midway", "restore.state_file"}) {
    EXPECT_GE(counts.contains(name) ? counts.at(name) : 0, 2) << name;
  }
}

TEST_F(JobKillTest, Process_that_was_stopped_and_succeeded_publishes_nothing_when_it_goes_on) {
  for (const char* where : {"barrier.seen", "checkpoint.before_publish", "commit.before"}) {
    const pid_t zombie = spawn(2, std::string(where) + "=stop@4");
    const auto stopped = [&] {
      const auto counts = fired();
      return counts.contains(where);
    };
    for (int i = 0; i < 30'000 && !stopped(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_TRUE(stopped()) << where;
    const auto successor = end_of(spawn(3, "checkpoint.after_publish=kill@5"));
    ASSERT_TRUE(successor);
    ASSERT_TRUE(process_->signal_group(zombie, SIGCONT).ok());
    const auto ended = end_of(zombie);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, kExitFenced) << where;
  }
  const auto ended = end_of(spawn(1, ""));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, 0);
  expect_each_row_once();
}

}  // namespace
}  // namespace raudal::runtime
