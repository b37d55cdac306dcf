#include "cluster/failure.h"

#include <sys/stat.h>

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/json.h"
#include "engine/run_directory.h"

namespace raudal::cluster {
namespace {

constexpr int64_t kLogTailBytes = 4 << 20;
constexpr size_t kMessageBytesMax = 2000;
constexpr std::ptrdiff_t kPythonLinesMax = 16;
constexpr char kPythonDriver[] = "org.apache.flink.client.python.PythonDriver";

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// What a failure that we know means; the first part that occurs in the trace decides.
struct Known {
  std::string_view part;
  ErrorCode code;
  std::string_view advice;
};
constexpr Known kKnown[] = {
    {"Cannot have more than one execute() or executeAsync() call", ErrorCode::kInvalidApplicationConfiguration,
     "The program calls execute() more than once. Put all into one job (for SQL: a statement set), or set the property "
     "`jobs` to `many` in the property group `raudal.run.options`: then snapshots and scaling are not to be had"},
    {"contains no execute() calls", ErrorCode::kCodeValidation,
     "The program ended without starting a job: its main method never calls execute()"},
    {"UserSystemExitException", ErrorCode::kCodeValidation,
     "The program calls System.exit(), which is forbidden: end it with an exception instead"},
    {"Cannot map checkpoint/savepoint state", ErrorCode::kStateIncompatible,
     "The snapshot holds state of an operator that the program no longer has; start with AllowNonRestoredState to drop "
     "it"},
    {"StateMigrationException", ErrorCode::kStateIncompatible, "The program cannot read the state of the snapshot"},
    {"The new state serializer", ErrorCode::kStateIncompatible, "The program cannot read the state of the snapshot"},
    {"java.lang.OutOfMemoryError", ErrorCode::kMemoryLimit,
     "The program needs more memory than its KPUs have; lower ParallelismPerKPU, or raise Parallelism"},
    {"java.lang.UnsupportedClassVersionError", ErrorCode::kCodeValidation, "The program is built for a newer Java"},
    {"java.lang.NoSuchMethodError", ErrorCode::kCodeValidation, "{version}"},
    {"java.lang.NoSuchFieldError", ErrorCode::kCodeValidation, "{version}"},
    {"java.lang.NoClassDefFoundError", ErrorCode::kCodeValidation, "{version}"},
    {"java.lang.AbstractMethodError", ErrorCode::kCodeValidation, "{version}"},
    {"java.lang.IncompatibleClassChangeError", ErrorCode::kCodeValidation, "{version}"},
    {"java.lang.ClassNotFoundException", ErrorCode::kCodeValidation, "{version}"},
    {"NoSuchMethodException: ", ErrorCode::kCodeValidation, "The class that is to run has no method main"},
    {"does not have a main(String[]) method", ErrorCode::kCodeValidation,
     "The class that is to run has no method main"},
};

std::string version_advice(const std::string& runtime) {
  return fmt::format(
      "The program and Flink {} do not fit together: it may be built for another version of Flink, or "
      "lack a library in its JAR",
      runtime);
}

Result<std::string> read_from(Fs& fs, const std::string& path, int64_t offset) {
  // What programs may have laid there instead of a log is not repeated to anybody.
  struct stat found;
  if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return Error(ErrorCode::kNotFound, "No log is there: " + path);
  }
  const auto file = TRY(fs.open(path, OpenMode::kRead));
  const int64_t size = TRY(file->size());
  const int64_t begin = std::max(size < offset ? 0 : offset, size - kLogTailBytes);
  std::string text(static_cast<size_t>(std::max<int64_t>(size - begin, 0)), '\0');
  text.resize(TRY(file->read_at(begin, std::span<char>(text.data(), text.size()))));
  return text;
}

std::string lines_of(const codec::JsonArray& array) {
  std::string text;
  for (const codec::Json& line : array) {
    if (line.is_string()) text += std::string(line.get_string()) + "\n";
  }
  return text;
}

int64_t size_of(Fs& fs, const std::string& path) {
  const auto info = fs.info(path);
  return info.ok() ? info->size_bytes : 0;
}

// What a Python program that failed says of it: the last line, which names the exception, then the traceback above it.
std::string python_words(const std::vector<std::string>& printed) {
  auto begin = printed.end();
  while (begin != printed.begin() && printed.end() - begin < kPythonLinesMax) {
    --begin;
    if (begin->starts_with("Traceback ")) break;
  }
  return printed.back() + "\n" + join({begin, printed.end() - 1}, "\n");
}

}  // namespace

std::string root_cause(const std::string& stack_trace) {
  constexpr std::string_view kCausedBy = "Caused by: ";
  std::string_view text = stack_trace;
  // At the beginning of a line: a message may quote another trace.
  for (size_t at = text.rfind(kCausedBy); at != std::string_view::npos;
       at = at == 0 ? at : text.rfind(kCausedBy, at - 1)) {
    if (at == 0 || text[at - 1] == '\n' || text[at - 1] == '\t' || text[at - 1] == ' ') {
      text = text.substr(at + kCausedBy.size());
      break;
    }
    if (at == 0) break;
  }
  size_t end = text.size();
  for (const std::string_view frame : {"\n\tat ", "\n    at ", "\n\t... ", "\n\tSuppressed: "}) {
    end = std::min(end, text.find(frame));
  }
  return std::string(trim(text.substr(0, end)).substr(0, kMessageBytesMax));
}

bool is_of_python(const std::string& stack_trace) { return has(stack_trace, "Python process exits with code"); }

Error explain_failure(const std::string& stack_trace, const std::string& runtime) {
  const std::string cause = root_cause(stack_trace);
  for (const Known& known : kKnown) {
    if (!has(stack_trace, known.part)) continue;
    const std::string advice = known.advice == "{version}" ? version_advice(runtime) : std::string(known.advice);
    return Error(known.code, fmt::format("{}: {}", advice, cause));
  }
  return Error(ErrorCode::kInvalidApplicationConfiguration,
               cause.empty() ? std::string("The program failed without a reason") : cause);
}

LogOffsets log_ends(Fs& fs, const std::string& run_directory) {
  return {.records = size_of(fs, join_path(run_directory, engine::kWorkerLog)),
          .output = size_of(fs, join_path(run_directory, engine::kErrorOutput))};
}

std::string last_failure(Fs& fs, const std::string& run_directory, const LogOffsets& since) {
  std::string trace;
  std::vector<std::string> python;
  const auto records = read_from(fs, join_path(run_directory, engine::kWorkerLog), since.records);
  for (const std::string& line : split(records.ok() ? *records : "", '\n')) {
    const auto record = codec::parse_json_object(line);
    if (!record.ok()) continue;
    const auto message = codec::find_string(*record, "message").value_or("");
    const bool is_printed = codec::find_string(*record, "logger") == kPythonDriver && !message.starts_with("-----");
    if (is_printed && !has(message, "Run python process failed")) python.emplace_back(message);
    const codec::JsonArray* throwable = codec::find_array(*record, "throwableInformation");
    const auto level = codec::find_string(*record, "messageType").value_or("");
    if (throwable && (level == "ERROR" || level == "WARN" || level == "FATAL")) trace = lines_of(*throwable);
  }
  if (is_of_python(trace) && !python.empty()) return python_words(python);
  if (!trace.empty()) return trace;
  const auto output = read_from(fs, join_path(run_directory, engine::kErrorOutput), since.output);
  const std::string words(trim(output.ok() ? *output : ""));
  return words.size() <= kMessageBytesMax ? words : words.substr(words.size() - kMessageBytesMax);
}

}  // namespace raudal::cluster
