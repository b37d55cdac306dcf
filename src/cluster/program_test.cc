#include "cluster/program.h"

#include <unistd.h>

#include <cstdlib>

#include <gmock/gmock.h>

#include "codec/zip.h"

namespace raudal::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() {
    char name[] = "/tmp/raudal-program-XXXXXX";
    run_ = ::mkdtemp(name);
    CHECK(fs_->make_directories(join_path(run_, "code/lib")).ok());
    launch_.program = engine::ProgramKind::kJar;
    launch_.program_file = "app.jar";
  }
  ~ProgramTest() override { (void)fs_->remove_all(run_); }

  void write(const std::string& name, const std::string& bytes) {
    CHECK(write_file_durably(*fs_, join_path(run_, name), bytes).ok());
  }
  void write_jar(const std::vector<std::pair<std::string, std::string>>& entries) {
    write("code/app.jar", *codec::make_zip(entries));
  }
  Result<Program> resolve() { return resolve_program(*fs_, run_, launch_); }
  std::string refusal() {
    const auto program = resolve();
    EXPECT_FALSE(program.ok());
    EXPECT_EQ(program.error().code(), ErrorCode::kCodeValidation);
    return program.error().message();
  }
  void run_python(const std::string& properties) {
    launch_.program = engine::ProgramKind::kPython;
    launch_.program_file = "main.py";
    write("code/main.py", "");
    write("application_properties.json",
          R"([{"PropertyGroupId":"kinesis.analytics.flink.run.options","PropertyMap":)" + properties + "}]");
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string run_;
  engine::LaunchFile launch_;
};

TEST(Manifest, main_class_is_found_whatever_the_line_ends_and_folds) {
  EXPECT_EQ(main_class_of_manifest("Manifest-Version: 1.0\r\nMain-Class: a.B\r\n\r\n"), "a.B");
  EXPECT_EQ(main_class_of_manifest("Main-Class: com.example.averylongpack\n age.Main\nX: y\n"),
            "com.example.averylongpackage.Main");
  EXPECT_EQ(main_class_of_manifest("main-class: a.B"), "a.B");
  EXPECT_EQ(main_class_of_manifest("Manifest-Version: 1.0\n"), "");
}

TEST_F(ProgramTest, jar_runs_the_class_of_its_manifest) {
  write_jar({{"META-INF/MANIFEST.MF", "Main-Class: a.B\n"}, {"a/B.class", "x"}});
  const auto program = resolve();
  ASSERT_TRUE(program.ok()) << program.error().message();
  EXPECT_EQ(program->main_class, "a.B");
  EXPECT_EQ(program->jar, join_path(run_, "code/app.jar"));
  EXPECT_TRUE(program->arguments.empty());
}

TEST_F(ProgramTest, launch_file_overrules_the_manifest) {
  write_jar({{"META-INF/MANIFEST.MF", "Main-Class: a.B\n"}, {"a/B.class", "x"}, {"a/C$D.class", "x"}});
  launch_.flink.main_class = "a.C$D";
  EXPECT_EQ(resolve()->main_class, "a.C$D");
}

TEST_F(ProgramTest, jar_that_cannot_run_is_refused_with_the_reason) {
  EXPECT_THAT(refusal(), HasSubstr("has no JAR app.jar"));
  write("code/app.jar", "no archive");
  EXPECT_THAT(refusal(), HasSubstr("is not a JAR"));
  write_jar({{"META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"}});
  EXPECT_THAT(refusal(), HasSubstr("no Main-Class"));
  write_jar({{"META-INF/MANIFEST.MF", "Main-Class: a.Gone\n"}, {"a/B.class", "x"}});
  EXPECT_THAT(refusal(), HasSubstr("no class a.Gone"));
}

TEST_F(ProgramTest, python_file_runs_by_flinks_driver_with_its_files) {
  write("code/lib/dep.py", "");
  write("code/lib/more.zip", "");
  write("code/lib/c.jar", "");
  run_python(
      R"({"python":"main.py","pyFiles":"lib/dep.py, lib","pyArchives":"lib/more.zip#venv","jarfile":"lib/c.jar"})");
  const auto program = resolve();
  ASSERT_TRUE(program.ok()) << program.error().message();
  EXPECT_EQ(program->main_class, "org.apache.flink.client.python.PythonDriver");
  const std::string code = join_path(run_, "code");
  EXPECT_THAT(program->arguments, ElementsAre("-py", code + "/main.py", "-pyarch", code + "/lib/more.zip#venv", "-pyfs",
                                              code + "/lib/dep.py," + code + "/lib"));
  EXPECT_EQ(program->jar, code + "/lib/c.jar");
}

TEST_F(ProgramTest, python_options_that_aws_lacks_are_refused) {
  run_python(R"({"python":"main.py","pyRequirements":"requirements.txt"})");
  EXPECT_THAT(refusal(), HasSubstr("pyRequirements is not supported"));
  run_python(R"({"python":"main.py","pyFiles":"gone.py"})");
  EXPECT_THAT(refusal(), HasSubstr("has no gone.py"));
}

TEST_F(ProgramTest, sql_program_is_refused) {
  launch_.program = engine::ProgramKind::kSql;
  EXPECT_EQ(resolve().error().code(), ErrorCode::kUnsupportedOperation);
}

}  // namespace
}  // namespace raudal::cluster
