#include "control/configuration/programs.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "control/configuration/settings.h"
#include "control/configuration/versions.h"

namespace raudal::control::configuration {
namespace {

using engine::EngineKind;
using engine::ProgramKind;
using engine::PropertyGroups;
using Properties = std::map<std::string, std::string>;

constexpr int kPortMax = 65'535;

Error refuse(std::string why) { return Error(ErrorCode::kInvalidApplicationConfiguration, std::move(why)); }

Error refuse_option(std::string_view key, const std::string& value, std::string_view wanted) {
  return refuse(fmt::format("{} of the property group {} must be {}: {}", key, kRunOptionsGroup, wanted, value));
}

const Properties* find_group(const PropertyGroups& groups, std::string_view id) {
  const auto found = groups.find(std::string(id));
  return found == groups.end() ? nullptr : &found->second;
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> parts;
  for (const std::string& part : split(text, ',')) {
    if (!trim(part).empty()) parts.emplace_back(trim(part));
  }
  return parts;
}

Result<std::vector<int>> read_ports(const std::string& text) {
  std::vector<int> ports;
  for (const std::string& part : list_of(text)) {
    const auto port = parse_int(part);
    if (!port || *port < 1 || *port > kPortMax) {
      return refuse_option("host.ports", text, "numbers of ports, separated by commas");
    }
    ports.push_back(static_cast<int>(*port));
  }
  return ports;
}

Status read_option(const std::string& key, const std::string& value, RunOptions& options) {
  if (key == "engine") {
    if (value != "native" && value != "flink") return refuse_option(key, value, "native or flink");
    options.flink = value == "flink";
  } else if (key == "jobs") {
    if (value != "one" && value != "many") return refuse_option(key, value, "one or many");
    options.many_jobs = value == "many";
  } else if (key == "flink.rest.address") {
    if (!value.starts_with("http://")) return refuse_option(key, value, "an address like http://host:8081");
    options.remote_address = value.ends_with('/') ? value.substr(0, value.size() - 1) : value;
  } else if (key == "flink.savepoint.directory") {
    if (!value.starts_with('/')) return refuse_option(key, value, "the absolute path of a folder");
    options.savepoint_directory = value;
  } else if (key == "host.ports") {
    options.host_ports = TRY(read_ports(value));
  } else if (key == "sql") {
    options.sql = value;
  } else if (key == "class") {
    options.main_class = value;
  } else if (key.find('.') != std::string::npos) {
    options.flink_options[key] = value;
  }
  return {};
}

// The value of a property whose first letter the guide writes in two ways.
std::string value_of(const Properties& group, std::string name) {
  if (const auto found = group.find(name); found != group.end()) return found->second;
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  const auto found = group.find(name);
  return found == group.end() ? "" : found->second;
}

}  // namespace

Result<RunOptions> read_run_options(const PropertyGroups& groups) {
  RunOptions options;
  const Properties* group = find_group(groups, kRunOptionsGroup);
  if (group == nullptr) return options;
  for (const auto& [key, value] : *group) TRY(read_option(key, value, options));
  if (!options.remote_address.empty() && options.flink == false) {
    return refuse("flink.rest.address names a Flink cluster, and engine is native: leave one of them out");
  }
  return options;
}

Result<std::optional<PythonFiles>> read_python_files(const PropertyGroups& groups) {
  const Properties* group = find_group(groups, kPythonGroup);
  if (group == nullptr) return std::optional<PythonFiles>();
  for (const char* unsupported : {"pyModule", "pyExecutable", "pyRequirements"}) {
    if (!value_of(*group, unsupported).empty()) {
      return refuse(
          fmt::format("{} is not supported (property group {}): name the main file as python, and put all it "
                      "needs into the package, named by pyFiles, pyArchives and jarfile",
                      unsupported, kPythonGroup));
    }
  }
  PythonFiles files{.main = value_of(*group, "python"), .others = {}};
  for (const char* name : {"jarfile", "pyFiles", "pyArchives"}) {
    for (std::string& file : list_of(value_of(*group, name))) files.others.push_back(std::move(file));
  }
  if (files.main.empty() && !files.others.empty()) {
    return refuse(
        fmt::format("The property group {} names files and no main program: name it as python", kPythonGroup));
  }
  if (files.main.empty()) return std::optional<PythonFiles>();
  return std::optional(std::move(files));
}

std::string program_file(const PropertyGroups& groups, ProgramKind program) {
  switch (program) {
    case ProgramKind::kJar: return kJarFile;
    case ProgramKind::kPython: {
      const auto files = read_python_files(groups);
      return files.ok() && *files ? (*files)->main : "";
    }
    case ProgramKind::kSql: break;
  }
  const auto options = read_run_options(groups);
  return options.ok() ? options->sql : RunOptions().sql;
}

EngineKind engine_of(const RunOptions& options, ProgramKind program) {
  if (program == ProgramKind::kSql) return EngineKind::kNative;
  return options.remote_address.empty() ? EngineKind::kFlinkLocal : EngineKind::kFlinkRemote;
}

std::string flink_version(std::string_view runtime) {
  if (!is_flink(runtime)) return "";
  std::string version(runtime.substr(std::string_view("FLINK-").size()));
  std::ranges::replace(version, '_', '.');
  return version == "2.3" ? "2.2" : version;
}

Status check_runnable(const metadata::Version& version) {
  if (is_sql(version.runtime))
    return refuse("SQL-1_0 applications cannot run here: use a FLINK runtime and a SQL program");
  if (is_zeppelin(version.runtime)) return refuse("Studio notebooks cannot run here: use a FLINK runtime");
  if (version.runtime == "FLINK-1_13")
    return refuse("FLINK-1_13 is no longer run: update RuntimeEnvironment to a newer one");
  const auto groups = property_groups(version.configuration);
  TRY(read_run_options(groups));
  TRY(read_python_files(groups));
  return {};
}

Status check_program(const metadata::Version& version, ProgramKind program) {
  const RunOptions options = TRY(read_run_options(property_groups(version.configuration)));
  if (program == ProgramKind::kSql) {
    if (options.flink == true || !options.remote_address.empty()) {
      return refuse(
          "SQL programs run on the native engine alone: leave out engine and flink.rest.address, or put the SQL into a "
          "Java or Python program");
    }
    if (options.many_jobs) return refuse("jobs = many is for JARs and Python: a SQL program is one job");
    return {};
  }
  const std::string_view what = program == ProgramKind::kJar ? "A JAR" : "A Python program";
  if (options.flink == false) return refuse(fmt::format("{} needs Flink: leave out engine = native", what));
  if (program == ProgramKind::kPython && !options.remote_address.empty()) {
    return refuse("A session cluster takes JARs alone, no Python programs: leave out flink.rest.address");
  }
  if (options.many_jobs && !options.remote_address.empty()) {
    return refuse("A session cluster runs programs of one job: leave out jobs = many or flink.rest.address");
  }
  return {};
}

std::string no_snapshots_reason(const metadata::Version& version) {
  const auto options = read_run_options(property_groups(version.configuration));
  if (!options.ok() || !options->many_jobs) return "";
  return fmt::format("a program of many jobs (jobs = many in {}) has no common snapshot", kRunOptionsGroup);
}

}  // namespace raudal::control::configuration
