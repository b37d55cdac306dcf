#include "cluster/configuration.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/json.h"

namespace raudal::cluster {
namespace {

// What Raudal itself rests on. Options that begin with one of these cannot be changed.
constexpr std::string_view kReserved[] = {"jobmanager.rpc.",
                                          "jobmanager.bind-host",
                                          "taskmanager.bind-host",
                                          "taskmanager.host",
                                          "taskmanager.resource-id",
                                          "rest.address",
                                          "rest.bind",
                                          "rest.port",
                                          "web.submit.enable",
                                          "high-availability",
                                          "execution.checkpointing.dir",
                                          "state.checkpoints.dir",
                                          "execution.savepoint.path",
                                          "execution.state-recovery.path",
                                          "io.tmp.dirs",
                                          "execution.shutdown-on-application-finish",
                                          "execution.submit-failed-job-on-application-error",
                                          "pipeline.max-parallelism",
                                          "parallelism.default",
                                          "taskmanager.numberOfTaskSlots",
                                          "$internal."};

// Parts of a KPU's memory, which memory.h divides: what was asked for them is in its result.
constexpr std::string_view kDividedMemory[] = {"taskmanager.memory.framework.heap.size",
                                               "taskmanager.memory.framework.off-heap.size",
                                               "taskmanager.memory.task.",
                                               "taskmanager.memory.network.",
                                               "taskmanager.memory.managed.size",
                                               "taskmanager.memory.managed.fraction",
                                               "taskmanager.memory.jvm-",
                                               "jobmanager.memory."};

// Jobs for which a KPU has slots where a program starts several: each job wants Parallelism slots of its own.
constexpr int kJobsPerSlot = 4;

bool begins_with_one_of(std::string_view key, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return key.starts_with(prefix); });
}

void set_addresses(const ClusterSpec& spec, Options& options) {
  options["jobmanager.rpc.address"] = spec.address;
  options["jobmanager.rpc.port"] = std::to_string(spec.rpc_port);
  options["jobmanager.bind-host"] = spec.address;
  options["taskmanager.host"] = spec.address;
  options["taskmanager.bind-host"] = spec.address;
  options["rest.address"] = spec.address;
  options["rest.bind-address"] = spec.address;
  options["rest.port"] = std::to_string(spec.rest_port);
  options["rest.bind-port"] = std::to_string(spec.rest_port);
  options["web.submit.enable"] = "false";
  options["web.cancel.enable"] = "false";
  options["io.tmp.dirs"] = join_path(spec.run_directory, kTemporaryDirectory);
}

// REST shows the present, a lost TaskManager is noticed in seconds, and one that starts first soon finds its
// JobManager.
void set_supervision(const ClusterSpec& spec, Options& options) {
  options["web.refresh-interval"] = "100";
  options["metrics.fetcher.update-interval"] = "2000";
  options["rest.flamegraph.enabled"] = "true";
  options["cluster.registration.error-delay"] = "300";
  options["cluster.registration.refused-registration-delay"] = "1000";
  options["heartbeat.interval"] = "2000";
  options["heartbeat.timeout"] = "30000";
  options["cluster.intercept-user-system-exit"] = "THROW";
  options["cluster.processes.halt-on-fatal-error"] = "true";
  options["execution.shutdown-on-application-finish"] = "false";
  if (!spec.launch.flink.many_jobs) options["execution.submit-failed-job-on-application-error"] = "true";
}

void set_checkpoints(const ClusterSpec& spec, Options& options) {
  const bool renamed = spec.release.at_least(1, 20);
  const auto& launch = spec.launch;
  const std::string directory = "file://" + join_path(spec.run_directory, engine::kCheckpointDirectory);
  options[spec.release.at_least(1, 18) ? "state.backend.type" : "state.backend"] = "rocksdb";
  options[renamed ? "execution.checkpointing.incremental" : "state.backend.incremental"] = "true";
  options[renamed ? "execution.state-recovery.from-local" : "state.backend.local-recovery"] = "true";
  options[renamed ? "execution.checkpointing.local-backup.enabled" : "state.backend.local-recovery"] = "true";
  options[renamed ? "execution.checkpointing.dir" : "state.checkpoints.dir"] = directory;
  options[renamed ? "execution.checkpointing.num-retained" : "state.checkpoints.num-retained"] = "3";
  options[renamed ? "execution.checkpointing.data-inline-threshold" : "state.storage.fs.memory-threshold"] = "1048576";
  // Its log would stand beside log.file, in a folder that programs may not write to.
  options["state.backend.rocksdb.log.dir"] = join_path(spec.run_directory, kTemporaryDirectory);
  options["execution.checkpointing.mode"] = "EXACTLY_ONCE";
  options["execution.checkpointing.max-concurrent-checkpoints"] = "1";
  options["execution.checkpointing.timeout"] = "60 min";
  options["execution.checkpointing.min-pause"] = fmt::format("{} ms", launch.min_pause_between_checkpoints_ms);
  options["execution.checkpointing.externalized-checkpoint-retention"] = "RETAIN_ON_CANCELLATION";
  if (launch.checkpointing_enabled) {
    options["execution.checkpointing.interval"] = fmt::format("{} ms", launch.checkpoint_interval_ms);
  }
  options[spec.release.at_least(1, 17) ? "restart-strategy.type" : "restart-strategy"] = "fixed-delay";
  options["restart-strategy.fixed-delay.attempts"] = "2147483647";
  options["restart-strategy.fixed-delay.delay"] = "10 s";
}

void set_parallelism(const ClusterSpec& spec, Options& options) {
  options["parallelism.default"] = std::to_string(spec.launch.parallelism);
  options["pipeline.max-parallelism"] = std::to_string(spec.launch.max_parallelism);
  const int jobs = spec.launch.flink.many_jobs ? kJobsPerSlot : 1;
  options["taskmanager.numberOfTaskSlots"] = std::to_string(spec.launch.flink.parallelism_per_kpu * jobs);
  options["taskmanager.cpu.cores"] = "1";
  if (!spec.release.at_least(1, 18)) return;
  options["jobmanager.scheduler"] = "adaptive";
  if (spec.release.at_least(2, 0)) {
    options["jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling"] = "1 s";
    options["jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout"] = "1 s";
  } else {
    options["jobmanager.adaptive-scheduler.scaling-interval.min"] = "1 s";
  }
}

// Flink's own S3 file system asks for credentials where the SDKs of the program do; only the endpoint must be said,
// since its client would address buckets as host names.
void set_file_systems(const ClusterSpec& spec, Options& options) {
  if (spec.s3_endpoint.empty()) return;
  options["s3.endpoint"] = spec.s3_endpoint;
  options["s3.endpoint.region"] = spec.launch.region;
  options["s3.path.style.access"] = "true";
}

void set_python(const ClusterSpec& spec, Options& options) {
  if (!spec.program.python) return;
  options["python.executable"] = spec.python;
  options["python.client.executable"] = spec.python;
}

std::string quoted(const std::string& text) { return codec::json_quote(text); }

}  // namespace

Result<Options> cluster_options(const ClusterSpec& spec) {
  Options options;
  set_supervision(spec, options);
  set_checkpoints(spec, options);
  set_file_systems(spec, options);
  set_python(spec, options);
  for (const auto& [key, value] : spec.launch.engine_options) {
    if (begins_with_one_of(key, kReserved)) {
      return Error(ErrorCode::kInvalidApplicationConfiguration, "The service itself sets this option of Flink: " + key);
    }
    if (!begins_with_one_of(key, kDividedMemory)) options[key] = value;
  }
  set_addresses(spec, options);
  set_parallelism(spec, options);
  options.merge(memory_options(spec.task_manager_memory));
  return options;
}

std::string configuration_text(const Options& options, bool yaml) {
  std::string text;
  for (const auto& [key, value] : options) { text += fmt::format("{}: {}\n", key, yaml ? quoted(value) : value); }
  return text;
}

std::string log_configuration_text(const ClusterSpec& spec) {
  // One write a record, so that records of several processes do not mix; JSON is encoded by %enc. Lines of a stack
  // trace become elements of an array, since queries of users ask for throwableInformation.0.
  const std::string fixed = fmt::format(R"("applicationARN":{},"applicationVersionId":"{}","messageSchemaVersion":"1")",
                                        quoted(spec.launch.application_arn), spec.launch.application_version);
  const std::string pattern =
      R"({"timestamp":%d{UNIX_MILLIS},"locationInformation":"%enc{%l}{JSON}","logger":"%enc{%c}{JSON}",)"
      R"("message":"%enc{%m}{JSON}",)" +
      std::string(R"x(%notEmpty{"throwableInformation":["%replace{%enc{%throwable}{JSON}}{(?<!\\)\\n}{","}"],})x") +
      R"("threadName":"%enc{%t}{JSON}",)" + fixed + R"(,"messageType":"%p"}%n)";
  std::string escaped;  // in a properties file a backslash escapes
  for (const char c : pattern) escaped += c == '\\' ? std::string("\\\\") : std::string(1, c);
  // PythonEnvUtils would log the environment, and with it the token for the role's credentials.
  return fmt::format(R"(monitorInterval = 0
status = error
rootLogger.level = {}
rootLogger.includeLocation = true
rootLogger.appenderRef.envelope.ref = Envelope
appender.envelope.name = Envelope
appender.envelope.type = File
appender.envelope.fileName = ${{sys:log.file}}
appender.envelope.append = true
appender.envelope.bufferedIo = true
appender.envelope.bufferSize = 1048576
appender.envelope.immediateFlush = true
appender.envelope.layout.type = PatternLayout
appender.envelope.layout.alwaysWriteExceptions = false
appender.envelope.layout.charset = UTF-8
appender.envelope.layout.pattern = {}
logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
logger.netty.level = OFF
logger.environment.name = org.apache.flink.client.python.PythonEnvUtils
logger.environment.level = WARN
)",
                     spec.launch.log_level, escaped);
}

Result<std::vector<std::string>> make_program_folders(Fs& fs, const std::string& run_directory) {
  const std::string temporary = join_path(run_directory, kTemporaryDirectory);
  TRY(fs.remove_all(temporary));
  const std::string snapshots = join_path(parent_directory(parent_directory(run_directory)), "snapshots");
  const std::string checkpoints = join_path(run_directory, engine::kCheckpointDirectory);
  for (const std::string& folder : {temporary, snapshots, checkpoints}) TRY(fs.make_directories(folder));
  return std::vector<std::string>{temporary, snapshots, checkpoints, join_path(run_directory, engine::kWorkerLog)};
}

Status write_configuration(Fs& fs, const ClusterSpec& spec) {
  const std::string root = join_path(spec.run_directory, kClusterDirectory);
  const std::string conf = join_path(root, "conf");
  const std::string usrlib = join_path(root, "usrlib");
  for (const std::string& folder : {conf, usrlib}) {
    TRY(fs.remove_all(folder));
    TRY(fs.make_directories(folder));
  }
  const bool yaml = spec.release.at_least(1, 19);
  TRY(write_file_durably(fs, join_path(conf, yaml ? "config.yaml" : "flink-conf.yaml"),
                         configuration_text(TRY(cluster_options(spec)), yaml)));
  TRY(write_file_durably(fs, join_path(conf, "log4j.properties"), log_configuration_text(spec)));
  // A Python program's JAR too: in application mode Flink replaces pipeline.jars by the program's own, flink-python.
  if (spec.program.jar.empty()) return {};
  const std::string link = join_path(usrlib, base_name(spec.program.jar));
  if (::symlink(spec.program.jar.c_str(), link.c_str()) != 0) {
    return Error(ErrorCode::kIo, std::string("Cannot link the program's JAR, ") + std::strerror(errno) + ": " + link);
  }
  return {};
}

}  // namespace raudal::cluster
