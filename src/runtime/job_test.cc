#include "runtime/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <thread>

#include "runtime/job_fakes.h"

namespace raudal::runtime {
namespace {

using fakes::CountJob;

// A job of fakes in a folder of its own.
class JobTest : public testing::Test {
 protected:
  JobTest() {
    char pattern[] = "/tmp/raudal-job-XXXXXX";
    directory_ = ::mkdtemp(pattern);
    fakes::register_fakes(registry_);
    count_.world = directory_;
    count_.directory = directory_;
  }
  ~JobTest() override {
    EXPECT_TRUE(fs_->remove_all(directory_).ok());
    fakes::forget_world(directory_);
  }

  JobConfig config(int parallelism) {
    JobConfig config{.identity = {"app", RunNumber(1), Incarnation(++incarnation_)}};
    config.graph = fakes::count_graph(count_);
    config.environment = {.fs = fs_.get(), .clock = &clock_, .registry = &registry_};
    config.make_operator = fakes::make_fake_operator;
    config.parallelism = parallelism;
    config.checkpoints.directory = directory_ + "/checkpoints";
    config.checkpoints.interval_ms = 5;
    config.checkpoints.min_pause_ms = 0;
    config.restart.initial_backoff_ms = 1;
    return config;
  }

  fakes::World& world() { return fakes::world(directory_); }

  static std::unique_ptr<Job> start(JobConfig config) {
    auto job = Job::start(std::move(config));
    EXPECT_TRUE(job.ok()) << (job.ok() ? "" : job.error().message());
    return job.ok() ? std::move(job).value() : nullptr;
  }

  static JobState end_of(Job& job) {
    const auto result = job.wait_for(30'000);
    if (!result) return job.state();
    EXPECT_TRUE(!result->failure) << result->failure->message();
    return result->state;
  }

  static bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 20'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  // Runs the job until some checkpoints are made somewhere in the middle, then stops it as a crash would: whatever
  // no manifest names is lost.
  void run_a_part(int parallelism, int64_t rows_allowed) {
    world().rows_allowed = rows_allowed;
    const auto job = start(config(parallelism));
    ASSERT_TRUE(eventually([&] { return job->checkpoints().num_completed >= 2; }));
    job->cancel();
    EXPECT_EQ(end_of(*job), JobState::kCanceled);
  }

  std::string directory_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  SystemClock clock_;
  connector::Registry registry_;
  CountJob count_;
  int64_t incarnation_ = 0;
};

TEST_F(JobTest, Bounded_job_publishes_each_row_once_at_any_parallelism_and_batch_size) {
  for (const int parallelism : {1, 2, 3, 4}) {
    for (const size_t rows_max : {size_t{1}, column::kBatchRowsMax}) {
      ASSERT_TRUE(fs_->remove_all(directory_ + "/out").ok());
      ASSERT_TRUE(fs_->remove_all(directory_ + "/checkpoints").ok());
      JobConfig chosen = config(parallelism);
      chosen.batch_rows_max = rows_max;
      EXPECT_EQ(end_of(*start(std::move(chosen))), JobState::kFinished);
      EXPECT_EQ(fakes::published(directory_), fakes::expected(count_)) << parallelism << " " << rows_max;
      EXPECT_EQ(fakes::num_unpublished(directory_), 0);
    }
  }
}

TEST_F(JobTest, Union_of_two_sources_is_counted_once_each) {
  count_.sources = 2;
  for (const int parallelism : {1, 3}) {
    ASSERT_TRUE(fs_->remove_all(directory_ + "/out").ok());
    ASSERT_TRUE(fs_->remove_all(directory_ + "/checkpoints").ok());
    EXPECT_EQ(end_of(*start(config(parallelism))), JobState::kFinished);
    EXPECT_EQ(fakes::published(directory_), fakes::expected(count_));
  }
}

TEST_F(JobTest, Job_without_a_checkpoint_directory_publishes_at_its_end) {
  JobConfig chosen = config(2);
  chosen.checkpoints.directory.clear();
  EXPECT_EQ(end_of(*start(std::move(chosen))), JobState::kFinished);
  EXPECT_EQ(fakes::published(directory_), fakes::expected(count_));
}

TEST_F(JobTest, Restart_at_another_parallelism_continues_from_the_newest_checkpoint) {
  int64_t allowed = 200;
  for (const int parallelism : {1, 2, 4, 3}) {
    run_a_part(parallelism, allowed);
    allowed += 200;
  }
  world().rows_allowed = INT64_MAX;
  EXPECT_EQ(end_of(*start(config(2))), JobState::kFinished);
  EXPECT_EQ(fakes::published(directory_), fakes::expected(count_));
  EXPECT_EQ(fakes::num_unpublished(directory_), 0);
}

TEST_F(JobTest, Finished_run_does_nothing_when_it_is_started_again) {
  EXPECT_EQ(end_of(*start(config(2))), JobState::kFinished);
  const int64_t read = world().rows_read;
  EXPECT_EQ(end_of(*start(config(2))), JobState::kFinished);
  EXPECT_EQ(world().rows_read, read);
  EXPECT_EQ(fakes::published(directory_), fakes::expected(count_));
}

TEST_F(JobTest, Failure_of_a_sink_restarts_from_the_newest_checkpoint) {
  world().rows_allowed = 500;
  const auto job = start(config(2));
  ASSERT_TRUE(eventually([&] { return job->checkpoints().num_completed >= 2; }));
  world().failures_left = 3;
  world().rows_allowed = INT64_MAX;
  EXPECT_EQ(end_of(*job), JobState::kFinished);
  EXPECT_EQ(fakes::published(directory_), fakes::expected(count_));
  EXPECT_GE(job->status().num_restarts, 1);
  ASSERT_FALSE(job->exceptions().empty());
  EXPECT_EQ(job->exceptions().front().code, ErrorCode::kConnector);
  EXPECT_THAT(job->exceptions().front().task, testing::HasSubstr("Sink"));
}

TEST_F(JobTest, Job_fails_when_its_restart_strategy_is_exhausted) {
  world().failures_left = 1'000'000;
  JobConfig chosen = config(2);
  chosen.restart = {.kind = RestartKind::kFixedDelay, .attempts_max = 2, .delay_ms = 1};
  const auto job = start(std::move(chosen));
  const auto result = job->wait_for(30'000);
  ASSERT_TRUE(result && result->failure);
  EXPECT_EQ(result->state, JobState::kFailed);
  EXPECT_EQ(result->failure->code(), ErrorCode::kConnector);
  EXPECT_EQ(job->status().num_restarts, 2);
  EXPECT_EQ(job->exceptions().size(), 3u);
}

TEST_F(JobTest, Zombie_that_was_succeeded_is_fenced_and_publishes_nothing_more) {
  world().rows_allowed = 300;
  const auto zombie = start(config(2));
  ASSERT_TRUE(eventually([&] { return zombie->checkpoints().num_completed >= 2; }));
  const auto successor = start(config(2));
  const auto result = zombie->wait_for(30'000);
  ASSERT_TRUE(result && result->failure);
  EXPECT_EQ(result->failure->code(), ErrorCode::kFenced);
  EXPECT_EQ(zombie->status().num_restarts, 0);
  world().rows_allowed = INT64_MAX;
  EXPECT_EQ(end_of(*successor), JobState::kFinished);
  EXPECT_EQ(fakes::published(directory_), fakes::expected(count_));
}

TEST_F(JobTest, Slow_sink_holds_the_source_back) {
  count_.rows = 10'000'000;
  world().sink_is_slow = true;
  JobConfig chosen = config(2);
  chosen.checkpoints.periodic = false;
  const auto job = start(std::move(chosen));
  // Subtask 1 reads on until the channel to the slow one is full.
  EXPECT_TRUE(eventually([&] { return world().rows_read > 1000; }));
  int64_t before = -1;
  EXPECT_TRUE(eventually([&] {
    const int64_t read = world().rows_read;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return std::exchange(before, read) == read;
  }));
  // 2 × 2 channels of 8 batches, and what is in hand: at most some thousand rows.
  EXPECT_LT(before, 40 * 2 * 1024);
  world().sink_is_slow = false;
  job->cancel();
  EXPECT_EQ(end_of(*job), JobState::kCanceled);
}

TEST_F(JobTest, Stop_with_savepoint_publishes_all_before_it_and_a_new_run_continues_behind_it) {
  count_.bounded = false;
  world().rows_allowed = 600;
  const std::string savepoint = directory_ + "/savepoint";
  {
    const auto job = start(config(2));
    ASSERT_TRUE(eventually([&] { return world().rows_read >= 600; }));
    ASSERT_TRUE(job->trigger_savepoint({.trigger_id = "t1", .target_directory = savepoint, .stop = true}).ok());
    ASSERT_TRUE(job->trigger_savepoint({.trigger_id = "t1", .target_directory = savepoint, .stop = true}).ok());
    EXPECT_EQ(end_of(*job), JobState::kFinished);
    EXPECT_EQ(job->savepoint_status("t1")->phase, SavepointPhase::kCompleted);
    EXPECT_EQ(job->savepoint_status("t1")->location, savepoint);
  }
  EXPECT_EQ(fakes::num_unpublished(directory_), 0);
  CountJob first = count_;
  first.rows = 600;
  EXPECT_EQ(fakes::published(directory_), fakes::expected(first));
  // The stopped run stays stopped, and knows its savepoint.
  const auto again = start(config(2));
  EXPECT_EQ(end_of(*again), JobState::kFinished);
  EXPECT_EQ(again->savepoint_status("t1")->phase, SavepointPhase::kCompleted);

  count_.bounded = true;
  world().rows_allowed = INT64_MAX;
  JobConfig next = config(3);
  next.identity.run = RunNumber(2);
  next.checkpoints.directory = directory_ + "/checkpoints-2";
  next.restore_path = savepoint;
  EXPECT_EQ(end_of(*start(std::move(next))), JobState::kFinished);
  EXPECT_EQ(fakes::published(directory_), fakes::expected(count_));
}

TEST_F(JobTest, Stop_with_drain_ends_the_sources_first) {
  count_.bounded = false;
  world().rows_allowed = 400;
  const auto job = start(config(3));
  ASSERT_TRUE(eventually([&] { return world().rows_read >= 400; }));
  const SavepointOptions drained{
      .trigger_id = "t1", .target_directory = directory_ + "/savepoint", .stop = true, .drain = true};
  ASSERT_TRUE(job->trigger_savepoint(drained).ok());
  EXPECT_EQ(end_of(*job), JobState::kFinished);
  EXPECT_EQ(job->savepoint_status("t1")->phase, SavepointPhase::kCompleted);
  CountJob all = count_;
  all.rows = 400;
  EXPECT_EQ(fakes::published(directory_), fakes::expected(all));
}

TEST_F(JobTest, Job_that_needs_too_much_memory_fails_by_name) {
  count_.rows = 10'000'000;
  count_.keys = 10'000'000;
  JobConfig chosen = config(1);
  chosen.memory_bytes_max = 4 << 20;
  chosen.restart.kind = RestartKind::kNone;
  const auto result = start(std::move(chosen))->wait_for(60'000);
  ASSERT_TRUE(result && result->failure);
  EXPECT_EQ(result->failure->code(), ErrorCode::kMemoryLimit);
}

TEST_F(JobTest, Savepoint_beside_checkpoints_restores_too) {
  count_.bounded = false;
  world().rows_allowed = 500;
  const std::string savepoint = directory_ + "/savepoint";
  const auto job = start(config(2));
  ASSERT_TRUE(eventually([&] { return job->checkpoints().num_completed >= 2; }));
  ASSERT_TRUE(job->trigger_savepoint({.trigger_id = "t1", .target_directory = savepoint}).ok());
  ASSERT_TRUE(eventually([&] { return job->savepoint_status("t1")->phase == SavepointPhase::kCompleted; }));
  EXPECT_EQ(job->state(), JobState::kRunning);
  const int64_t completed = job->checkpoints().num_completed;
  ASSERT_TRUE(eventually([&] { return job->checkpoints().num_completed > completed + 1; }));
  EXPECT_FALSE(job->trigger_savepoint({.trigger_id = "t2", .target_directory = savepoint}).ok());
  job->cancel();
  EXPECT_EQ(end_of(*job), JobState::kCanceled);
}

TEST_F(JobTest, State_without_operator_is_refused_unless_allowed) {
  run_a_part(2, 300);
  JobConfig changed = config(2);
  changed.graph.nodes[3].uid = "count#1";
  auto refused = Job::start(changed);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kStateIncompatible);
  changed.identity.incarnation = Incarnation(++incarnation_);
  changed.allow_non_restored_state = true;
  world().rows_allowed = INT64_MAX;
  EXPECT_EQ(end_of(*start(std::move(changed))), JobState::kFinished);
}

TEST_F(JobTest, Damaged_newest_checkpoint_falls_back_to_the_one_before) {
  count_.bounded = false;
  run_a_part(2, 300);
  const auto records = fs_->list(directory_ + "/checkpoints/log");
  ASSERT_TRUE(records.ok());
  const std::string newest = directory_ + "/checkpoints/log/" + records->back().name;
  std::string bytes = *read_file(*fs_, newest);
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(write_file_durably(*fs_, newest, bytes).ok());
  const auto job = start(config(2));
  ASSERT_TRUE(job->wait_until_running(30'000));
  ASSERT_TRUE(job->checkpoints().latest_restored);
  const std::string number = records->back().name;
  EXPECT_LT(job->checkpoints().latest_restored->id, std::atoll(number.c_str()));
  job->cancel();
  EXPECT_EQ(end_of(*job), JobState::kCanceled);
}

}  // namespace
}  // namespace raudal::runtime
