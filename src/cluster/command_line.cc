#include "cluster/command_line.h"

#include <unistd.h>

#include <fmt/core.h>

namespace raudal::cluster {
namespace {

constexpr int kCoresForConcurrentCollector = 4;

// Packages of the JDK that Flink and the libraries of its programs reach into.
constexpr const char* kOpened[] = {"java.lang",
                                   "java.lang.reflect",
                                   "java.net",
                                   "java.io",
                                   "java.nio",
                                   "java.text",
                                   "java.time",
                                   "java.util",
                                   "java.util.concurrent",
                                   "java.util.concurrent.atomic",
                                   "java.util.concurrent.locks",
                                   "sun.nio.ch"};
constexpr const char* kExported[] = {"java.base/sun.net.util", "java.rmi/sun.rmi.registry",
                                     "java.security.jgss/sun.security.krb5"};

int64_t mebibytes(int64_t bytes) { return bytes >> 20; }

// Flags that all JVMs of a cluster share.
std::vector<std::string> jvm_flags(const ClusterSpec& spec) {
  std::vector<std::string> flags = {"-XX:+IgnoreUnrecognizedVMOptions", "-Xshare:auto", "-XX:-UsePerfData"};
  // On few cores the serial collector starts fastest and needs least memory.
  if (::sysconf(_SC_NPROCESSORS_ONLN) < kCoresForConcurrentCollector) flags.push_back("-XX:+UseSerialGC");
  for (const char* package : kOpened) flags.push_back(fmt::format("--add-opens=java.base/{}=ALL-UNNAMED", package));
  for (const char* package : kExported) flags.push_back(fmt::format("--add-exports={}=ALL-UNNAMED", package));
  const std::string conf = join_path(join_path(spec.run_directory, kClusterDirectory), "conf");
  flags.push_back("-Dlog.file=" + join_path(spec.run_directory, engine::kWorkerLog));
  flags.push_back("-Dlog4j.configurationFile=" + join_path(conf, "log4j.properties"));
  flags.push_back("-Dlog4j2.disableJmx=true");
  flags.push_back("-XX:ErrorFile=" + join_path(join_path(spec.run_directory, kTemporaryDirectory), "hs_err_pid%p.log"));
  flags.insert(flags.end(), spec.jvm_options.begin(), spec.jvm_options.end());
  return flags;
}

ProcessSpec jvm(const ClusterSpec& spec, std::vector<std::string> arguments) {
  const std::string root = join_path(spec.run_directory, kClusterDirectory);
  ProcessSpec process;
  process.program = spec.jdk.java;
  process.arguments = std::move(arguments);
  process.working_directory = join_path(spec.run_directory, engine::kCodeDirectory);
  process.output_file = join_path(spec.run_directory, engine::kErrorOutput);
  // Flink looks for the program's JARs in usrlib/ beside FLINK_LIB_DIR. That they come from there, and not from the
  // class path, is what gives them to the class loader of user code.
  process.environment = {{"JAVA_HOME", spec.jdk.home},
                         {"FLINK_CONF_DIR", join_path(root, "conf")},
                         {"FLINK_LIB_DIR", join_path(root, "lib")},
                         {"FLINK_OPT_DIR", join_path(spec.distribution.home, "opt")},
                         {"FLINK_PLUGINS_DIR", spec.distribution.plugins_directory}};
  return process;
}

std::string class_path(const ClusterSpec& spec) {
  const auto& distribution = spec.distribution;
  return spec.program.python ? distribution.class_path + ":" + distribution.python_jar : distribution.class_path;
}

void append_main(const ClusterSpec& spec, std::vector<std::string>& words, const char* main_class) {
  words.insert(words.end(), {"-cp", class_path(spec), main_class, "--configDir",
                             join_path(join_path(spec.run_directory, kClusterDirectory), "conf")});
}

}  // namespace

ProcessSpec job_manager_command(const ClusterSpec& spec) {
  std::vector<std::string> words = {fmt::format("-Xmx{}m", mebibytes(spec.job_manager_heap)), "-XX:TieredStopAtLevel=1",
                                    "-XX:MaxMetaspaceSize=512m"};
  const auto flags = jvm_flags(spec);
  words.insert(words.end(), flags.begin(), flags.end());
  append_main(spec, words, "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint");
  words.insert(words.end(), {"--job-classname", spec.program.main_class});
  if (!spec.launch.flink.many_jobs) words.insert(words.end(), {"--job-id", spec.job_id()});
  if (!spec.restore.path.empty()) words.insert(words.end(), {"--fromSavepoint", spec.restore.path});
  if (spec.launch.allow_non_restored_state) words.push_back("--allowNonRestoredState");
  words.insert(words.end(), spec.program.arguments.begin(), spec.program.arguments.end());
  return jvm(spec, std::move(words));
}

ProcessSpec task_manager_command(const ClusterSpec& spec, int index) {
  const TaskManagerMemory& memory = spec.task_manager_memory;
  std::vector<std::string> words = {fmt::format("-Xmx{}m", mebibytes(memory.heap())),
                                    fmt::format("-XX:MaxDirectMemorySize={}m", mebibytes(memory.direct())),
                                    fmt::format("-XX:MaxMetaspaceSize={}m", mebibytes(memory.metaspace))};
  const auto flags = jvm_flags(spec);
  words.insert(words.end(), flags.begin(), flags.end());
  append_main(spec, words, "org.apache.flink.runtime.taskexecutor.TaskManagerRunner");
  words.push_back("-Dtaskmanager.resource-id=" + task_manager_id(index));
  return jvm(spec, std::move(words));
}

std::string task_manager_id(int index) { return fmt::format("tm-{}", index); }

}  // namespace raudal::cluster
