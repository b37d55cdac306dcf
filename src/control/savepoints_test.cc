#include "control/control_plane_fixture.h"

namespace raudal::control {
namespace {

// A stop or a snapshot of the application, and what may happen to it.
class SavepointsTest : public ControlPlaneTest {
 protected:
  void stop_and_hold() {
    create_and_run();
    engine_.hold_savepoints(true);
    ask("StopApplication", kName);
    ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  }
  // The job was stopped by its one savepoint, and what comes next begins there.
  void expect_stopped_with_its_savepoint() {
    ASSERT_TRUE(wait_for("READY"));
    EXPECT_EQ(engine_.launches(run_directory(1)).size(), 1u);
    EXPECT_EQ(engine_.num_triggered_savepoints(), 1);
    ASSERT_EQ(snapshots().size(), 1u);
    EXPECT_EQ(snapshot_status(snapshots()[0]), "READY");
    EXPECT_EQ(engine_.num_living(), 0);
    engine_.hold_savepoints(false);
    start();
    ASSERT_TRUE(wait_for("RUNNING"));
    const std::string restored = engine_.launches(run_directory(2)).at(0).restore_path;
    EXPECT_TRUE(engine_.verify_savepoint(restored).ok()) << restored;
  }
};

TEST_F(SavepointsTest, lost_replies_make_no_second_savepoint) {
  create_and_run();
  engine_.lose_next_replies(3);
  ask("StopApplication", kName);
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, worker_that_dies_after_its_last_savepoint_is_not_launched_again) {
  stop_and_hold();
  engine_.write_held_savepoints(run_directory(1));
  engine_.die(run_directory(1));
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, the_same_while_no_control_plane_was_there) {
  stop_and_hold();
  close();
  engine_.write_held_savepoints(run_directory(1));
  engine_.die(run_directory(1));
  open();
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, savepoint_that_cannot_be_looked_at_is_not_taken_for_a_missing_one) {
  stop_and_hold();
  engine_.write_held_savepoints(run_directory(1));
  engine_.fail_verifications(Error(ErrorCode::kIo, "the disk is away"));
  engine_.die(run_directory(1));
  ASSERT_TRUE(wait_until([&] { return engine_.num_verifications() > 3; }));
  EXPECT_EQ(status(), "STOPPING");
  EXPECT_EQ(engine_.launches(run_directory(1)).size(), 1u);
  EXPECT_EQ(num_logged("could not be worked on"), 1);  // not for each time that it is tried
  engine_.fail_verifications(std::nullopt);
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, savepoint_that_is_complete_counts_whatever_the_engine_says) {
  stop_and_hold();
  engine_.write_held_savepoints(run_directory(1));
  engine_.fail_savepoints(true);
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, stop_that_takes_too_long_ends_the_incarnation_that_might_still_stop) {
  close();
  savepoint_timeout_ms_ = 100;
  open();
  stop_and_hold();
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.num_kills(run_directory(1)), 1);
  EXPECT_EQ(snapshot_status(snapshots().at(0)), "FAILED");
  EXPECT_TRUE(wait_until([&] { return engine_.launches(run_directory(1)).size() == 2; }));
}

TEST_F(SavepointsTest, stop_that_took_too_long_to_say_so_has_stopped) {
  close();
  savepoint_timeout_ms_ = 1'000;
  open();
  stop_and_hold();
  engine_.write_held_savepoints(run_directory(1));
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, refused_stop_leaves_the_application_running_and_says_why) {
  create_and_run();
  engine_.refuse_triggers(true);
  const std::string id = ask("StopApplication", kName)["OperationId"].get_string().c_str();
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(operation(id)["OperationStatus"], "FAILED");
  EXPECT_NE(codec::write_json(operation(id)).find("scripted refusal"), std::string::npos);
  EXPECT_EQ(engine_.launches(run_directory(1)).size(), 1u);
  EXPECT_EQ(engine_.num_living(), 1);
}

TEST_F(SavepointsTest, engine_that_has_forgotten_the_savepoint_is_asked_for_the_same_one) {
  stop_and_hold();
  engine_.forget_triggers(run_directory(1));
  engine_.hold_savepoints(false);
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, silent_worker_is_launched_once_more_for_its_savepoint) {
  stop_and_hold();
  engine_.hang(run_directory(1));
  engine_.hold_savepoints(false);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(engine_.launches(run_directory(1)).size(), 2u);
  EXPECT_EQ(snapshot_status(snapshots().at(0)), "READY");
}

TEST_F(SavepointsTest, force_keeps_the_savepoint_with_which_the_job_has_stopped) {
  stop_and_hold();
  engine_.write_held_savepoints(run_directory(1));
  ask("StopApplication", kForce);
  expect_stopped_with_its_savepoint();
}

TEST_F(SavepointsTest, update_goes_on_from_the_savepoint_of_a_worker_that_died_with_it) {
  create_and_run();
  engine_.hold_savepoints(true);
  update(kParallelism4);
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  engine_.write_held_savepoints(run_directory(1));
  engine_.die(run_directory(1));
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.launches(run_directory(1)).size(), 1u);
  EXPECT_TRUE(engine_.verify_savepoint(engine_.launches(run_directory(2)).at(0).restore_path).ok());
}

TEST_F(SavepointsTest, snapshot_that_was_complete_when_its_worker_died_is_ready) {
  create_and_run();
  engine_.hold_savepoints(true);
  ask("CreateApplicationSnapshot", R"({"ApplicationName":"orders","SnapshotName":"s1"})");
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  engine_.write_held_savepoints(run_directory(1));
  engine_.die(run_directory(1));
  EXPECT_TRUE(wait_until([&] { return snapshot_status("s1") == "READY"; }));
}

}  // namespace
}  // namespace raudal::control
