#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "apps/flink/commands.h"
#include "apps/flink/finished_job.h"
#include "apps/flink/preparation.h"
#include "base/clock.h"
#include "cluster/configuration.h"
#include "cluster/log_files.h"
#include "cluster/supervisor.h"
#include "flink/distributions.h"
#include "obs/log_sinks.h"
#include "sandbox/room.h"

namespace raudal::apps {
namespace {

constexpr int kRestPort = 8081;
constexpr int kRpcPort = 6123;
constexpr int kServicePort = 1338;  // of a room without names of its own (sandbox/room.h)
constexpr int kRestTimeoutMs = 5'000;
constexpr useconds_t kFinishedPollUs = 100'000;

volatile std::sig_atomic_t g_stop_requested = 0;

void request_stop(int) { g_stop_requested = 1; }

void handle_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = request_stop;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

std::string real_path(const std::string& path) {
  char resolved[PATH_MAX];
  return !path.empty() && ::realpath(path.c_str(), resolved) ? resolved : "";
}

// One incarnation of a run's cluster.
class ClusterRun {
 public:
  explicit ClusterRun(std::string run_directory) : run_directory_(std::move(run_directory)) {}

  Status start() {
    const engine::LaunchFile launch = TRY(engine::read_launch_file(*fs_, run_directory_));
    TRY(open_log(launch));
    // A socket's path may have no more than 107 characters, a run directory may be longer.
    if (::chdir(run_directory_.c_str()) != 0) return Error(ErrorCode::kIo, "Cannot enter " + run_directory_);
    const std::string socket = fmt::format("/proc/self/cwd/{}", engine::kRestSocket);
    if (exists(*fs_, cluster::kFinishedFile)) {
      log_->info("The job has finished already");
      finished_ = TRY(serve_finished_job(socket, engine::job_id_of(launch.identity), *log_));
      return {};
    }
    cluster::ClusterSpec spec =
        TRY(prepare_cluster(*fs_, *process_, run_directory_, [this](const std::string& text) { tell_progress(text); }));
    spec.restore = TRY(cluster::choose_restore(*fs_, run_directory_, launch));
    tell_restore(spec);
    TRY(cluster::set_aside_passed_over(*fs_, spec.restore));
    // Jobs with ids of chance: what the last incarnation left belongs to none of the new ones.
    if (launch.flink.many_jobs) TRY(fs_->remove_all(join_path(run_directory_, engine::kCheckpointDirectory)));
    flink::Distributions distributions(*fs_, *process_, data_directory_of(run_directory_));
    hold_.emplace(TRY(distributions.hold(spec.distribution)));
    TRY(enter_room(spec));
    TRY(cluster::write_configuration(*fs_, spec));
    const net::HttpClientOptions rest = {
        .base_url = "http://localhost", .unix_path = socket, .timeout_ms = kRestTimeoutMs};
    const auto enlarge = [this, kpu_bytes = spec.kpu_memory_bytes()](int num_task_managers) {
      return room_->set_memory_max(memory_bytes_of(kpu_bytes, num_task_managers));
    };
    supervisor_ = std::make_unique<cluster::Supervisor>(*fs_, *room_, clock_, *log_, std::move(spec),
                                                        cluster::SupervisorOptions{.rest = rest, .enlarge = enlarge},
                                                        g_stop_requested);
    return supervisor_->start();
  }

  int watch() {
    while (finished_ && !g_stop_requested) ::usleep(kFinishedPollUs);
    return finished_ ? 0 : supervisor_->watch();
  }
  void end() {
    if (supervisor_) supervisor_->end();
    if (room_) room_->close();
  }

 private:
  Status open_log(const engine::LaunchFile& launch) {
    const obs::LogIdentity identity = {.application_arn = launch.application_arn,
                                       .application_version_id = std::to_string(launch.application_version)};
    TRY(cluster::remove_link(join_path(run_directory_, engine::kWorkerLog)));
    // Bounded by the supervisor together with what the JVMs write to the same file.
    sink_ = TRY(obs::FileLogSink::open(*fs_, join_path(run_directory_, engine::kWorkerLog), identity, INT64_MAX));
    log_ = std::make_unique<obs::Logger>(*sink_, clock_, "raudal.flink", TRY(obs::parse_log_level(launch.log_level)));
    log_->info(fmt::format("Incarnation {} of run {} starts on Flink {} at parallelism {}",
                           launch.identity.incarnation.value(), launch.identity.run.value(), launch.flink.version,
                           launch.parallelism));
    return {};
  }

  void tell_restore(const cluster::ClusterSpec& spec) {
    for (const auto& each : spec.restore.passed_over) log_->warn("A checkpoint is passed over: " + each.why);
    if (spec.launch.flink.many_jobs) log_->warn("The program may start several jobs: it begins without state");
    log_->info(spec.restore.path.empty() ? "The program starts without state" : "Restoring " + spec.restore.path);
  }

  void tell_progress(const std::string& text) {
    log_->info(text);
    answer_progress(text);
  }

  // Where the cluster lives.
  Status enter_room(cluster::ClusterSpec& spec) {
    sandbox::RoomOptions options = room_options(spec);
    options.writable_paths = TRY(cluster::make_program_folders(*fs_, run_directory_));
    room_ = TRY(sandbox::Room::make(std::move(options)));
    for (const std::string& shortcoming : room_->shortcomings()) log_->warn(shortcoming);
    if (!room_->has_way_out()) log_->warn("Other machines cannot be reached: " + room_->way_out_reason());
    if (!room_->has_network()) TRY(be_the_only_one());
    spec.address = room_->address();
    spec.rest_port = kRestPort;
    spec.rpc_port = kRpcPort;
    spec.jvm_options = room_->jvm_options();
    spec.s3_endpoint = s3_endpoint(spec);
    return {};
  }

  sandbox::RoomOptions room_options(const cluster::ClusterSpec& spec) const {
    const engine::ServiceAccess& service = spec.launch.service;
    const std::string data = data_directory_of(run_directory_);
    sandbox::RoomOptions options;
    options.run_directory = run_directory_;
    options.application_directory = parent_directory(parent_directory(run_directory_));
    options.data_directory = data;
    options.read_only_paths = {spec.distribution.home, spec.jdk.home};
    // A virtual environment's interpreter is a link to one that may lie anywhere, with its library beside it.
    for (const std::string& python : {spec.python, real_path(spec.python)}) {
      if (!python.empty()) options.read_only_paths.push_back(parent_directory(parent_directory(python)));
    }
    options.etc_files = {{.path = "/etc/flink/application_properties.json",
                          .content = "",
                          .source = join_path(run_directory_, engine::kPropertiesFile)}};
    options.service = {.tls_socket = service.tls_socket,
                       .http_socket = service.http_socket,
                       .ca_file = service.ca_file,
                       .credentials_token = service.credentials_token,
                       .direct = service.direct,
                       .region = spec.launch.region};
    options.java_home = spec.jdk.home;
    options.trust_directory = join_path(data, "trust");
    options.host_ports = spec.launch.flink.host_ports;
    options.rest_port = kRestPort;
    options.lock_descriptor = engine::kLockDescriptor;
    options.limits.memory_bytes_max = memory_bytes_of(spec.kpu_memory_bytes(), spec.num_task_managers());
    return options;
  }

  // A KPU for the JobManager, and one for each TaskManager.
  static int64_t memory_bytes_of(int64_t kpu_bytes, int num_task_managers) {
    return kpu_bytes * (1 + num_task_managers);
  }

  // Without a network of its own a program would reach another application's Flink, which asks nobody who he is.
  Status be_the_only_one() {
    const std::string path = join_path(data_directory_of(run_directory_), "flink-without-network.lock");
    only_one_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (only_one_ >= 0 && ::flock(only_one_, LOCK_EX | LOCK_NB) == 0) return {};
    return Error(ErrorCode::kResourceInUse,
                 "Another application runs on Flink, and this machine allows no network namespaces that keep the two "
                 "apart: one such application at a time");
  }

  std::string s3_endpoint(const cluster::ClusterSpec& spec) const {
    const engine::ServiceAccess& service = spec.launch.service;
    if (service.http_socket.empty()) return "";
    for (const std::string& direct : service.direct) {
      if (direct == "s3" || direct == "*") return "";
    }
    if (room_->has_network()) return fmt::format("http://s3.{}.amazonaws.com", spec.launch.region);
    return fmt::format("http://{}:{}", room_->address(), kServicePort);
  }

  const std::string run_directory_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  std::unique_ptr<Process> process_ = posix_process();
  SystemClock clock_;
  std::unique_ptr<obs::FileLogSink> sink_;
  std::unique_ptr<obs::Logger> log_;
  std::optional<flink::DistributionHold> hold_;
  int only_one_ = -1;
  std::unique_ptr<sandbox::Room> room_;
  std::unique_ptr<cluster::Supervisor> supervisor_;
  std::unique_ptr<net::HttpServer> finished_;  // in the supervisor's place when there is nothing left to run
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
