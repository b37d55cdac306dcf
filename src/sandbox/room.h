// The room of one application: the namespaces, files, names and ports among which its programs run, so that they reach
// AWS's names as on AWS and nothing of another application. `raudal-flink` makes one room a run and starts the
// JobManager, the TaskManagers and their Python workers in it. Everything in the room dies with the process that made
// it, also when that is killed by SIGKILL, and nothing of it is left on the machine. docs/design/room.md draws it.
//
//   Room room = Room::make(options);        // in the supervisor, before it starts threads
//   room.spawn({.program = java, ...});     // a Process like any other; pids are the room's
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace raudal::sandbox {

// A file that programs see at a path below /etc. Either its text, or a file of the machine to be shown.
struct OverlayFile {
  std::string path;     // "/etc/flink/application_properties.json"
  std::string content;  // used where `source` is empty
  std::string source;   // absolute path of an existing file
};

// How programs reach AWS's names: through two Unix sockets of the service.
struct ServiceDoor {
  std::string tls_socket;           // takes what comes to port 443 of AWS's names
  std::string http_socket;          // takes port 80 of AWS's names, and the credentials endpoint; empty: none
  std::string ca_file;              // PEM of the CA that signs behind tls_socket; empty: none
  std::string credentials_token;    // what a program shows at /credentials
  std::vector<std::string> direct;  // services that keep their real address: "kinesis"; "*" for all
  std::string region;               // "us-east-1"
};

// What a room may use, where the machine has cgroups for it. Zero: no limit.
struct RoomLimits {
  int64_t memory_bytes_max = 0;
  double cpus_max = 0;
  int64_t processes_max = 0;
};

struct RoomOptions {
  std::string run_directory;                 // gets room/ (scratch) and rest.sock; absolute
  std::string application_directory;         // shown read-only at the same path; holds run_directory
  std::string data_directory;                // the service's; hidden even where a listed path holds it
  std::vector<std::string> read_only_paths;  // shown at the same path: Flink's folder, a venv; need not exist
  std::vector<std::string> writable_paths;   // files and folders to write to, at the same path; they must exist
  std::vector<OverlayFile> etc_files;
  ServiceDoor service;
  std::string java_home;        // whose trust store gets the CA; empty: no Java runs in here
  std::string trust_directory;  // cache of trust stores, kept from run to run; empty: below the run directory
  std::vector<int> host_ports;  // 127.0.0.1:P in the room leads to 127.0.0.1:P of the machine
  int rest_port = 0;            // run_directory/rest.sock leads to this port of address() in the room; 0: none
  RoomLimits limits;
  int lock_descriptor = -1;   // kept open until the last process of the room is gone; the caller's stays open
  bool allow_way_out = true;  // to other machines, by slirp4netns
  // For tests and for machines that want less: what not to try.
  bool try_mounts = true;
  bool try_network = true;
};

// A living room. All but make() may be called from any thread. The destructor kills all that is in it.
class Room final : public Process {
 public:
  // kIo when not even a process can be started; what the machine forbids is told by has_*() and shortcomings().
  static Result<std::unique_ptr<Room>> make(RoomOptions options);
  ~Room() override;

  bool has_mounts() const;   // files of other applications, /tmp and other processes are out of sight
  bool has_network() const;  // ports of other applications and of the machine are out of reach
  bool has_limits() const;   // a control group bounds the room as asked; if not, limits_reason() says why
  const std::string& limits_reason() const;
  // Moves the bound on memory of a room that has one.
  Status set_memory_max(int64_t bytes);
  // Whether programs reach other machines; if not, way_out_reason() is a sentence that says why.
  bool has_way_out() const;
  const std::string& way_out_reason() const;
  // What of files, processes and ports is shared with others, one sentence each, for the log. Empty in a full room; the
  // way out and the limits have reasons of their own.
  const std::vector<std::string>& shortcomings() const;

  // Where the room's programs listen and find each other: 127.0.0.1 with a network of its own; else an address
  // 127.x.y.z derived from the run directory.
  const std::string& address() const;

  // Variables that every program of the room gets (spawn adds them, the caller's win): PATH, HOME, AWS_*, CA bundles.
  // Of the supervisor's own environment only the language and the time zone go on.
  const std::vector<std::pair<std::string, std::string>>& environment() const;
  // -Djavax.net.ssl.trustStore=… and what else a JVM needs to live here.
  const std::vector<std::string>& jvm_options() const;

  // Starts a program in the room. It leads its own process group there. spec.output_file is a path of the machine;
  // program and working_directory are paths as seen in the room. spec.overlay_files must be empty.
  Result<pid_t> spawn(const ProcessSpec& spec) override;
  Result<std::optional<ExitStatus>> poll(pid_t pid) override;
  Status signal_group(pid_t pid, int signal) override;
  // The pid by which the machine knows a process of the room, for /proc/<pid>: kNotFound when it is gone.
  Result<pid_t> machine_pid(pid_t pid);

  // Ends all that is in the room, and returns when the last process is gone. Also done by the destructor.
  void close();

 private:
  class Impl;
  explicit Room(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// 127.x.y.z of a room without a network of its own: the same for one run directory, and unlikely for two.
std::string address_of_run(const std::string& run_directory);

}  // namespace raudal::sandbox
