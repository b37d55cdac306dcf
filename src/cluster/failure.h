// Why a program did not come to run, in words for its owner: from a stack trace of Flink, or from the log that a dead
// JobManager left. The root cause comes first; what people can do about it follows where we know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::cluster {

// The innermost cause of a stack trace: the text behind the last "Caused by: ", without its frames.
std::string root_cause(const std::string& stack_trace);

// Whether it only says that a Python program ended: what it printed says more, and last_failure() finds it.
bool is_of_python(const std::string& stack_trace);

// The error that an application's owner reads. `runtime` is the Flink version of the application ("1.20").
Error explain_failure(const std::string& stack_trace, const std::string& runtime);

// What the processes wrote since the incarnation began: the stack trace of the last record that has one, else the last
// words on stderr. Empty when there is nothing.
struct LogOffsets {
  int64_t records = 0;  // of worker.log
  int64_t output = 0;   // of stderr.log
};
LogOffsets log_ends(Fs& fs, const std::string& run_directory);
std::string last_failure(Fs& fs, const std::string& run_directory, const LogOffsets& since);

}  // namespace raudal::cluster
