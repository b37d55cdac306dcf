#include "flink/python_environments.h"

#include <gtest/gtest.h>

#include "flink/pretend_machine.h"

namespace raudal::flink {
namespace {

// A Python that knows what is asked of it: its version, a venv (a copy of itself) and pip.
std::string python_script(const std::string& version, const std::string& pyflink) {
  return "VERSION='" + version + "' PYFLINK='" + pyflink + R"sh('
case "$*" in
  *"sys.version_info"*) echo "$VERSION $PYFLINK" ;;
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  *"m.requires"*) printf 'py4j==0.10.9.7\nnumpy>=1.22.4\n' ;;
  "-m pip"*) echo "$*" >> $ROOT/pip ;;
  *) exit 9 ;;
esac
)sh";
}

class PythonEnvironmentsTest : public ::testing::Test {
 protected:
  PythonEnvironments environments() {
    Surroundings surroundings = machine_.surroundings();
    return PythonEnvironments(machine_.fs(), machine_.process(), machine_.data(), surroundings);
  }

  PretendMachine machine_;
  const FlinkVersion& version_ = *find_flink_version("1.20");
};

TEST_F(PythonEnvironmentsTest, makes_one_without_the_jars_that_are_there_already) {
  machine_.put_program("python3", python_script("3 11", "-"));
  EXPECT_EQ(environments().find(version_).error().code(), ErrorCode::kNotFound);
  const auto made = environments().provide(version_);
  ASSERT_TRUE(made.ok()) << made.error().message();
  EXPECT_EQ(made->python, machine_.path("data/flink/python-1.20/bin/python"));
  EXPECT_EQ(made->version, "3.11");
  EXPECT_TRUE(made->made_here);
  EXPECT_NE(machine_.read("pip").find("--no-deps apache-flink==1.20.3"), std::string::npos);
  EXPECT_EQ(machine_.read("data/flink/python-1.20/requirements.txt"), "py4j==0.10.9.7\nnumpy>=1.22.4\n");
  EXPECT_EQ(machine_.num_lines("pip"), 2);
  ASSERT_TRUE(environments().provide(version_).ok());
  EXPECT_EQ(machine_.num_lines("pip"), 2);
  ASSERT_TRUE(environments().remove(version_).ok());
  EXPECT_EQ(environments().find(version_).error().code(), ErrorCode::kNotFound);
}

TEST_F(PythonEnvironmentsTest, one_of_the_machine_that_has_pyflink_is_taken) {
  machine_.put_program("python3", python_script("3 11", "1.19.1"));
  machine_.put_program("python3.10", python_script("3 10", "1.20.3"));
  const auto found = environments().provide(version_);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->python, machine_.path("bin/python3.10"));
  EXPECT_FALSE(found->made_here);
}

TEST_F(PythonEnvironmentsTest, a_python_that_pyflink_does_not_know_is_not_taken) {
  machine_.put_program("python3", python_script("3 13", "-"));
  const auto none = environments().provide(version_);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(none.error().message().starts_with("PyFlink 1.20.3 works with Python 3.8 to 3.11"));
  EXPECT_NE(none.error().message().find("Debian packages python3 and python3-venv"), std::string::npos);
  EXPECT_NE(none.error().message().find("3.13 ("), std::string::npos);
  const auto older = environments().provide(*find_flink_version("1.18"));
  EXPECT_NE(older.error().message().find("put one on PATH as python3.10"), std::string::npos);
  machine_.put_program("python3.9", python_script("3 9", "-"));
  EXPECT_EQ(environments().provide(version_)->version, "3.9");
}

TEST_F(PythonEnvironmentsTest, a_missing_venv_is_named_by_its_debian_package) {
  machine_.put_program("python3", R"sh(
    case "$*" in
      *"sys.version_info"*) echo "3 11 -" ;;
      *) echo "The virtual environment was not created successfully because ensurepip is not"; exit 1 ;;
    esac
  )sh");
  const auto none = environments().provide(version_);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message().find("Debian package python3-venv"), std::string::npos);
  EXPECT_FALSE(exists(machine_.fs(), machine_.path("data/flink/python-1.20")));
}

TEST_F(PythonEnvironmentsTest, what_pip_complains_of_is_said) {
  machine_.put_program("python3", python_script("3 11", "-") +
                                      "case \"$*\" in '-m pip'*) echo 'ERROR: No matching "
                                      "distribution found for x'; exit 1 ;; esac\n");
  const auto none = environments().provide(version_);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), ErrorCode::kServiceUnavailable);
  EXPECT_NE(none.error().message().find("ERROR: No matching distribution found for x"), std::string::npos);
}

TEST_F(PythonEnvironmentsTest, one_that_was_not_completed_is_made_anew) {
  machine_.put_program("python3", python_script("3 11", "-"));
  machine_.put_file("data/flink/python-1.20/bin/python", "half");
  machine_.put_file("data/flink/python-1.20/lib/half", "half");
  ASSERT_TRUE(environments().provide(version_).ok());
  EXPECT_FALSE(exists(machine_.fs(), machine_.path("data/flink/python-1.20/lib/half")));
}

}  // namespace
}  // namespace raudal::flink
