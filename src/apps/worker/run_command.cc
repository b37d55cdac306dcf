#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "apps/worker/builtins.h"
#include "apps/worker/commands.h"
#include "apps/worker/program.h"
#include "base/str.h"
#include "obs/log_sinks.h"
#include "operators/operator.h"
#include "runtime/job.h"
#include "runtime/rest_server.h"

namespace raudal::apps {
namespace {

constexpr int64_t kStartTimeoutMs = 300'000;
constexpr int64_t kStopPollMs = 200;

volatile sig_atomic_t g_stop_requested = 0;

void request_stop(int) { g_stop_requested = 1; }

// A worker: one job of one application, its log and its REST server.
class Worker {
 public:
  explicit Worker(std::string run_directory) : run_directory_(std::move(run_directory)) {}

  // Until the process is told to stop or a successor takes over.
  Result<int> run() {
    TRY(start());
    answer_ready();
    for (;;) {
      const auto result = job_->wait_for(kStopPollMs);
      if (g_stop_requested) return 0;
      if (!result) continue;
      if (result->failure && result->failure->code() == ErrorCode::kFenced) return kExitFenced;
      log_->info("The job is over: " + std::string(runtime::to_string(result->state)));
      // The control plane reads how it ended over REST, and then ends this process.
      while (!g_stop_requested) ::pause();
      return 0;
    }
  }

 private:
  Status start() {
    register_builtins(registry_);
    connector::Environment environment = {
        .fs = fs_.get(), .clock = &clock_, .registry = &registry_, .print_output = stdout};
    const engine::LaunchFile launch = TRY(engine::read_launch_file(*fs_, run_directory_));
    TRY(open_log(launch));
    Program program = TRY(load_program(run_directory_, environment));
    runtime::JobConfig config = job_config(std::move(program), environment);
    config.restart = TRY(runtime::parse_restart_options(config.options));
    job_ = TRY(runtime::Job::start(std::move(config)));
    // "/proc/self/fd/…": the path of a socket may have no more than 107 characters, a run directory may be longer.
    const std::string socket = "/proc/self/cwd/" + std::string(engine::kRestSocket);
    if (::chdir(run_directory_.c_str()) != 0) return Error(ErrorCode::kIo, "Cannot enter " + run_directory_);
    (void)fs_->remove(engine::kRestSocket);
    rest_ = TRY(runtime::RestServer::start(*job_, metrics_, {.unix_path = socket}));
    if (!job_->wait_until_running(kStartTimeoutMs)) return start_failure();
    if (runtime::is_terminal(job_->state()) && job_->state() != runtime::JobState::kFinished) return start_failure();
    return {};
  }

  Error start_failure() {
    const auto result = job_->wait_for(0);
    if (result && result->failure) return *result->failure;
    const auto exceptions = job_->exceptions();
    if (!exceptions.empty()) return Error(exceptions.front().code, exceptions.front().message);
    return Error(ErrorCode::kTimeout, "The job did not come to run in time");
  }

  Status open_log(const engine::LaunchFile& launch) {
    const obs::LogIdentity identity = {.application_arn = launch.application_arn,
                                       .application_version_id = std::to_string(launch.application_version)};
    sink_ = TRY(obs::FileLogSink::open(*fs_, join_path(run_directory_, engine::kWorkerLog), identity));
    log_ = std::make_unique<obs::Logger>(*sink_, clock_, "raudal.worker", TRY(obs::parse_log_level(launch.log_level)));
    log_->info("Incarnation " + std::to_string(launch.identity.incarnation.value()) + " of run " +
               std::to_string(launch.identity.run.value()) + " starts at parallelism " +
               std::to_string(launch.parallelism));
    return {};
  }

  runtime::JobConfig job_config(Program program, const connector::Environment& environment) {
    const engine::LaunchFile& launch = program.launch;
    runtime::JobConfig config;
    config.identity = launch.identity;
    config.graph = std::move(program.graph);
    config.environment = environment;
    if (const auto zone = program.settings.find("table.local-time-zone"); zone != program.settings.end()) {
      config.environment.session_time_zone = zone->second;
    }
    config.make_operator = operators::make_operator;
    config.parallelism = launch.parallelism;
    config.max_parallelism = launch.max_parallelism;
    config.checkpoints.directory = join_path(run_directory_, engine::kCheckpointDirectory);
    config.checkpoints.periodic = launch.checkpointing_enabled;
    config.checkpoints.interval_ms = launch.checkpoint_interval_ms;
    config.checkpoints.min_pause_ms = launch.min_pause_between_checkpoints_ms;
    config.restore_path = launch.restore_path;
    config.allow_non_restored_state = launch.allow_non_restored_state;
    config.memory_bytes_max = launch.memory_bytes_max;
    config.options = program.settings;
    config.log = log_.get();
    config.metrics = &metrics_;
    return config;
  }

  const std::string run_directory_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  SystemClock clock_;
  connector::Registry registry_;
  obs::MetricRegistry metrics_;
  std::unique_ptr<obs::FileLogSink> sink_;
  std::unique_ptr<obs::Logger> log_;
  std::unique_ptr<runtime::Job> job_;
  std::unique_ptr<runtime::RestServer> rest_;
};

void handle_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = request_stop;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

}  // namespace

int run_application(const std::string& run_directory) {
  handle_stop_signals();
  Worker worker(run_directory);
  const Result<int> status = worker.run();
  if (status.ok()) return *status;
  std::fprintf(stderr, "raudal-worker: %s\n", status.error().message().c_str());
  answer_error(status.error());
  return status.error().code() == ErrorCode::kFenced ? kExitFenced : 1;
}

}  // namespace raudal::apps
