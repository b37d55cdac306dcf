#include "codec/access_token.h"
#include "control/control_plane_fixture.h"

namespace raudal::control {
namespace {

using ProgramsTest = ControlPlaneTest;

TEST_F(ProgramsTest, code_that_cannot_run_is_refused_at_start) {
  ask("CreateApplication", kCreate);
  objects_.put("app.zip", "not a zip");
  EXPECT_EQ(error_of("StartApplication", kName), "InvalidApplicationConfigurationException");
  objects_.put("app.zip", *codec::make_zip({{"program.sql", "SELECT 1"}}));
  EXPECT_EQ(error_of("StartApplication", kName), "InvalidApplicationConfigurationException");
  EXPECT_EQ(status(), "READY");
  set_properties(R"({"PropertyGroupId":"raudal.run.options","PropertyMap":{"sql":"program.sql"}})");
  start();
  EXPECT_TRUE(wait_for("RUNNING"));
}

TEST_F(ProgramsTest, jar_runs_on_flink_as_it_is) {
  const std::string jar = *codec::make_zip({{"META-INF/MANIFEST.MF", "Main-Class: a.b.\r\n C\r\n"}, {"A.class", "x"}});
  objects_.put("app.zip", jar);
  create_and_run();
  const engine::LaunchFile launch = engine_.launches(run_directory(1)).at(0);
  EXPECT_EQ(launch.engine, engine::EngineKind::kFlinkLocal);
  EXPECT_EQ(launch.program, engine::ProgramKind::kJar);
  EXPECT_EQ(read_file(*fs_, run_directory(1) + "/code/" + launch.program_file).value(), jar);
  EXPECT_EQ(launch.flink.version, "1.20");
  EXPECT_EQ(launch.flink.main_class, "");
  EXPECT_EQ(launch.service.tls_socket, root_ + "/service.tls");
  EXPECT_EQ(launch.service.role_arn, "arn:aws:iam::1:role/r");
  const auto claim = codec::read_access_token("key", launch.service.credentials_token);
  ASSERT_TRUE(claim.ok());
  EXPECT_EQ(claim->application_arn, launch.application_arn);
}

TEST_F(ProgramsTest, zip_with_one_jar_stands_for_the_jar) {
  const std::string jar = *codec::make_zip({{"META-INF/MANIFEST.MF", "Main-Class: A"}, {"A.class", "x"}});
  objects_.put("app.zip", *codec::make_zip({{"target/program.jar", jar}, {"README.md", "read"}}));
  create_and_run();
  EXPECT_EQ(read_file(*fs_, run_directory(1) + "/code/application.jar").value(), jar);
  EXPECT_EQ(engine_.launches(run_directory(1)).at(0).program, engine::ProgramKind::kJar);
}

TEST_F(ProgramsTest, python_program_runs_on_flink_from_its_unpacked_package) {
  objects_.put("app.zip", *codec::make_zip({{"app/main.py", "print()"}, {"app/lib/c.jar", "x"}, {"deps/a.py", ""}}));
  ask("CreateApplication", kCreate);
  set_properties(R"({"PropertyGroupId":"kinesis.analytics.flink.run.options",
      "PropertyMap":{"python":"app/main.py","jarfile":"app/lib/c.jar","pyFiles":"deps/"}})");
  start();
  ASSERT_TRUE(wait_for("RUNNING"));
  const engine::LaunchFile launch = engine_.launches(run_directory(1)).at(0);
  EXPECT_EQ(launch.engine, engine::EngineKind::kFlinkLocal);
  EXPECT_EQ(launch.program, engine::ProgramKind::kPython);
  EXPECT_EQ(launch.program_file, "app/main.py");
  EXPECT_TRUE(exists(*fs_, run_directory(1) + "/code/deps/a.py"));
}

TEST_F(ProgramsTest, programs_that_do_not_fit_their_engine_are_refused_with_the_reason) {
  const std::string manifest = "META-INF/MANIFEST.MF";
  const auto run_options = [](const std::string& properties) {
    return R"({"PropertyGroupId":"raudal.run.options","PropertyMap":{)" + properties + "}}";
  };
  const auto python_options = [](const std::string& properties) {
    return R"({"PropertyGroupId":"kinesis.analytics.flink.run.options","PropertyMap":{)" + properties + "}}";
  };
  const std::string sql = *codec::make_zip({{"main.sql", "SELECT 1"}});
  const std::string jar = *codec::make_zip({{manifest, "Main-Class: A"}, {"A.class", "x"}});
  const std::string python = *codec::make_zip({{"main.py", "print()"}});
  struct Case {
    std::string package, properties, reason;
  };
  const Case cases[] = {
      {sql, run_options(R"("engine":"flink")"), "SQL programs run on the native engine alone"},
      {sql, run_options(R"("jobs":"many")"), "jobs = many"},
      {sql, run_options(R"("engine":"spark")"), "native or flink"},
      {jar, run_options(R"("engine":"native")"), "A JAR needs Flink"},
      {jar, run_options(R"("jobs":"two")"), "one or many"},
      {jar, run_options(R"("host.ports":"9092,x")"), "numbers of ports"},
      {jar, run_options(R"("flink.rest.address":"host")"), "an address like"},
      {jar, run_options(R"("engine":"native","flink.rest.address":"http://h:1")"), "leave one of them out"},
      {*codec::make_zip({{manifest, "Manifest-Version: 1.0"}, {"A.class", "x"}}), run_options(R"("x":"y")"),
       "names no Main-Class"},
      {*codec::make_zip({{"A.class", "x"}}), run_options(R"("x":"y")"), "names no Main-Class"},
      {*codec::make_zip({{"a.jar", jar}, {"b.jar", jar}}), run_options(R"("x":"y")"), "several JARs"},
      {"", run_options(R"("x":"y")"), "cannot be read"},
      {python, run_options(R"("x":"y")"), "name the main one as `python`"},
      {python, python_options(R"("python":"main.py","pyModule":"main")"), "pyModule is not supported"},
      {python, python_options(R"("python":"main.py","pyExecutable":"/usr/bin/python3")"), "pyExecutable"},
      {python, python_options(R"("python":"main.py","pyRequirements":"r.txt")"), "pyRequirements"},
      {python, python_options(R"("jarfile":"a.jar")"), "name it as python"},
      {python, python_options(R"("python":"other.py")"), "holds no other.py"},
      {python, python_options(R"("python":"main.py","jarfile":"lib/a.jar")"), "holds no lib/a.jar"},
      {python, python_options(R"("python":"../main.py")"), "holds no ../main.py"},
      {python, run_options(R"("engine":"native")") + "," + python_options(R"("python":"main.py")"),
       "A Python program needs Flink"},
      {python, run_options(R"("flink.rest.address":"http://h:1")") + "," + python_options(R"("python":"main.py")"),
       "takes JARs alone"},
  };
  ask("CreateApplication", kCreate);
  for (const Case& each : cases) {
    objects_.put("app.zip", each.package);
    set_properties(each.properties);
    const ApiResponse response = call("StartApplication", kName);
    EXPECT_EQ(response.error_type, "InvalidApplicationConfigurationException") << each.properties;
    EXPECT_NE(response.body.find(each.reason), std::string::npos) << each.properties << response.body;
  }
  EXPECT_EQ(engine_.num_living(), 0);
  EXPECT_EQ(status(), "READY");
}

TEST_F(ProgramsTest, progress_of_a_long_start_stands_in_its_operation) {
  ask("CreateApplication", kCreate);
  engine_.say_while_starting("Installing Flink 1.20: 12 of 60 files");
  engine_.hold_starts(true);
  const std::string id = start();
  EXPECT_TRUE(wait_until([&] {
    const JsonObject now = operation(id);
    return now.contains("OperationFailureDetails") && codec::write_json(now).find("12 of 60") != std::string::npos;
  }));
  EXPECT_EQ(operation(id)["OperationStatus"], "IN_PROGRESS");
  engine_.hold_starts(false);
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_FALSE(operation(id).contains("OperationFailureDetails"));
}

TEST_F(ProgramsTest, update_to_a_program_that_cannot_run_does_not_stop_the_one_that_does) {
  create_and_run();
  engine_.fail_checks(Error(ErrorCode::kSqlValidation, "no such table"));
  const std::string id = update(kParallelism4);
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(operation(id)["OperationStatus"], "FAILED");
  EXPECT_NE(codec::write_json(operation(id)).find("no such table"), std::string::npos);
  EXPECT_EQ(engine_.launches(run_directory(1)).size(), 1u);
  EXPECT_EQ(engine_.num_kills(run_directory(1)), 0);
  EXPECT_EQ(engine_.num_triggered_savepoints(), 0);
  EXPECT_TRUE(snapshots().empty());
  EXPECT_EQ(version(), 3);  // equal to the first
  engine_.fail_checks(std::nullopt);
  update(kParallelism4);
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(engine_.launches(run_directory(2)).at(0).parallelism, 4);
  EXPECT_TRUE(fs_->list(parent_directory(parent_directory(run_directory(2))) + "/incoming").value().empty());
}

TEST_F(ProgramsTest, program_of_many_jobs_has_no_snapshots_and_says_so) {
  objects_.put("app.zip", *codec::make_zip({{"META-INF/MANIFEST.MF", "Main-Class: A"}}));
  ask("CreateApplication", kCreate);
  set_properties(R"({"PropertyGroupId":"raudal.run.options","PropertyMap":{"jobs":"many","class":"a.B"}})");
  start();
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_TRUE(engine_.launches(run_directory(1)).at(0).flink.many_jobs);
  EXPECT_EQ(engine_.launches(run_directory(1)).at(0).flink.main_class, "a.B");
  const std::string snapshot = R"({"ApplicationName":"orders","SnapshotName":"s"})";
  const std::string scale =
      fmt::format(R"({{"ApplicationName":"orders","CurrentApplicationVersionId":2,{}}})", kParallelism4);
  for (const auto& [operation, body] :
       {std::pair("CreateApplicationSnapshot", snapshot), std::pair("StopApplication", std::string(kName)),
        std::pair("UpdateApplication", scale)}) {
    const ApiResponse response = call(operation, body);
    EXPECT_EQ(response.error_type, "InvalidApplicationConfigurationException") << operation;
    EXPECT_NE(response.body.find("many jobs"), std::string::npos) << operation << response.body;
  }
  EXPECT_EQ(status(), "RUNNING");
  ask("StopApplication", kForce);
  ASSERT_TRUE(wait_for("READY"));
}

}  // namespace
}  // namespace raudal::control
