#include "control/control_plane_fixture.h"

namespace raudal::control {
namespace {

class RescalingTest : public ControlPlaneTest {
 protected:
  RescalingTest() { engine_.allow_rescaling(true); }

  std::string scale_and_wait_until_asked() {
    engine_.hold_rescaling(true);
    const std::string id = update(kParallelism4);
    EXPECT_TRUE(wait_until([&] { return engine_.num_rescalings() > 0; }));
    return id;
  }
  void expect_restarted() {
    const auto launches = engine_.launches(run_directory(2));
    ASSERT_EQ(launches.size(), 1u);
    EXPECT_EQ(launches[0].parallelism, 4);
    EXPECT_EQ(launches[0].application_version, 2);
    EXPECT_TRUE(engine_.verify_savepoint(launches[0].restore_path).ok());
    // The state that the restart began from is that of the last moment, not of the first try.
    EXPECT_EQ(engine_.num_triggered_savepoints(), 2);
    EXPECT_EQ(engine_.num_living(), 1);
  }
  void expect_in_place() {
    EXPECT_EQ(engine_.launches(run_directory(1)).size(), 1u);
    EXPECT_FALSE(exists(*fs_, run_directory(2)));
    EXPECT_EQ(engine_.num_triggered_savepoints(), 1);
    ASSERT_EQ(snapshots().size(), 1u);
    EXPECT_EQ(snapshot_status(snapshots()[0]), "READY");
  }
};

TEST_F(RescalingTest, parallelism_alone_is_changed_in_the_same_run) {
  create_and_run();
  const std::string id = update(kParallelism4);
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(operation(id)["OperationStatus"], "SUCCESSFUL");
  expect_in_place();
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(engine_.job(run_directory(1))->details()->vertices[0].parallelism, 4);
  EXPECT_TRUE(wait_until([&] { return !exists(*fs_, run_directory(1) + "/../../incoming/" + id); }));

  // Its next incarnation is one of the new version.
  engine_.die(run_directory(1));
  ASSERT_TRUE(wait_until([&] { return engine_.launches(run_directory(1)).size() == 2; }));
  EXPECT_EQ(engine_.launches(run_directory(1))[1].parallelism, 4);
  EXPECT_EQ(engine_.launches(run_directory(1))[1].application_version, 2);
}

TEST_F(RescalingTest, every_other_change_restarts) {
  create_and_run();
  update(R"("ApplicationConfigurationUpdate":{"FlinkApplicationConfigurationUpdate":{"ParallelismConfigurationUpdate":
      {"ConfigurationTypeUpdate":"CUSTOM","ParallelismUpdate":4,"ParallelismPerKPUUpdate":2}}})");
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.launches(run_directory(2)).size(), 1u);
  update(R"("ServiceExecutionRoleUpdate":"arn:aws:iam::1:role/other")");
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.launches(run_directory(3)).size(), 1u);
  // The package is named, and with it whatever lies there now.
  update(R"("ApplicationConfigurationUpdate":{"ApplicationCodeConfigurationUpdate":{"CodeContentUpdate":{
      "S3ContentLocationUpdate":{"FileKeyUpdate":"app.zip"}}},"FlinkApplicationConfigurationUpdate":{
      "ParallelismConfigurationUpdate":{"ParallelismUpdate":8}}})");
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.launches(run_directory(4)).size(), 1u);
  EXPECT_EQ(engine_.num_rescalings(), 0);
}

TEST_F(RescalingTest, job_that_does_not_come_to_run_in_time_is_restarted) {
  close();
  rescale_timeout_ms_ = 200;
  open();
  create_and_run();
  const std::string id = scale_and_wait_until_asked();
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(operation(id)["OperationStatus"], "SUCCESSFUL");
  expect_restarted();
}

TEST_F(RescalingTest, cluster_that_dies_while_it_is_scaled_is_restarted) {
  create_and_run();
  const std::string id = scale_and_wait_until_asked();
  engine_.die(run_directory(1));
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(operation(id)["OperationStatus"], "SUCCESSFUL");
  expect_restarted();
  EXPECT_EQ(engine_.launches(run_directory(1)).back().parallelism, 2) << "the former version made the savepoint";
}

TEST_F(RescalingTest, update_goes_on_after_a_crash_of_the_control_plane) {
  create_and_run();
  const std::string id = scale_and_wait_until_asked();
  close();
  engine_.hold_rescaling(false);
  open();
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(operation(id)["OperationStatus"], "SUCCESSFUL");
  expect_in_place();
  EXPECT_EQ(engine_.job(run_directory(1))->details()->vertices[0].parallelism, 4);
}

TEST_F(RescalingTest, crash_while_the_first_snapshot_is_made_makes_no_second_one) {
  create_and_run();
  engine_.hold_savepoints(true);
  update(kParallelism4);
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  close();
  engine_.hold_savepoints(false);
  open();
  ASSERT_TRUE(wait_for("RUNNING"));
  expect_in_place();
}

TEST_F(RescalingTest, cluster_that_dies_under_the_first_snapshot_is_restarted_from_a_second) {
  create_and_run();
  engine_.hold_savepoints(true);
  update(kParallelism4);
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  close();
  engine_.write_held_savepoints(run_directory(1));  // complete, but the job went on after it
  engine_.die(run_directory(1));
  engine_.hold_savepoints(false);
  open();
  ASSERT_TRUE(wait_for("RUNNING"));
  expect_restarted();
}

TEST_F(RescalingTest, force_stop_ends_it) {
  create_and_run();
  const std::string id = scale_and_wait_until_asked();
  ask("StopApplication", kForce);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(operation(id)["OperationStatus"], "CANCELLED");
  EXPECT_EQ(engine_.num_living(), 0);
}

}  // namespace
}  // namespace raudal::control
