#include "flink/maven.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "flink/followed_program.h"

namespace raudal::flink {
namespace {

// What Maven said of its failure.
struct Complaints {
  std::vector<std::string> absent;  // group:artifact:version
  std::string unreachable;          // why its repository was not reached
  std::string first_error;
};

// The words "group:artifact:jar:version" after this text, without the packaging.
std::string artifact_after(std::string_view line, std::string_view text) {
  const size_t at = line.find(text);
  if (at == std::string_view::npos) return "";
  std::string_view rest = line.substr(at + text.size());
  rest = rest.substr(0, rest.find_first_of(" ,"));
  auto parts = split(rest, ':');
  if (parts.size() < 3) return "";
  if (parts.size() > 3) parts.erase(parts.begin() + 2);
  return join(parts, ":");
}

void listen(std::string_view line, Complaints& complaints) {
  if (line.find("[ERROR]") == std::string_view::npos && line.find("rror") == std::string_view::npos) return;
  for (const std::string_view text : {"Could not find artifact ", "Failure to find ", "was not found: "}) {
    const std::string artifact = artifact_after(line, text);
    if (artifact.empty() || artifact.starts_with("http")) continue;
    if (std::find(complaints.absent.begin(), complaints.absent.end(), artifact) == complaints.absent.end()) {
      complaints.absent.push_back(artifact);
    }
  }
  for (const std::string_view text : {"Could not transfer artifact", "in offline mode", "Unknown host",
                                      "Connection refused", "Temporary failure in name resolution"}) {
    if (complaints.unreachable.empty() && line.find(text) != std::string_view::npos) complaints.unreachable = line;
  }
  if (complaints.first_error.empty() && line.find("[ERROR]") != std::string_view::npos) complaints.first_error = line;
}

Error maven_error(const Assembly& assembly, const Complaints& complaints, const ProgramEnd& end) {
  std::string why;
  if (!complaints.absent.empty()) {
    why = "Maven does not find " + join(complaints.absent, ", ");
  } else if (!complaints.unreachable.empty()) {
    why = "Maven does not reach its repository: " + complaints.unreachable;
  } else if (!complaints.first_error.empty()) {
    why = "Maven failed: " + complaints.first_error;
  } else {
    const std::string last = end.last_lines.empty() ? "it printed nothing" : end.last_lines.back();
    why = end.status.signal != 0 ? fmt::format("Maven was killed by signal {}", end.status.signal)
                                 : fmt::format("Maven failed with exit code {}: {}", end.status.code, last);
  }
  constexpr size_t kLengthMax = 900;
  if (why.size() > kLengthMax) why = why.substr(0, kLengthMax) + "…";
  return Error(ErrorCode::kServiceUnavailable,
               fmt::format("{}. Without Maven, a Flink that is already there can be installed: raudal flink install {} "
                           "--from FOLDER|ARCHIVE. All that Maven said: {}",
                           why, assembly.version.runtime, assembly.log));
}

// "1.9 MB" in bytes.
int64_t bytes_of(std::string_view amount) {
  const size_t blank = amount.find(' ');
  if (blank == std::string_view::npos) return 0;
  const double number = parse_double(amount.substr(0, blank)).value_or(0);
  const std::string_view unit = amount.substr(blank + 1);
  if (unit.starts_with("k")) return static_cast<int64_t>(number * 1e3);
  if (unit.starts_with("M")) return static_cast<int64_t>(number * 1e6);
  if (unit.starts_with("G")) return static_cast<int64_t>(number * 1e9);
  return static_cast<int64_t>(number);
}

}  // namespace

Download parse_download(std::string_view line) {
  const size_t loading = line.find("Downloading from ");
  const size_t loaded = line.find("Downloaded from ");
  if (loading == std::string_view::npos && loaded == std::string_view::npos) return {};
  std::string_view url = line.substr(std::min(loading, loaded));
  const size_t colon = url.find(": ");
  if (colon == std::string_view::npos) return {};
  url.remove_prefix(colon + 2);
  const std::string_view address = url.substr(0, url.find(' '));
  Download download{.file = base_name(address), .complete = loaded != std::string_view::npos};
  const size_t open = url.find(" (");
  if (open != std::string_view::npos) download.size_bytes = bytes_of(url.substr(open + 2));
  return download;
}

Status run_maven(const Assembly& assembly, const std::vector<std::string>& arguments) {
  const Jdk jdk = TRY(find_jdk(assembly.fs, assembly.surroundings, assembly.version.java_majors));
  const std::string mvn = find_program(assembly.surroundings, "mvn");
  if (mvn.empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("Maven was not found: install the Debian package maven, or give a Flink that is already "
                             "there: raudal flink install {} --from FOLDER|ARCHIVE",
                             assembly.version.runtime));
  }
  Complaints complaints;
  Progress now{.stage = "Resolving artifacts", .detail = ""};
  FollowedProgram program;
  program.spec = {.program = mvn,
                  // -U: what was not found the last time is asked for again.
                  .arguments = {"-B", "-C", "-U", "-Dstyle.color=never"},
                  .environment = {{"JAVA_HOME", jdk.home}},
                  .working_directory = assembly.scratch,
                  .output_file = assembly.log,
                  .descriptors = {},
                  .overlay_files = {},
                  .overlay_scratch = ""};
  program.spec.arguments.insert(program.spec.arguments.end(), arguments.begin(), arguments.end());
  program.line = [&](std::string_view line) {
    listen(line, complaints);
    const Download download = parse_download(line);
    if (download.file.empty()) return;
    now.stage = "Downloading artifacts";
    now.detail = download.file;
    if (!download.complete || !download.file.ends_with(".jar")) return;
    ++now.files_done;
    now.bytes_done += download.size_bytes;
  };
  program.go_on = [&] { return assembly.progress(now); };
  const ProgramEnd end = TRY(run_followed(assembly.fs, assembly.process, program));
  if (end.status.code != 0 || end.status.signal != 0) return maven_error(assembly, complaints, end);
  return {};
}

}  // namespace raudal::flink
