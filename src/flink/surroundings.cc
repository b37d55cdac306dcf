#include "flink/surroundings.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::flink {
namespace {

std::string resolved(const std::string& path) {
  char absolute[PATH_MAX];
  return ::realpath(path.c_str(), absolute) ? std::string(absolute) : "";
}

// The value of NAME="value" in the file `release` that every JDK has since 9.
std::string release_value(const std::string& text, const std::string& name) {
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with(name + "=\"")) return line.substr(name.size() + 2, line.rfind('"') - name.size() - 2);
  }
  return "";
}

// "17.0.15" is 17, "1.8.0_392" is 8.
int major_of(const std::string& version) {
  auto parts = split(version, '.');
  if (parts.size() > 1 && parts[0] == "1") parts.erase(parts.begin());
  return static_cast<int>(parse_int(parts[0].substr(0, parts[0].find_first_not_of("0123456789"))).value_or(0));
}

// Adds the JDK of a home, unless it is none or known already. Nothing is run: the file `release` says which it is.
void add_jdk(Fs& fs, const std::string& home, std::vector<Jdk>& found) {
  const std::string real = home.empty() ? "" : resolved(home);
  if (real.empty() || std::any_of(found.begin(), found.end(), [&](const Jdk& jdk) { return jdk.home == real; })) return;
  const std::string java = join_path(real, "bin/java");
  const auto release = read_file(fs, join_path(real, "release"));
  if (!release.ok() || ::access(java.c_str(), X_OK) != 0) return;
  const std::string version = release_value(*release, "JAVA_VERSION");
  if (major_of(version) == 0) return;
  found.push_back({.major = major_of(version), .home = real, .java = java, .version = version});
}

}  // namespace

Surroundings Surroundings::of_this_process() {
  Surroundings result;
  if (const char* home = ::getenv("JAVA_HOME")) result.java_home = home;
  if (const char* path = ::getenv("PATH")) result.path = split(path, ':');
  return result;
}

std::vector<Jdk> list_jdks(Fs& fs, const Surroundings& surroundings) {
  std::vector<Jdk> found;
  add_jdk(fs, surroundings.java_home, found);
  for (const std::string& folder : surroundings.path) {
    // /usr/bin/java is a link into the JDK's bin.
    const std::string java = resolved(join_path(folder, "java"));
    if (!java.empty()) add_jdk(fs, parent_directory(parent_directory(java)), found);
  }
  const auto side_by_side = fs.list(surroundings.jvm_directory);
  if (!side_by_side.ok()) return found;
  for (const FileInfo& entry : *side_by_side) add_jdk(fs, join_path(surroundings.jvm_directory, entry.name), found);
  return found;
}

Result<Jdk> find_jdk(Fs& fs, const Surroundings& surroundings, const std::vector<int>& majors) {
  const std::vector<Jdk> found = list_jdks(fs, surroundings);
  for (const int major : majors) {
    const auto jdk = std::find_if(found.begin(), found.end(), [&](const Jdk& j) { return j.major == major; });
    if (jdk != found.end()) return *jdk;
  }
  std::vector<std::string> wanted, present;
  for (const int major : majors) wanted.push_back(std::to_string(major));
  for (const Jdk& jdk : found) present.push_back(fmt::format("{} in {}", jdk.version, jdk.home));
  return Error(
      ErrorCode::kNotFound,
      fmt::format("No Java {} was found: install the Debian package openjdk-17-jre-headless, or set JAVA_HOME. "
                  "Java that is here: {}",
                  join(wanted, " or "), present.empty() ? "none" : join(present, ", ")));
}

std::string find_program(const Surroundings& surroundings, const std::string& name) {
  for (const std::string& folder : surroundings.path) {
    const std::string program = join_path(folder, name);
    if (!folder.empty() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

}  // namespace raudal::flink
