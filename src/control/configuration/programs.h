// What a version's program is and which engine runs it: SQL on the native one; JARs and Python on Flink, started here
// or a session cluster that is there already. The property group raudal.run.options may say otherwise, and what cannot
// be is refused here with the reason.
//
//   raudal.run.options
//     engine                  native | flink; normally the program decides
//     sql                     the SQL program's name in the package; main.sql
//     class                   the JAR's main class, where its manifest names none or another
//     jobs                    one | many: the program calls execute() more than once
//     host.ports              "9092,5432": ports of the machine's loopback that the program may reach under its own
//     flink.rest.address      "http://host:8081": the session cluster that runs the JAR
//     flink.savepoint.directory  a folder at the same path on this machine and on that cluster
//     every other key with a dot is an option of Flink's
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/metadata/records.h"
#include "engine/run_directory.h"

namespace raudal::control::configuration {

inline constexpr std::string_view kRunOptionsGroup = "raudal.run.options";
inline constexpr std::string_view kPythonGroup = "kinesis.analytics.flink.run.options";
// Name of a JAR in the code folder of a run, whatever its object is called.
inline constexpr char kJarFile[] = "application.jar";

struct RunOptions {
  std::optional<bool> flink;  // what `engine` says; none: the program decides
  std::string sql = "main.sql";
  std::string main_class;
  bool many_jobs = false;
  std::vector<int> host_ports;
  std::string remote_address;
  std::string savepoint_directory;
  std::map<std::string, std::string> flink_options;
};

// kInvalidApplicationConfiguration for a value that means nothing.
Result<RunOptions> read_run_options(const engine::PropertyGroups& groups);

// The files of a Python program, relative to the package.
struct PythonFiles {
  std::string main;
  std::vector<std::string> others;  // jarfile, pyFiles, pyArchives
};

// None where the properties do not make the program a Python one. kInvalidApplicationConfiguration for what the
// service does not have: pyModule, pyExecutable, pyRequirements, or files without `python`.
Result<std::optional<PythonFiles>> read_python_files(const engine::PropertyGroups& groups);

// The program's name in the code folder.
std::string program_file(const engine::PropertyGroups& groups, engine::ProgramKind program);
engine::EngineKind engine_of(const RunOptions& options, engine::ProgramKind program);
// "1.20" for FLINK-1_20; 2.3 runs as 2.2 does. Empty for what is no Flink.
std::string flink_version(std::string_view runtime);

// kInvalidApplicationConfiguration when nothing here runs this version, whatever its program is, with what to do.
Status check_runnable(const metadata::Version& version);
// The same, once the program is known.
Status check_program(const metadata::Version& version, engine::ProgramKind program);

// Why a version has no snapshots although they are not disabled; empty: it has.
std::string no_snapshots_reason(const metadata::Version& version);

}  // namespace raudal::control::configuration
