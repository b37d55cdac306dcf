#include "control/control_plane.h"

#include "control/control_plane_fixture.h"

namespace raudal::control {
namespace {

TEST_F(ControlPlaneTest, application_lives_from_create_to_delete) {
  create_and_run();
  const auto launches = engine_.launches(run_directory(1));
  ASSERT_EQ(launches.size(), 1u);
  EXPECT_EQ(launches[0].parallelism, 2);
  EXPECT_EQ(launches[0].program_file, "main.sql");
  EXPECT_EQ(launches[0].restore_path, "");
  EXPECT_EQ(read_file(*fs_, run_directory(1) + "/code/main.sql").value(), "SELECT 1");

  ask("StopApplication", kName);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(engine_.num_living(), 0);
  ASSERT_EQ(snapshots().size(), 1u);
  EXPECT_EQ(snapshot_status(snapshots()[0]), "READY");

  ask("DeleteApplication", fmt::format(R"({{"ApplicationName":"orders","CreateTimestamp":{}}})", int64_t(created())));
  ASSERT_TRUE(wait_until([&] { return error_of("DescribeApplication", kName) == "ResourceNotFoundException"; }));
  EXPECT_TRUE(fs_->list(root_ + "/applications").value().empty());
}

TEST_F(ControlPlaneTest, start_takes_the_latest_snapshot_unless_told_otherwise) {
  create_and_run();
  ask("StopApplication", kName);
  ASSERT_TRUE(wait_for("READY"));
  start();
  ASSERT_TRUE(wait_for("RUNNING"));
  const std::string restored = engine_.launches(run_directory(2))[0].restore_path;
  EXPECT_TRUE(engine_.verify_savepoint(restored).ok()) << restored;
  ask("StopApplication", kForce);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(snapshots().size(), 1u);
  start(kSkip);
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.launches(run_directory(3))[0].restore_path, "");
}

TEST_F(ControlPlaneTest, failed_start_leaves_the_application_ready_and_says_why) {
  ask("CreateApplication", kCreate);
  engine_.fail_next_starts(1, Error(ErrorCode::kSqlParse, "Encountered nonsense at line 1, column 2."));
  const std::string id = start();
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(operation(id)["OperationStatus"], "FAILED");
  EXPECT_EQ(operation(id)["OperationFailureDetails"].at("ErrorInfo").at("ErrorString"),
            "Encountered nonsense at line 1, column 2.");
  EXPECT_EQ(engine_.num_living(), 0);
}

TEST_F(ControlPlaneTest, worker_that_dies_while_it_starts_is_started_again) {
  ask("CreateApplication", kCreate);
  engine_.fail_next_starts(1, Error(ErrorCode::kEngine, "killed"));
  const std::string id = start();
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(operation(id)["OperationStatus"], "SUCCESSFUL");
  EXPECT_EQ(engine_.launches(run_directory(1)).back().identity.incarnation, Incarnation(2));
}

TEST_F(ControlPlaneTest, dead_worker_is_replaced_by_the_next_incarnation_of_the_same_run) {
  create_and_run();
  engine_.die(run_directory(1));
  ASSERT_TRUE(wait_until([&] { return engine_.launches(run_directory(1)).size() == 2; }));
  EXPECT_EQ(engine_.launches(run_directory(1))[1].identity.incarnation, Incarnation(2));
  EXPECT_EQ(status(), "RUNNING");
}

TEST_F(ControlPlaneTest, silent_worker_is_killed_and_replaced) {
  create_and_run();
  engine_.hang(run_directory(1));
  ASSERT_TRUE(wait_until([&] { return engine_.launches(run_directory(1)).size() == 2; }));
  EXPECT_EQ(engine_.num_kills(run_directory(1)), 1);
}

TEST_F(ControlPlaneTest, failed_job_is_started_again_and_finished_job_ends) {
  create_and_run();
  engine_.set_state(run_directory(1), JobState::kFailed);
  ASSERT_TRUE(wait_until([&] { return engine_.launches(run_directory(1)).size() == 2; }));
  ASSERT_TRUE(wait_until([&] { return engine_.num_living() == 1; }));
  engine_.set_state(run_directory(1), JobState::kFinished);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(engine_.num_living(), 0);
}

TEST_F(ControlPlaneTest, restarted_control_plane_adopts_living_workers) {
  create_and_run();
  EXPECT_EQ(num_logged("adopted the worker of run 1"), 0);
  reopen();
  EXPECT_EQ(status(), "RUNNING");
  ASSERT_TRUE(wait_until([&] { return num_logged("adopted the worker of run 1") == 1; }));
  engine_.die(run_directory(1));  // it is watched again
  ASSERT_TRUE(wait_until([&] { return engine_.launches(run_directory(1)).size() == 2; }));
}

TEST_F(ControlPlaneTest, stop_goes_on_after_a_restart_with_the_same_savepoint) {
  create_and_run();
  engine_.hold_savepoints(true);
  ask("StopApplication", kName);
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  reopen();
  EXPECT_EQ(status(), "STOPPING");
  engine_.hold_savepoints(false);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(engine_.num_triggered_savepoints(), 1);
  EXPECT_EQ(snapshot_status(snapshots()[0]), "READY");
}

TEST_F(ControlPlaneTest, stop_whose_worker_dies_runs_it_once_more_for_its_savepoint) {
  create_and_run();
  engine_.hold_savepoints(true);
  ask("StopApplication", kName);
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  close();
  engine_.die(run_directory(1));
  engine_.hold_savepoints(false);
  open();
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(engine_.launches(run_directory(1)).size(), 2u);
  EXPECT_EQ(snapshot_status(snapshots()[0]), "READY");
  EXPECT_EQ(engine_.num_living(), 0);
}

TEST_F(ControlPlaneTest, failed_savepoint_leaves_the_application_running) {
  create_and_run();
  engine_.fail_savepoints(true);
  ask("StopApplication", kName);
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(snapshot_status(snapshots()[0]), "FAILED");
  EXPECT_EQ(engine_.num_living(), 1);
}

TEST_F(ControlPlaneTest, force_stop_ends_a_start_that_hangs) {
  ask("CreateApplication", kCreate);
  engine_.hold_starts(true);
  const std::string id = start();
  ASSERT_TRUE(wait_until([&] { return engine_.num_living() == 1; }));
  EXPECT_EQ(error_of("StopApplication", kName), "ResourceInUseException");
  ask("StopApplication", kForce);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(operation(id)["OperationStatus"], "CANCELLED");
  EXPECT_EQ(engine_.num_living(), 0);
}

TEST_F(ControlPlaneTest, force_stop_ends_a_stop_that_hangs) {
  create_and_run();
  engine_.hold_savepoints(true);
  ask("StopApplication", kName);
  ask("StopApplication", kForce);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(engine_.num_living(), 0);
  // The step that made the snapshot ends it, which may be just after the application is READY.
  EXPECT_TRUE(wait_until([&] { return snapshot_status(snapshots()[0]) == "FAILED"; }));
}

TEST_F(ControlPlaneTest, update_of_a_running_application_redeploys_it_from_a_snapshot) {
  create_and_run();
  const std::string id = update(kParallelism4);
  ASSERT_TRUE(wait_for("RUNNING"));
  const auto launches = engine_.launches(run_directory(2));
  ASSERT_EQ(launches.size(), 1u);
  EXPECT_EQ(launches[0].parallelism, 4);
  EXPECT_EQ(launches[0].application_version, 2);
  EXPECT_TRUE(engine_.verify_savepoint(launches[0].restore_path).ok());
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(operation(id)["OperationStatus"], "SUCCESSFUL");
  EXPECT_EQ(operation(id)["ApplicationVersionChangeDetails"].at("ApplicationVersionUpdatedTo"), 2);
  EXPECT_EQ(engine_.num_living(), 1);
}

TEST_F(ControlPlaneTest, update_goes_on_after_a_restart) {
  create_and_run();
  engine_.hold_savepoints(true);
  update(kParallelism4);
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  reopen();
  engine_.hold_savepoints(false);
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.launches(run_directory(2)).size(), 1u);
}

TEST_F(ControlPlaneTest, update_that_cannot_start_ends_ready_or_is_rolled_back) {
  create_and_run();
  engine_.fail_next_starts(1, Error(ErrorCode::kSqlValidation, "no such table"));
  std::string id = update(kParallelism4);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(operation(id)["OperationStatus"], "FAILED");
  EXPECT_EQ(version(), 2);

  update(
      R"("ApplicationConfigurationUpdate":{"ApplicationSystemRollbackConfigurationUpdate":{"RollbackEnabledUpdate":true}})");
  start();
  ASSERT_TRUE(wait_for("RUNNING"));
  engine_.fail_next_starts(1, Error(ErrorCode::kSqlValidation, "no such table"));
  id = update(R"("ServiceExecutionRoleUpdate":"arn:aws:iam::1:role/other")");
  ASSERT_TRUE(wait_until([&] { return version() == 5 && status() == "RUNNING"; }));
  EXPECT_EQ(detail()["ServiceExecutionRole"], "arn:aws:iam::1:role/r");
  EXPECT_EQ(detail()["ApplicationVersionRolledBackFrom"], 4);
  const std::string rollback = operation(id)["OperationFailureDetails"].at("RollbackOperationId").get_string().c_str();
  EXPECT_EQ(operation(rollback)["OperationStatus"], "SUCCESSFUL");
}

TEST_F(ControlPlaneTest, update_needs_the_current_version) {
  ask("CreateApplication", kCreate);
  const std::string token = detail()["ConditionalToken"].get_string().c_str();
  EXPECT_EQ(error_of("UpdateApplication", kName), "InvalidArgumentException");
  EXPECT_EQ(error_of("UpdateApplication", R"({"ApplicationName":"orders","CurrentApplicationVersionId":2})"),
            "ConcurrentModificationException");
  EXPECT_EQ(error_of("UpdateApplication", R"({"ApplicationName":"orders","ConditionalToken":"old"})"),
            "ConcurrentModificationException");
  ask("UpdateApplication", fmt::format(R"({{"ApplicationName":"orders","ConditionalToken":"{}"}})", token));
  EXPECT_EQ(version(), 2);
}

TEST_F(ControlPlaneTest, snapshots_are_made_listed_and_deleted) {
  ask("CreateApplication", kCreate);
  const std::string body = R"({"ApplicationName":"orders","SnapshotName":"s1"})";
  EXPECT_EQ(error_of("CreateApplicationSnapshot", body), "InvalidApplicationConfigurationException");
  start();
  ASSERT_TRUE(wait_for("RUNNING"));
  ask("CreateApplicationSnapshot", body);
  ASSERT_TRUE(wait_until([&] { return snapshot_status("s1") == "READY"; }));
  EXPECT_EQ(error_of("CreateApplicationSnapshot", body), "ResourceInUseException");
  EXPECT_EQ(status(), "RUNNING");
  const JsonObject answer = ask("DescribeApplicationSnapshot", body);
  const double made = answer.at("SnapshotDetails").at("SnapshotCreationTimestamp").to_number<double>();
  const std::string wrong = R"({"ApplicationName":"orders","SnapshotName":"s1","SnapshotCreationTimestamp":1})";
  EXPECT_EQ(error_of("DeleteApplicationSnapshot", wrong), "InvalidArgumentException");
  ask("DeleteApplicationSnapshot",
      fmt::format(R"({{"ApplicationName":"orders","SnapshotName":"s1","SnapshotCreationTimestamp":{}}})",
                  int64_t(made)));
  EXPECT_TRUE(wait_until([&] { return snapshots().empty(); }));
}

TEST_F(ControlPlaneTest, snapshot_of_a_worker_that_dies_has_failed) {
  create_and_run();
  engine_.hold_savepoints(true);
  ask("CreateApplicationSnapshot", R"({"ApplicationName":"orders","SnapshotName":"s1"})");
  ASSERT_TRUE(wait_until([&] { return engine_.num_triggered_savepoints() == 1; }));
  engine_.die(run_directory(1));
  ASSERT_TRUE(wait_until([&] { return snapshot_status("s1") == "FAILED"; }));
  EXPECT_TRUE(wait_until([&] { return engine_.num_living() == 1; }));
}

TEST_F(ControlPlaneTest, snapshot_stays_as_long_as_a_run_may_restore_from_it) {
  create_and_run();
  ask("StopApplication", kName);
  ASSERT_TRUE(wait_for("READY"));
  start();
  ASSERT_TRUE(wait_for("RUNNING"));
  const std::string name = snapshots().at(0);
  const JsonObject answer =
      ask("DescribeApplicationSnapshot", fmt::format(R"({{"ApplicationName":"orders","SnapshotName":"{}"}})", name));
  const double made = answer.at("SnapshotDetails").at("SnapshotCreationTimestamp").to_number<double>();
  ask("DeleteApplicationSnapshot", fmt::format(R"({{"ApplicationName":"orders","SnapshotName":"{}",
      "SnapshotCreationTimestamp":{}}})",
                                               name, int64_t(made)));
  engine_.die(run_directory(2));
  ASSERT_TRUE(wait_until([&] { return engine_.launches(run_directory(2)).size() == 2; }));
  EXPECT_TRUE(engine_.verify_savepoint(engine_.launches(run_directory(2))[1].restore_path).ok());
  EXPECT_EQ(snapshot_status(name), "DELETING");
  engine_.complete_checkpoint(run_directory(2));
  EXPECT_TRUE(wait_until([&] { return snapshots().empty(); }));
}

TEST_F(ControlPlaneTest, lists_page_and_filter) {
  ask("CreateApplication", kCreate);
  for (int i = 0; i < 3; ++i) update(R"("ServiceExecutionRoleUpdate":"arn:aws:iam::1:role/r")");
  JsonObject page = ask("ListApplicationVersions", R"({"ApplicationName":"orders","Limit":3})");
  EXPECT_EQ(page["ApplicationVersionSummaries"].get_array().size(), 3u);
  page = ask("ListApplicationVersions",
             fmt::format(R"({{"ApplicationName":"orders","NextToken":{}}})", codec::write_json(page["NextToken"])));
  EXPECT_EQ(page["ApplicationVersionSummaries"].at(0).at("ApplicationVersionId"), 1);
  EXPECT_FALSE(page.contains("NextToken"));
  page = ask("ListApplicationOperations", R"({"ApplicationName":"orders","Operation":"StartApplication"})");
  EXPECT_TRUE(page["ApplicationOperationInfoList"].get_array().empty());
  EXPECT_EQ(error_of("ListApplicationVersions", R"({"ApplicationName":"orders","NextToken":"x"})"),
            "InvalidArgumentException");
}

TEST_F(ControlPlaneTest, requests_that_make_no_sense_are_answered_with_their_errors) {
  EXPECT_EQ(error_of("Nothing", "{}"), "UnknownOperationException");
  EXPECT_EQ(error_of("RollbackApplication", R"({"ApplicationName":"a","CurrentApplicationVersionId":1})"),
            "UnsupportedOperationException");
  EXPECT_EQ(error_of("ListApplications", "{"), "SerializationException");
  EXPECT_EQ(error_of("ListApplications", "[]"), "SerializationException");
  EXPECT_EQ(error_of("DescribeApplication", "{}"), "ValidationException");
  EXPECT_EQ(error_of("DescribeApplication", kName), "ResourceNotFoundException");
  ask("CreateApplication", kCreate);
  EXPECT_EQ(error_of("CreateApplication", kCreate), "ResourceInUseException");
  EXPECT_EQ(error_of("StopApplication", kName), "ResourceInUseException");
  EXPECT_EQ(error_of("DeleteApplication", R"({"ApplicationName":"orders","CreateTimestamp":1})"),
            "InvalidArgumentException");
  EXPECT_EQ(error_of("StartApplication", R"({"ApplicationName":"orders","RunConfiguration":{
      "ApplicationRestoreConfiguration":{"ApplicationRestoreType":"RESTORE_FROM_CUSTOM_SNAPSHOT","SnapshotName":"x"}}})"),
            "ResourceNotFoundException");
}

}  // namespace
}  // namespace raudal::control
