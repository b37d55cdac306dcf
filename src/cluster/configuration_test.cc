#include "cluster/configuration.h"

#include <unistd.h>

#include <cstdlib>

#include <gmock/gmock.h>

#include "base/str.h"
#include "cluster/command_line.h"

namespace raudal::cluster {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigurationTest : public ::testing::Test {
 protected:
  ConfigurationTest() {
    char name[] = "/tmp/raudal-conf-XXXXXX";
    spec_.run_directory = ::mkdtemp(name);
    spec_.launch.identity = {.application = "a", .run = RunNumber(7), .incarnation = Incarnation(1)};
    spec_.launch.application_arn = "arn:aws:kinesisanalytics:us-east-1:123456789012:application/a";
    spec_.launch.checkpoint_interval_ms = 30'000;
    spec_.launch.parallelism = 5;
    spec_.launch.flink.parallelism_per_kpu = 2;
    spec_.address = "127.0.0.1";
    spec_.rest_port = 8081;
    spec_.rpc_port = 6123;
    spec_.jdk.java = "/jdk/bin/java";
    spec_.distribution.class_path = "/flink/lib/a.jar:/flink/lib/b.jar";
    spec_.distribution.python_jar = "/flink/opt/flink-python.jar";
    spec_.program.main_class = "a.B";
    spec_.program.jar = spec_.run_directory + "/code/app.jar";
    spec_.task_manager_memory = *divide_memory(int64_t{4} << 30, {});
    spec_.job_manager_heap = *job_manager_heap(int64_t{4} << 30, {});
  }
  ~ConfigurationTest() override { (void)fs_->remove_all(spec_.run_directory); }

  Options options(int major, int minor) {
    spec_.release = {.major = major, .minor = minor};
    auto options = cluster_options(spec_);
    EXPECT_TRUE(options.ok());
    return *options;
  }
  std::string text(const std::string& name) {
    return read_file(*fs_, join_path(spec_.run_directory, "flink/conf/" + name)).value();
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  ClusterSpec spec_;
};

TEST_F(ConfigurationTest, guides_settings_stand_under_each_releases_names) {
  const Options now = options(1, 20);
  EXPECT_EQ(now.at("state.backend.type"), "rocksdb");
  EXPECT_EQ(now.at("execution.checkpointing.incremental"), "true");
  EXPECT_EQ(now.at("execution.checkpointing.interval"), "30000 ms");
  EXPECT_EQ(now.at("execution.checkpointing.min-pause"), "5000 ms");
  EXPECT_EQ(now.at("execution.checkpointing.num-retained"), "3");
  EXPECT_EQ(now.at("execution.checkpointing.dir"), "file://" + spec_.run_directory + "/checkpoints");
  EXPECT_EQ(now.at("restart-strategy.type"), "fixed-delay");
  EXPECT_EQ(now.at("jobmanager.scheduler"), "adaptive");
  EXPECT_EQ(now.at("parallelism.default"), "5");
  EXPECT_EQ(now.at("taskmanager.numberOfTaskSlots"), "2");
  const Options old = options(1, 15);
  EXPECT_EQ(old.at("state.backend"), "rocksdb");
  EXPECT_EQ(old.at("state.checkpoints.num-retained"), "3");
  EXPECT_EQ(old.at("restart-strategy"), "fixed-delay");
  EXPECT_EQ(old.count("jobmanager.scheduler"), 0u);
  EXPECT_EQ(old.count("execution.checkpointing.dir"), 0u);
}

TEST_F(ConfigurationTest, no_interval_where_checkpoints_are_off) {
  spec_.launch.checkpointing_enabled = false;
  EXPECT_EQ(options(1, 20).count("execution.checkpointing.interval"), 0u);
}

TEST_F(ConfigurationTest, options_of_the_application_win_unless_supervision_rests_on_them) {
  spec_.launch.engine_options = {{"heartbeat.timeout", "60000"},
                                 {"taskmanager.memory.managed.fraction", "0.1"},
                                 {"taskmanager.memory.segment-size", "64kb"}};
  EXPECT_EQ(options(1, 20).at("heartbeat.timeout"), "60000");
  EXPECT_EQ(options(1, 20).count("taskmanager.memory.managed.fraction"), 0u);
  EXPECT_EQ(options(1, 20).at("taskmanager.memory.segment-size"), "64kb");
  for (const char* key :
       {"rest.port", "execution.checkpointing.dir", "high-availability.type", "$internal.pipeline.job-id"}) {
    spec_.launch.engine_options = {{key, "x"}};
    const auto refused = cluster_options(spec_);
    ASSERT_FALSE(refused.ok()) << key;
    EXPECT_THAT(refused.error().message(), HasSubstr(key));
  }
}

TEST_F(ConfigurationTest, several_jobs_give_up_what_needs_one_id) {
  spec_.launch.flink.many_jobs = true;
  EXPECT_EQ(options(1, 20).count("execution.submit-failed-job-on-application-error"), 0u);
  EXPECT_EQ(options(1, 20).at("taskmanager.numberOfTaskSlots"), "8");  // for four jobs
  EXPECT_THAT(job_manager_command(spec_).arguments, Not(Contains("--job-id")));
}

TEST_F(ConfigurationTest, files_are_those_that_the_release_reads) {
  spec_.release = {.major = 1, .minor = 20};
  ASSERT_TRUE(write_configuration(*fs_, spec_).ok());
  EXPECT_THAT(text("config.yaml"), HasSubstr("rest.port: \"8081\"\n"));
  EXPECT_THAT(text("log4j.properties"), HasSubstr(spec_.launch.application_arn));
  char target[4096] = {};
  ASSERT_GT(::readlink((spec_.run_directory + "/flink/usrlib/app.jar").c_str(), target, sizeof target - 1), 0);
  EXPECT_EQ(std::string(target), spec_.program.jar);
  spec_.release = {.major = 1, .minor = 18};
  ASSERT_TRUE(write_configuration(*fs_, spec_).ok());  // again, over what is there
  EXPECT_THAT(text("flink-conf.yaml"), HasSubstr("rest.port: 8081\n"));
  EXPECT_FALSE(exists(*fs_, spec_.run_directory + "/flink/conf/config.yaml"));
}

TEST_F(ConfigurationTest, job_manager_is_told_job_and_checkpoint) {
  spec_.restore.path = "/run/checkpoints/x/chk-3";
  spec_.launch.allow_non_restored_state = true;
  spec_.program.arguments = {"-py", "main.py"};
  const ProcessSpec command = job_manager_command(spec_);
  const std::string line = join(command.arguments, " ");
  EXPECT_EQ(command.program, "/jdk/bin/java");
  EXPECT_THAT(line, HasSubstr("--job-classname a.B --job-id " + spec_.job_id()));
  EXPECT_THAT(line, HasSubstr("--fromSavepoint /run/checkpoints/x/chk-3 --allowNonRestoredState -py main.py"));
  EXPECT_THAT(command.arguments, Contains("-Xmx1536m"));
  EXPECT_THAT(command.arguments, Contains(spec_.distribution.class_path));
}

TEST_F(ConfigurationTest, task_managers_have_names_that_outlive_them) {
  EXPECT_EQ(spec_.num_task_managers(), 3);
  const ProcessSpec command = task_manager_command(spec_, 2);
  EXPECT_THAT(command.arguments, Contains("-Dtaskmanager.resource-id=tm-2"));
  EXPECT_THAT(command.arguments, Contains("-Xmx3072m"));
  EXPECT_THAT(command.arguments, Contains("-XX:MaxDirectMemorySize=256m"));
}

TEST_F(ConfigurationTest, python_programs_get_flinks_python) {
  spec_.program.python = true;
  spec_.python = "/venv/bin/python";
  EXPECT_EQ(options(2, 2).at("python.client.executable"), "/venv/bin/python");
  ASSERT_TRUE(write_configuration(*fs_, spec_).ok());
  char target[4096] = {};
  ASSERT_GT(::readlink((spec_.run_directory + "/flink/usrlib/app.jar").c_str(), target, sizeof target - 1), 0);
  EXPECT_THAT(job_manager_command(spec_).arguments,
              Contains(spec_.distribution.class_path + ":" + spec_.distribution.python_jar));
}

}  // namespace
}  // namespace raudal::cluster
