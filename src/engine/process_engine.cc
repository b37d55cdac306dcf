#include "engine/process_engine.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include <cerrno>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/str.h"
#include "engine/flink_rest_client.h"
#include "engine/process_lock.h"
#include "engine/rescaling.h"

namespace raudal::engine {
namespace {

constexpr int kLockTimeoutMs = 20'000;
constexpr size_t kLastWordsBytesMax = 4'000;
constexpr char kPropertiesPath[] = "/etc/flink/application_properties.json";

// Ends of a pipe, closed with the object.
struct Pipe {
  int read_end = -1;
  int write_end = -1;
  ~Pipe() {
    if (read_end >= 0) ::close(read_end);
    close_write_end();
  }
  void close_write_end() {
    if (write_end >= 0) ::close(write_end);
    write_end = -1;
  }
};

int64_t monotonic_ms() { return SystemClock().monotonic_ns() / 1'000'000; }

// Takes the complete lines "P<text>\n" off the front of what was read and passes them on; whether there were any.
bool take_progress(std::string& text, const Progress& progress) {
  bool any = false;
  for (size_t end; text.starts_with('P') && (end = text.find('\n')) != std::string::npos; any = true) {
    if (progress) progress(text.substr(1, end - 1));
    text.erase(0, end + 1);
  }
  return any;
}

// Reads the answer until the end of the pipe; empty when there is neither an answer nor progress within the timeout.
std::optional<std::string> read_answer(int fd, int timeout_ms, const Progress& progress) {
  int64_t deadline_ms = monotonic_ms() + timeout_ms;
  std::string text;
  for (;;) {
    const int64_t left_ms = deadline_ms - monotonic_ms();
    pollfd waiting = {.fd = fd, .events = POLLIN, .revents = 0};
    if (left_ms <= 0 || ::poll(&waiting, 1, static_cast<int>(left_ms)) == 0) return std::nullopt;
    char buffer[4096];
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer, n);
    if (take_progress(text, progress)) deadline_ms = monotonic_ms() + timeout_ms;
  }
}

void fill_in(std::string& text, std::string_view name, const std::string& value) {
  const size_t at = text.find(name);
  if (at != std::string::npos) text.replace(at, name.size(), value);
}

class ProcessEngine final : public Engine {
 public:
  ProcessEngine(Fs& fs, Process& process, ProcessEngineOptions options)
      : fs_(fs), process_(process), options_(std::move(options)) {}

  Status check(const std::string& run_directory) override {
    TRY(run_to_end({"check", run_directory}, run_directory));
    return {};
  }

  Result<int64_t> verify_savepoint(const std::string& savepoint_directory) override {
    const std::string answer = TRY(run_to_end({"verify-savepoint", savepoint_directory}, savepoint_directory));
    const auto bytes = parse_int(trim(answer));
    if (!bytes) return Error(ErrorCode::kEngine, "The engine's process answered nonsense: " + answer);
    return *bytes;
  }

  Status start(const std::string& run_directory, const Progress& progress) override {
    const int lock = TRY(take_over(run_directory));
    Pipe ready;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      ::close(lock);
      return Error(ErrorCode::kIo, "pipe failed");
    }
    ready.read_end = ends[0];
    ready.write_end = ends[1];
    Result<pid_t> spawned = process_.spawn(spec_of(run_directory, lock, ready.write_end));
    ::close(lock);  // the worker's copy keeps it
    const pid_t pid = TRY(std::move(spawned));
    ready.close_write_end();
    {
      std::lock_guard guard(mutex_);
      children_[run_directory] = {.pid = pid, .exit = std::nullopt};
    }
    const auto answer = read_answer(ready.read_end, options_.start_timeout_ms, progress);
    if (answer == "R") return {};
    TRY(kill(run_directory));
    return start_failure(run_directory, answer);
  }

  Result<bool> alive(const std::string& run_directory) override { return ProcessLock(run_directory).held(); }

  std::optional<ExitReport> exit_report(const std::string& run_directory) override {
    std::lock_guard guard(mutex_);
    const auto it = children_.find(run_directory);
    if (it == children_.end()) return std::nullopt;
    reap(it->second);
    if (!it->second.exit) return std::nullopt;
    return ExitReport{
        .code = it->second.exit->code, .signal = it->second.exit->signal, .last_words = last_words(run_directory)};
  }

  Status kill(const std::string& run_directory) override {
    if (failpoint_skips("engine.kill")) return {};
    const ProcessLock lock(run_directory);
    const SystemClock clock;
    const int64_t deadline = clock.monotonic_ns() + int64_t{kLockTimeoutMs} * 1'000'000;
    while (TRY(lock.held())) {
      for (const pid_t pid : lock.holders()) {
        TRY(process_.signal_group(::getpgid(pid) == pid ? pid : ::getpgid(pid), SIGKILL));
      }
      {
        std::lock_guard guard(mutex_);
        if (const auto it = children_.find(run_directory); it != children_.end()) reap(it->second);
      }
      if (clock.monotonic_ns() > deadline) {
        return Error(ErrorCode::kTimeout, "A killed process of the run does not end: " + run_directory);
      }
      ::usleep(1000);
    }
    return {};
  }

  std::unique_ptr<JobClient> job(const std::string& run_directory) override {
    RestEndpoint endpoint = endpoint_of(run_directory);
    const Result<LaunchFile> launch = read_launch_file(fs_, run_directory);
    if (launch.ok() && launch->flink.many_jobs) return many_jobs_client(std::move(endpoint));
    return flink_rest_client(std::move(endpoint), launch.ok() ? job_id_of(launch->identity) : "");
  }

  Status check_rescale(const std::string& run_directory, int parallelism) override {
    return check_rescaling(fs_, endpoint_of(run_directory), parallelism);
  }
  Result<bool> rescale(const std::string& run_directory, int parallelism) override {
    return rescale_in_place(fs_, endpoint_of(run_directory), parallelism);
  }

 private:
  struct Child {
    pid_t pid = 0;
    std::optional<ExitStatus> exit;
  };

  RestEndpoint endpoint_of(const std::string& run_directory) const {
    return {.unix_directory = run_directory, .timeout_ms = options_.rest_timeout_ms};
  }

  // Kills the predecessor and takes the run's lock.
  Result<int> take_over(const std::string& run_directory) {
    const ProcessLock lock(run_directory);
    if (failpoint_skips("engine.take_over")) return lock.open_only();
    TRY(kill(run_directory));
    return lock.acquire(kLockTimeoutMs);
  }

  ProcessSpec spec_of(const std::string& run_directory, int lock, int ready) const {
    const std::string properties = join_path(run_directory, kPropertiesFile);
    ProcessSpec spec;
    spec.program = options_.program;
    spec.arguments = {"run", run_directory};
    spec.environment = {{"RAUDAL_APPLICATION_PROPERTIES", properties}};
    spec.working_directory = run_directory;
    spec.output_file = join_path(run_directory, kErrorOutput);
    spec.descriptors = {{lock, kLockDescriptor}, {ready, kReadyDescriptor}};
    if (options_.show_properties) {
      spec.overlay_files = {{kPropertiesPath, properties}};
      spec.overlay_scratch = join_path(run_directory, "mounts");
    }
    return spec;
  }

  Error start_failure(const std::string& run_directory, const std::optional<std::string>& answer) {
    if (!answer) return Error(ErrorCode::kTimeout, timeout_text(run_directory));
    if (answer->starts_with("E")) return parse_failure(answer->substr(1));
    return Error(ErrorCode::kEngine, "The engine's process ended while it started: " + last_words(run_directory));
  }

  std::string timeout_text(const std::string& run_directory) {
    std::string text = options_.start_timeout_text;
    if (text.empty()) {
      text = "The application did not start within " + std::to_string(options_.start_timeout_ms / 1000) + " s";
    }
    const Result<LaunchFile> launch = read_launch_file(fs_, run_directory);
    if (!launch.ok()) return text;
    const std::vector<std::string> arn = split(launch->application_arn, ':');
    fill_in(text, "{application}", launch->identity.application);
    fill_in(text, "{account}", arn.size() > 4 ? arn[4] : "");
    return text;
  }

  // "<code> <message>", as the worker writes it.
  static Error parse_failure(const std::string& text) {
    const size_t space = text.find(' ');
    const auto code = parse_int(text.substr(0, space));
    if (!code || space == std::string::npos) return Error(ErrorCode::kEngine, text);
    return Error(static_cast<ErrorCode>(*code), text.substr(space + 1));
  }

  // Runs the worker for a question that ends by itself; its answer, or the error it reports.
  Result<std::string> run_to_end(std::vector<std::string> arguments, const std::string& directory) {
    Pipe answer;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return Error(ErrorCode::kIo, "pipe failed");
    answer.read_end = ends[0];
    answer.write_end = ends[1];
    ProcessSpec spec;
    spec.program = options_.program;
    spec.arguments = std::move(arguments);
    spec.output_file = "/dev/null";
    spec.descriptors = {{answer.write_end, kReadyDescriptor}};
    const pid_t pid = TRY(process_.spawn(spec));
    answer.close_write_end();
    const auto text = read_answer(answer.read_end, options_.start_timeout_ms, nullptr);
    if (!text) TRY(process_.signal_group(pid, SIGKILL));
    while (!TRY(process_.poll(pid))) ::usleep(500);
    if (!text) return Error(ErrorCode::kTimeout, "The engine's process does not answer: " + directory);
    if (text->starts_with("E")) return parse_failure(text->substr(1));
    if (!text->starts_with("R"))
      return Error(ErrorCode::kEngine, "The engine's process ended without an answer: " + directory);
    return text->substr(1);
  }

  void reap(Child& child) {
    if (child.exit) return;
    Result<std::optional<ExitStatus>> status = process_.poll(child.pid);
    if (status.ok() && *status) child.exit = **status;
  }

  std::string last_words(const std::string& run_directory) {
    const std::string path = join_path(run_directory, kErrorOutput);
    // What a program may have laid there instead is not repeated to anybody.
    struct stat found;
    if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return "";
    Result<std::string> text = read_file(fs_, path);
    if (!text.ok()) return "";
    return text->size() <= kLastWordsBytesMax ? *text : text->substr(text->size() - kLastWordsBytesMax);
  }

  Fs& fs_;
  Process& process_;
  const ProcessEngineOptions options_;
  std::mutex mutex_;
  std::map<std::string, Child> children_;
};

}  // namespace

std::unique_ptr<Engine> process_engine(Fs& fs, Process& process, ProcessEngineOptions options) {
  return std::make_unique<ProcessEngine>(fs, process, std::move(options));
}

}  // namespace raudal::engine
