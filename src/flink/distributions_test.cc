#include "flink/distributions.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/str.h"
#include "flink/maven.h"
#include "flink/pretend_machine.h"

namespace raudal::flink {
namespace {

// A Maven that knows what is asked of it, and makes JARs that are empty archives.
constexpr char kMaven[] = R"sh(
for word; do
  case $word in
    -Draudal.flink.home=*) home=${word#*=} ;;
    -DoutputDirectory=*) folder=${word#*=} ;;
    -Dartifact=*) artifact=${word#*=} ;;
  esac
done
echo run >> $ROOT/runs
jar() { mkdir -p "${1%/*}"; printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' > "$1"; }
if [ -n "$artifact" ]; then
  name=${artifact#*:}; jar "$folder/${name%%:*}-${name#*:}.jar"; exit 0
fi
url=https://maven.example/org/apache/flink/flink-core-1.20.3.jar
echo "[INFO] Downloading from central: $url"
echo "[INFO] Downloaded from central: $url (1.9 MB at 3 MB/s)"
for name in flink-runtime-1.20.3 flink-clients-1.20.3 flink-container-1.20.0 flink-statebackend-rocksdb-1.20.3 \
    log4j-core-2.24.3 flink-table-planner-loader-1.20.3; do jar $home/lib/$name.jar; done
jar $home/opt/flink-python-1.20.3.jar
jar $home/plugins/s3-fs-hadoop/flink-s3-fs-hadoop-1.20.1.jar
)sh";

class DistributionsTest : public ::testing::Test {
 protected:
  DistributionsTest() {
    machine_.put_jdk("17.0.15");
    machine_.put_program("mvn", kMaven);
  }

  Distributions distributions() {
    Surroundings surroundings = machine_.surroundings();
    for (const char* folder : {"/usr/bin", "/bin"}) {  // for tar; a Maven of this machine must not be found there
      if (with_tar_) surroundings.path.emplace_back(folder);
    }
    return Distributions(machine_.fs(), machine_.process(), machine_.data(), surroundings);
  }

  // Runs the script before what Maven does.
  void put_maven(const std::string& before) { machine_.put_program("mvn", before + kMaven); }

  void put_flink(const std::string& folder, const std::string& release) {
    for (const char* artifact : {"flink-dist", "flink-table-planner-loader", "flink-scala_2.12"}) {
      machine_.put_file(folder + "/lib/" + artifact + "-" + release + ".jar");
    }
    machine_.put_file(folder + "/lib/log4j-core-2.17.1.jar");
    machine_.put_file(folder + "/opt/flink-python-" + release + ".jar");
    machine_.put_file(folder + "/opt/flink-s3-fs-hadoop-" + release + ".jar");
    machine_.put_file(folder + "/opt/flink-azure-fs-hadoop-" + release + ".jar");
  }

  void expect_nothing_half_done() { EXPECT_EQ(machine_.num_entries(".partial"), 0); }

  PretendMachine machine_;
  bool with_tar_ = false;
};

TEST_F(DistributionsTest, installed_flink_is_found_with_its_class_path) {
  Progress last;
  const auto installed = distributions().install("1.20", [&](const Progress& progress) {
    if (progress.stage == "Downloading artifacts") last = progress;
    return true;
  });
  ASSERT_TRUE(installed.ok()) << installed.error().message();
  const std::string home = machine_.path("data/flink/1.20");
  EXPECT_EQ(installed->home, home);
  EXPECT_TRUE(installed->class_path.starts_with(home + "/lib/flink-clients-1.20.3.jar:" + home + "/lib/flink-cont"));
  EXPECT_EQ(split(installed->class_path, ':').size(), 6u);
  EXPECT_EQ(installed->python_jar, home + "/opt/flink-python-1.20.3.jar");
  EXPECT_EQ(installed->num_files, 8);
  EXPECT_EQ(distributions().find("FLINK-1_20")->release, "1.20.3");
  EXPECT_EQ(distributions().list()->size(), 1u);
  EXPECT_TRUE(distributions().verify("1.20").ok());
  EXPECT_EQ(distributions().find("2.2").error().code(), ErrorCode::kNotFound);
  expect_nothing_half_done();
}

TEST_F(DistributionsTest, a_second_installation_runs_no_maven) {
  ASSERT_TRUE(distributions().install("1.20").ok());
  ASSERT_TRUE(distributions().install("1.20").ok());
  EXPECT_EQ(machine_.num_lines("runs"), 1);
}

TEST_F(DistributionsTest, an_artifact_that_maven_does_not_find_is_named) {
  put_maven(R"sh(
    echo "[ERROR] Failed: Could not find artifact org.apache.flink:flink-x:jar:1.20.3 in central (h)"
    echo "[ERROR] Failed: Could not find artifact org.apache.flink:flink-y:jar:1.20.3 in central (h)"
    exit 1
  )sh");
  const auto installed = distributions().install("1.20");
  ASSERT_FALSE(installed.ok());
  EXPECT_EQ(installed.error().code(), ErrorCode::kServiceUnavailable);
  EXPECT_TRUE(installed.error().message().starts_with(
      "Maven does not find org.apache.flink:flink-x:1.20.3, org.apache.flink:flink-y:1.20.3. "))
      << installed.error().message();
  EXPECT_NE(installed.error().message().find("--from FOLDER|ARCHIVE"), std::string::npos);
  EXPECT_FALSE(distributions().present("1.20"));
  expect_nothing_half_done();
}

TEST_F(DistributionsTest, a_repository_out_of_reach_is_said) {
  put_maven(R"sh(echo "[ERROR] Could not transfer artifact a:b:pom:1 from/to central (h): Connection refused"; exit 1
  )sh");
  const auto installed = distributions().install("1.20");
  ASSERT_FALSE(installed.ok());
  EXPECT_TRUE(installed.error().message().starts_with("Maven does not reach its repository: ["));
}

TEST_F(DistributionsTest, missing_tools_are_named_by_their_debian_packages) {
  machine_.remove_program("mvn");
  const auto no_maven = distributions().install("1.20");
  ASSERT_FALSE(no_maven.ok());
  EXPECT_EQ(no_maven.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(no_maven.error().message().find("Debian package maven"), std::string::npos);
  (void)machine_.fs().remove_all(machine_.path("jvm"));
  const auto no_java = distributions().install("1.20");
  ASSERT_FALSE(no_java.ok());
  EXPECT_NE(no_java.error().message().find("openjdk-17-jre-headless"), std::string::npos);
}

TEST_F(DistributionsTest, what_a_killed_installer_left_is_replaced) {
  put_maven(R"sh(
    if [ ! -e $ROOT/hanging ]; then
      for word; do case $word in -Draudal.flink.home=*) home=${word#*=} ;; esac; done
      mkdir -p $home/lib; echo half > $home/lib/flink-runtime-1.20.3.jar
      echo $$ > $ROOT/pid; mv $ROOT/pid $ROOT/hanging
      exec sleep 1000
    fi
  )sh");
  const pid_t installer = ::fork();
  if (installer == 0) {
    (void)distributions().install("1.20");
    ::_exit(0);
  }
  ASSERT_TRUE(machine_.wait_for("hanging"));
  ASSERT_EQ(::kill(installer, SIGKILL), 0);
  ASSERT_EQ(::waitpid(installer, nullptr, 0), installer);
  EXPECT_EQ(machine_.num_entries(".partial"), 1);
  EXPECT_EQ(distributions().find("1.20").error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(distributions().install("1.20").ok());
  EXPECT_TRUE(distributions().verify("1.20").ok());
  expect_nothing_half_done();
  const auto orphan = parse_int(trim(machine_.read("hanging")));
  ASSERT_TRUE(orphan.has_value());
  EXPECT_EQ(::kill(static_cast<pid_t>(*orphan), SIGKILL), 0);
}

TEST_F(DistributionsTest, of_two_at_once_one_installs_and_both_have_it) {
  put_maven("while [ ! -e $ROOT/other_waits ]; do sleep 0.01; done\n");
  std::atomic<int> whole = 0;
  const auto install = [&] {
    const auto installed = distributions().install("1.20", [&](const Progress& progress) {
      if (progress.stage.starts_with("Waiting for another")) machine_.put_file("other_waits");
      return true;
    });
    if (installed.ok() && installed->num_files == 8) ++whole;
  };
  std::thread first(install), second(install);
  first.join();
  second.join();
  EXPECT_EQ(whole, 2);
  EXPECT_EQ(machine_.num_lines("runs"), 1);
}

TEST_F(DistributionsTest, a_jar_cut_short_is_seen_at_use_and_repaired) {
  ASSERT_TRUE(distributions().install("1.20").ok());
  machine_.put_file("data/flink/1.20/lib/log4j-core-2.24.3.jar", "PK");
  const auto found = distributions().find("1.20");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), ErrorCode::kCorrupt);
  EXPECT_NE(found.error().message().find("log4j-core-2.24.3.jar"), std::string::npos);
  EXPECT_TRUE(distributions().list()->empty());
  EXPECT_TRUE(distributions().present("1.20"));
  EXPECT_TRUE(distributions().install("1.20").ok());
  EXPECT_TRUE(distributions().verify("1.20").ok());
  EXPECT_EQ(machine_.num_lines("runs"), 2);
}

TEST_F(DistributionsTest, a_file_that_was_added_or_removed_is_seen_at_use) {
  ASSERT_TRUE(distributions().install("1.20").ok());
  machine_.put_file("data/flink/1.20/lib/another.jar");
  EXPECT_EQ(distributions().find("1.20").error().code(), ErrorCode::kCorrupt);
  ASSERT_TRUE(machine_.fs().remove(machine_.path("data/flink/1.20/lib/another.jar")).ok());
  EXPECT_TRUE(distributions().find("1.20").ok());
  ASSERT_TRUE(machine_.fs().remove(machine_.path("data/flink/1.20/lib/log4j-core-2.24.3.jar")).ok());
  EXPECT_EQ(distributions().find("1.20").error().code(), ErrorCode::kCorrupt);
}

TEST_F(DistributionsTest, a_changed_byte_is_seen_by_verify) {
  ASSERT_TRUE(distributions().install("1.20").ok());
  machine_.put_file("data/flink/1.20/lib/log4j-core-2.24.3.jar", "PK\5\6" + std::string(17, '\0') + "x");
  EXPECT_TRUE(distributions().find("1.20").ok());
  EXPECT_EQ(distributions().verify("1.20").error().code(), ErrorCode::kCorrupt);
}

TEST_F(DistributionsTest, a_changed_manifest_is_seen_at_use) {
  ASSERT_TRUE(distributions().install("1.20").ok());
  std::string manifest = machine_.read("data/flink/1.20/manifest.json");
  manifest.replace(manifest.find("\"size_bytes\": 22"), 16, "\"size_bytes\": 23");
  machine_.put_file("data/flink/1.20/manifest.json", manifest);
  EXPECT_EQ(distributions().find("1.20").error().code(), ErrorCode::kCorrupt);
}

TEST_F(DistributionsTest, a_jar_that_arrives_damaged_is_not_installed) {
  machine_.put_program("mvn", std::string(kMaven) + "printf 'PK' > $home/lib/log4j-core-2.24.3.jar\n");
  const auto installed = distributions().install("1.20");
  ASSERT_FALSE(installed.ok());
  EXPECT_EQ(installed.error().code(), ErrorCode::kCorrupt);
  EXPECT_NE(installed.error().message().find("log4j-core-2.24.3.jar"), std::string::npos);
  EXPECT_FALSE(distributions().present("1.20"));
  expect_nothing_half_done();
}

TEST_F(DistributionsTest, a_distribution_without_its_entry_point_is_not_installed) {
  machine_.put_program("mvn", std::string(kMaven) + "rm $home/lib/flink-container-1.20.0.jar\n");
  EXPECT_EQ(distributions().install("1.20").error().code(), ErrorCode::kCorrupt);
}

TEST_F(DistributionsTest, cancelling_ends_maven) {
  put_maven("echo $$ > $ROOT/pid; mv $ROOT/pid $ROOT/hanging; exec sleep 1000\n");
  const auto installed = distributions().install(
      "1.20", [&](const Progress&) { return !exists(machine_.fs(), machine_.path("hanging")); });
  ASSERT_FALSE(installed.ok());
  EXPECT_EQ(installed.error().code(), ErrorCode::kCancelled);
  EXPECT_NE(::kill(static_cast<pid_t>(*parse_int(trim(machine_.read("hanging")))), 0), 0);
  expect_nothing_half_done();
}

TEST_F(DistributionsTest, is_taken_from_a_folder_without_its_scala_and_what_nobody_needs) {
  put_flink("stock/flink-1.20.1", "1.20.1");
  const auto installed = distributions().install_from("1.20", machine_.path("stock"));
  ASSERT_TRUE(installed.ok()) << installed.error().message();
  const std::string home = installed->home;
  EXPECT_EQ(installed->release, "1.20.1");
  EXPECT_EQ(installed->origin, machine_.path("stock"));
  EXPECT_TRUE(exists(machine_.fs(), home + "/lib/aws-kinesisanalytics-runtime-1.2.0.jar"));
  EXPECT_TRUE(exists(machine_.fs(), home + "/plugins/s3-fs-hadoop/flink-s3-fs-hadoop-1.20.1.jar"));
  EXPECT_FALSE(exists(machine_.fs(), home + "/lib/flink-scala_2.12-1.20.1.jar"));
  EXPECT_EQ(machine_.fs().list(home + "/opt")->size(), 1u);
  EXPECT_TRUE(installed->missing.empty());
  EXPECT_TRUE(exists(machine_.fs(), machine_.path("stock/flink-1.20.1/lib/flink-dist-1.20.1.jar")));
}

TEST_F(DistributionsTest, without_maven_a_folder_is_taken_and_what_is_missing_is_said) {
  machine_.remove_program("mvn");
  put_flink("stock", "1.20.1");
  const auto installed = distributions().install_from("1.20", machine_.path("stock"));
  ASSERT_TRUE(installed.ok()) << installed.error().message();
  EXPECT_EQ(installed->missing, std::vector<std::string>{"com.amazonaws:aws-kinesisanalytics-runtime"});
  EXPECT_EQ(distributions().find("1.20")->missing, installed->missing);
}

TEST_F(DistributionsTest, a_plugin_that_cannot_be_had_leaves_no_empty_folder) {
  put_flink("stock", "1.20.1");
  ASSERT_TRUE(machine_.fs().remove(machine_.path("stock/opt/flink-s3-fs-hadoop-1.20.1.jar")).ok());
  put_maven(R"sh(
    for word; do
      case $word in
        -Dartifact=org.apache.flink:flink-s3-fs-hadoop:1.20.1) no=1 ;;
        -DoutputDirectory=*) folder=${word#*=} ;;
      esac
    done
    if [ "$no" ]; then mkdir -p "$folder"; exit 1; fi
  )sh");
  const auto installed = distributions().install_from("1.20", machine_.path("stock"));
  ASSERT_TRUE(installed.ok()) << installed.error().message();
  EXPECT_EQ(installed->missing, std::vector<std::string>{"org.apache.flink:flink-s3-fs-hadoop"});
  EXPECT_FALSE(exists(machine_.fs(), installed->plugins_directory + "/s3-fs-hadoop"));
}

TEST_F(DistributionsTest, is_taken_from_an_archive) {
  with_tar_ = true;
  put_flink("flink-1.20.1", "1.20.1");
  const std::string archive = machine_.path("flink.tgz");
  const std::string command = "tar -czf " + archive + " -C " + machine_.path("") + " flink-1.20.1";
  ASSERT_EQ(::system(command.c_str()), 0);
  const auto installed = distributions().install_from("1.20", archive);
  ASSERT_TRUE(installed.ok()) << installed.error().message();
  EXPECT_EQ(installed->release, "1.20.1");
  expect_nothing_half_done();
}

TEST_F(DistributionsTest, what_is_no_flink_of_that_version_is_refused) {
  with_tar_ = true;
  put_flink("old", "1.19.1");
  const auto old = distributions().install_from("1.20", machine_.path("old"));
  EXPECT_EQ(old.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(old.error().message().starts_with("This is Flink 1.19.1, not one of 1.20"));
  machine_.put_file("empty/readme.txt", "nothing");
  EXPECT_EQ(distributions().install_from("1.20", machine_.path("empty")).error().code(), ErrorCode::kInvalidArgument);
  machine_.put_file("broken.tgz", "nothing");
  EXPECT_EQ(distributions().install_from("1.20", machine_.path("broken.tgz")).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(distributions().install_from("1.20", machine_.path("absent")).error().code(), ErrorCode::kNotFound);
  expect_nothing_half_done();
}

TEST_F(DistributionsTest, is_not_removed_while_somebody_holds_it) {
  const auto installed = distributions().install("1.20");
  ASSERT_TRUE(installed.ok());
  {
    const auto hold = distributions().hold(*installed);
    ASSERT_TRUE(hold.ok());
    EXPECT_TRUE(distributions().hold(*installed).ok());
    EXPECT_EQ(distributions().remove("1.20").error().code(), ErrorCode::kResourceInUse);
    EXPECT_TRUE(distributions().find("1.20").ok());
  }
  EXPECT_TRUE(distributions().remove("1.20").ok());
  EXPECT_EQ(distributions().find("1.20").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(distributions().hold(*installed).error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(distributions().remove("1.20").ok());
  expect_nothing_half_done();
}

TEST(Maven, tells_what_it_downloads) {
  const Download done = parse_download("[INFO] Downloaded from central: https://h/a/b-1.jar (1.9 MB at 3 MB/s)");
  EXPECT_EQ(done.file, "b-1.jar");
  EXPECT_EQ(done.size_bytes, 1'900'000);
  EXPECT_TRUE(done.complete);
  const Download begun = parse_download("[INFO] Downloading from central: https://h/a/b-1.jar");
  EXPECT_EQ(begun.file, "b-1.jar");
  EXPECT_FALSE(begun.complete);
  EXPECT_EQ(parse_download("[INFO] BUILD SUCCESS").file, "");
}

}  // namespace
}  // namespace raudal::flink
