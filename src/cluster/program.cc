#include "cluster/program.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/zip.h"

namespace raudal::cluster {
namespace {

constexpr int64_t kManifestBytesMax = 1 << 20;
constexpr char kPythonDriver[] = "org.apache.flink.client.python.PythonDriver";

Error refuse(std::string why) { return Error(ErrorCode::kCodeValidation, std::move(why)); }

Result<Program> resolve_jar(Fs& fs, const std::string& code, const engine::LaunchFile& launch) {
  Program program;
  program.jar = join_path(code, launch.program_file);
  if (!exists(fs, program.jar)) return refuse("The code package has no JAR " + launch.program_file);
  program.main_class = launch.flink.main_class;
  if (program.main_class.empty()) {
    Result<std::string> manifest = codec::read_zip_entry(fs, program.jar, "META-INF/MANIFEST.MF", kManifestBytesMax);
    if (!manifest.ok() && manifest.error().code() != ErrorCode::kNotFound) {
      return refuse(fmt::format("{} is not a JAR: {}", launch.program_file, manifest.error().message()));
    }
    if (manifest.ok()) program.main_class = main_class_of_manifest(*manifest);
    if (program.main_class.empty()) {
      return refuse(fmt::format(
          "{} names no Main-Class in META-INF/MANIFEST.MF: name one there, or as `class` in the property group "
          "raudal.run.options",
          launch.program_file));
    }
  }
  std::string entry = program.main_class;
  std::replace(entry.begin(), entry.end(), '.', '/');
  const std::vector<std::string> entries = TRY(codec::list_zip(fs, program.jar));
  if (std::find(entries.begin(), entries.end(), entry + ".class") == entries.end())
    return refuse(fmt::format("{} has no class {}, which is to run", launch.program_file, program.main_class));
  return program;
}

// Paths of a property, separated by commas, made absolute; each must be in the package.
Result<std::vector<std::string>> paths_of(Fs& fs, const std::string& code, const std::string& key,
                                          const std::string& value) {
  std::vector<std::string> paths;
  for (const std::string& part : split(value, ',')) {
    const std::string name(trim(part));
    if (name.empty()) continue;
    const size_t hash = name.find('#');  // archive.zip#folder: Flink's own syntax
    const std::string path = join_path(code, name.substr(0, hash));
    if (!exists(fs, path)) return refuse(fmt::format("The code package has no {}, which {} names", name, key));
    paths.push_back(hash == std::string::npos ? path : path + name.substr(hash));
  }
  return paths;
}

Result<Program> resolve_python(Fs& fs, const std::string& run_directory, const engine::LaunchFile& launch) {
  const std::string code = join_path(run_directory, engine::kCodeDirectory);
  const auto groups =
      TRY(engine::properties_from_json(TRY(read_file(fs, join_path(run_directory, engine::kPropertiesFile)))));
  engine::PropertyGroups::mapped_type options;
  if (const auto found = groups.find(kRunOptionsGroup); found != groups.end()) options = found->second;
  const std::string file = join_path(code, launch.program_file);
  if (!exists(fs, file)) return refuse("The code package has no Python file " + launch.program_file);
  Program program;
  program.python = true;
  program.main_class = kPythonDriver;
  program.arguments = {"-py", file};
  for (const auto& [key, value] : options) {
    const std::string name = to_lower(key);
    if (name == "pyfiles" || name == "pyarchives") {
      const auto paths = TRY(paths_of(fs, code, key, value));
      if (paths.empty()) continue;
      program.arguments.push_back(name == "pyfiles" ? "-pyfs" : "-pyarch");
      program.arguments.push_back(join(paths, ","));
    } else if (name == "jarfile" || name == "jarfiles") {
      const auto paths = TRY(paths_of(fs, code, key, value));
      if (paths.size() > 1) return refuse("`jarfile` names more than one JAR; put them into one");
      if (!paths.empty()) program.jar = paths.front();
    } else if (name == "pymodule" || name == "pyexecutable" || name == "pyrequirements") {
      return refuse(
          fmt::format("{} is not supported in {}: all that a program needs is in its package", key, kRunOptionsGroup));
    }
  }
  return program;
}

}  // namespace

std::string main_class_of_manifest(const std::string& manifest) {
  std::string unfolded;  // a line that begins with a blank continues the one before
  for (const std::string& raw : split(manifest, '\n')) {
    std::string_view line = raw;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(' ')) {
      unfolded.append(line.substr(1));
    } else {
      unfolded.append("\n").append(line);
    }
  }
  for (const std::string& line : split(unfolded, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos || !equals_ignore_case(line.substr(0, colon), "Main-Class")) continue;
    return std::string(trim(line.substr(colon + 1)));
  }
  return "";
}

Result<Program> resolve_program(Fs& fs, const std::string& run_directory, const engine::LaunchFile& launch) {
  switch (launch.program) {
    case engine::ProgramKind::kJar: return resolve_jar(fs, join_path(run_directory, engine::kCodeDirectory), launch);
    case engine::ProgramKind::kPython: return resolve_python(fs, run_directory, launch);
    case engine::ProgramKind::kSql: break;
  }
  return Error(ErrorCode::kUnsupportedOperation,
               "A SQL program does not run on a Flink cluster yet: use the native engine");
}

}  // namespace raudal::cluster
