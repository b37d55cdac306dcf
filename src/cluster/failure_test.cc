#include "cluster/failure.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "engine/run_directory.h"

namespace raudal::cluster {
namespace {

using ::testing::HasSubstr;

constexpr char kTrace[] =
    "org.apache.flink.runtime.client.JobExecutionException: Job execution failed.\n"
    "\tat org.apache.flink.A.b(A.java:1)\n"
    "Caused by: org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: outer\n"
    "\tat c.D.e(D.java:2)\n"
    "\t... 7 more\n"
    "Caused by: java.lang.IllegalArgumentException: the property is missing\n"
    "second line\n"
    "\tat f.G.h(G.java:3)\n"
    "\t... 22 more\n";

TEST(Failure, root_cause_is_the_innermost_without_frames) {
  EXPECT_EQ(root_cause(kTrace), "java.lang.IllegalArgumentException: the property is missing\nsecond line");
  EXPECT_EQ(root_cause("java.lang.Error: said \"Caused by: nothing\"\n\tat a.b"),
            "java.lang.Error: said \"Caused by: nothing\"");
  EXPECT_EQ(root_cause(""), "");
}

TEST(Failure, what_is_known_is_explained) {
  const auto code = [](const std::string& trace) { return explain_failure(trace, "1.20").code(); };
  EXPECT_EQ(code(kTrace), ErrorCode::kInvalidApplicationConfiguration);
  EXPECT_EQ(code("x\nCaused by: java.lang.OutOfMemoryError: Java heap space"), ErrorCode::kMemoryLimit);
  EXPECT_EQ(code("x\nCaused by: java.lang.NoSuchMethodError: gone"), ErrorCode::kCodeValidation);
  EXPECT_EQ(code("IllegalStateException: Cannot map checkpoint/savepoint state for operator 1 to the new program"),
            ErrorCode::kStateIncompatible);
  const Error two = explain_failure(
      "FlinkRuntimeException: Cannot have more than one execute() or executeAsync() call in a single environment.",
      "1.20");
  EXPECT_THAT(two.message(), HasSubstr("`jobs` to `many` in the property group `raudal.run.options`"));
}

class LastFailureTest : public ::testing::Test {
 protected:
  LastFailureTest() {
    char name[] = "/tmp/raudal-failure-XXXXXX";
    run_ = ::mkdtemp(name);
  }
  ~LastFailureTest() override { (void)fs_->remove_all(run_); }
  void write(const char* name, const std::string& text) {
    auto file = fs_->open(join_path(run_, name), OpenMode::kAppend);
    CHECK(file.ok() && (*file)->append(text).ok());
  }
  std::string last(const LogOffsets& since = {}) { return last_failure(*fs_, run_, since); }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string run_;
};

TEST_F(LastFailureTest, newest_record_with_a_trace_counts) {
  write(engine::kWorkerLog,
        "{\"messageType\":\"WARN\",\"message\":\"a\",\"throwableInformation\":[\"first\"]}\n"
        "{\"messageType\":\"ERROR\",\"message\":\"b\",\"throwableInformation\":[\"E: second\",\"\\tat x\"]}\n"
        "{\"messageType\":\"INFO\",\"message\":\"c\",\"throwableInformation\":[\"harmless\"]}\n"
        "not json\n");
  EXPECT_EQ(last(), "E: second\n\tat x\n");
}

TEST_F(LastFailureTest, what_an_earlier_incarnation_wrote_does_not_count) {
  write(engine::kWorkerLog, "{\"messageType\":\"ERROR\",\"message\":\"a\",\"throwableInformation\":[\"old\"]}\n");
  write(engine::kErrorOutput, "old words\n");
  const LogOffsets since = log_ends(*fs_, run_);
  EXPECT_EQ(last(since), "");
  write(engine::kErrorOutput, "Error: Could not find or load main class\n");
  EXPECT_EQ(last(since), "Error: Could not find or load main class");
}

TEST_F(LastFailureTest, pythons_own_words_say_more_than_javas) {
  for (const char* line : {"----- Python Process Started -----", "printed before", "Traceback (most recent call last):",
                           "  x", "NameError: x", "----- Python Process Exited -----"}) {
    write(engine::kWorkerLog,
          std::string(R"({"messageType":"INFO","logger":"org.apache.flink.client.python.PythonDriver","message":")") +
              line + "\"}\n");
  }
  write(engine::kWorkerLog,
        R"({"messageType":"ERROR","message":"b","throwableInformation":["E: Python process exits with code: 1"]})"
        "\n");
  EXPECT_EQ(last(), "NameError: x\nTraceback (most recent call last):\n  x");
}

}  // namespace
}  // namespace raudal::cluster
