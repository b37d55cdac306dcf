// The run directory: all that a worker is told, as files. Starting is not REST: a launcher writes this directory and
// starts processes on it; readiness is one byte on an inherited descriptor; everything after is the Flink REST API on
// `rest.sock` in the same directory.
//
//   launch.json                   LaunchFile, below; format version 1
//   application_properties.json   the property groups as the guide prints them (PropertyGroupId, PropertyMap)
//   code/                         the unpacked code package
//   lock                          flock'ed by the worker as long as it lives, through an inherited descriptor
//   checkpoints/                  the run's checkpoint log and state files (docs/design/checkpoint-format.md)
//   rest.sock                     the worker's REST server
//   worker.log                    log records, one JSON envelope a line
//   stderr.log                    what the process printed
//
// The control plane writes launch.json before each incarnation; the worker reads it once. Nothing in here is the only
// copy of a truth but `checkpoints/`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/ids.h"
#include "base/result.h"

namespace raudal::engine {

// Who runs a program, and what kind of program it is.
enum class EngineKind { kNative, kFlinkLocal, kFlinkRemote };
enum class ProgramKind { kSql, kJar, kPython };

// What a Flink cluster of a run is told beside what every engine is told. Used only where the engine is Flink.
struct FlinkLaunch {
  std::string version;          // of the runtime: "1.20", "2.2"
  int parallelism_per_kpu = 1;  // slots of a TaskManager: 1 … 8
  bool many_jobs = false;       // the program may execute() more than once: no fixed job id, no snapshots
  std::string main_class;       // empty: the manifest's; only where raudal.run.options names `class`
  std::string remote_address;   // flink-remote: the session cluster's REST address, "http://host:8081"
  std::vector<int> host_ports;  // ports of the machine's loopback that the program may reach under its own
  std::string metrics_level = "APPLICATION";
};

// How a program reaches the service: AWS's names lead there, with credentials of the application's role.
struct ServiceAccess {
  std::string tls_socket;           // Unix socket that speaks TLS for AWS's host names, HTTP/1.1 and HTTP/2
  std::string http_socket;          // Unix socket that speaks plain HTTP: credentials, Flink's own S3 file system
  std::string ca_file;              // PEM of the local CA that signed for those names
  std::string role_arn;             // whose credentials
  std::string credentials_token;    // what a program must show to get them
  std::vector<std::string> direct;  // services of AWS that are not redirected: "kinesis"; "*" for all
};

// Group id → key → value.
using PropertyGroups = std::map<std::string, std::map<std::string, std::string>>;

// What launch.json holds.
struct LaunchFile {
  RunIdentity identity;
  std::string application_arn;
  int64_t application_version = 1;
  std::string region;
  EngineKind engine = EngineKind::kNative;
  ProgramKind program = ProgramKind::kSql;
  std::string program_file;   // the SQL script, the JAR or the Python file, relative to code/
  int parallelism = 1;        // 1 … 256
  int max_parallelism = 128;  // key groups; 128 … 32 768, and fixed for the life of the state
  bool checkpointing_enabled = true;
  int64_t checkpoint_interval_ms = 60'000;
  int64_t min_pause_between_checkpoints_ms = 5'000;
  std::string restore_path;  // folder of a savepoint, absolute; empty: start empty. Used only while the
                             // run's own checkpoint log is empty: a newer checkpoint of the run wins.
  bool allow_non_restored_state = false;
  std::string log_level = "INFO";  // ERROR WARN INFO DEBUG
  int64_t memory_bytes_max = int64_t{4} << 30;
  std::map<std::string, std::string> engine_options;  // Flink option names; later wins over the program's SET
  FlinkLaunch flink;
  ServiceAccess service;
};

Status write_launch_file(Fs& fs, const std::string& run_directory, const LaunchFile& launch);
Result<LaunchFile> read_launch_file(Fs& fs, const std::string& run_directory);

// Flink's job id of a run: 32 hex digits, the first 16 bytes of SHA-256(application, run number). New for each run,
// kept across incarnations.
std::string job_id_of(const RunIdentity& identity);

// Names within a run directory.
inline constexpr char kLockFile[] = "lock";
inline constexpr char kRestSocket[] = "rest.sock";
inline constexpr char kCodeDirectory[] = "code";
inline constexpr char kPropertiesFile[] = "application_properties.json";
inline constexpr char kCheckpointDirectory[] = "checkpoints";
inline constexpr char kWorkerLog[] = "worker.log";
inline constexpr char kErrorOutput[] = "stderr.log";
// Descriptors that a worker inherits.
inline constexpr int kLockDescriptor = 3;
inline constexpr int kReadyDescriptor = 4;  // 'R' when the job runs; 'E' and the reason when it does not

// The JSON array of application_properties.json, and back.
std::string properties_to_json(const PropertyGroups& groups);
Result<PropertyGroups> properties_from_json(const std::string& text);

}  // namespace raudal::engine
