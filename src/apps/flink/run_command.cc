#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>

#include <fmt/core.h>

#include "apps/flink/commands.h"
#include "apps/flink/preparation.h"
#include "base/clock.h"
#include "cluster/configuration.h"
#include "cluster/supervisor.h"
#include "obs/log_sinks.h"

namespace raudal::apps {
namespace {

constexpr int kRestPort = 8081;
constexpr int kRpcPort = 6123;

volatile std::sig_atomic_t g_stop_requested = 0;

void request_stop(int) { g_stop_requested = 1; }

void handle_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = request_stop;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

// One incarnation of a run's cluster.
class ClusterRun {
 public:
  explicit ClusterRun(std::string run_directory) : run_directory_(std::move(run_directory)) {}

  Status start() {
    const engine::LaunchFile launch = TRY(engine::read_launch_file(*fs_, run_directory_));
    TRY(open_log(launch));
    cluster::ClusterSpec spec = TRY(prepare_cluster(*fs_, *process_, run_directory_));
    spec.restore = TRY(cluster::choose_restore(*fs_, run_directory_, launch));
    tell_restore(spec);
    TRY(settle(spec));
    TRY(cluster::write_configuration(*fs_, spec));
    const std::string rest = fmt::format("http://{}:{}", spec.address, spec.rest_port);
    supervisor_ = std::make_unique<cluster::Supervisor>(
        *fs_, *process_, clock_, *log_, std::move(spec),
        cluster::SupervisorOptions{.rest = {.base_url = rest, .timeout_ms = 5'000}}, g_stop_requested);
    return supervisor_->start();
  }

  int watch() { return supervisor_->watch(); }
  void end() {
    if (supervisor_) supervisor_->end();
  }

 private:
  Status open_log(const engine::LaunchFile& launch) {
    const obs::LogIdentity identity = {.application_arn = launch.application_arn,
                                       .application_version_id = std::to_string(launch.application_version)};
    // Bounded by the supervisor together with what the JVMs write to the same file.
    sink_ = TRY(obs::FileLogSink::open(*fs_, join_path(run_directory_, engine::kWorkerLog), identity, INT64_MAX));
    log_ = std::make_unique<obs::Logger>(*sink_, clock_, "raudal.flink", TRY(obs::parse_log_level(launch.log_level)));
    log_->info(fmt::format("Incarnation {} of run {} starts on Flink {} at parallelism {}",
                           launch.identity.incarnation.value(), launch.identity.run.value(), launch.flink.version,
                           launch.parallelism));
    return {};
  }

  void tell_restore(const cluster::ClusterSpec& spec) {
    for (const std::string& why : spec.restore.passed_over) log_->warn("A checkpoint is passed over: " + why);
    if (spec.launch.flink.many_jobs) log_->warn("The program may start several jobs: it begins without state");
    log_->info(spec.restore.path.empty() ? "The program starts without state" : "Restoring " + spec.restore.path);
  }

  // Where the cluster lives.
  Status settle(cluster::ClusterSpec& spec) {
    spec.address = "127.0.0.1";
    spec.rest_port = kRestPort;
    spec.rpc_port = kRpcPort;
    return {};
  }

  const std::string run_directory_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  std::unique_ptr<Process> process_ = posix_process();
  SystemClock clock_;
  std::unique_ptr<obs::FileLogSink> sink_;
  std::unique_ptr<obs::Logger> log_;
  std::unique_ptr<cluster::Supervisor> supervisor_;
};

}  // namespace

int run_cluster(const std::string& run_directory) {
  handle_stop_signals();
  ClusterRun run(run_directory);
  const Status started = run.start();
  int code = 1;
  if (started.ok()) {
    answer_ready();
    code = run.watch();
  } else {
    std::fprintf(stderr, "raudal-flink: %s\n", started.error().message().c_str());
  }
  run.end();
  if (!started.ok()) answer_error(started.error());
  return code;
}

}  // namespace raudal::apps
