#include "flink/assembly.h"

#include <stdlib.h>

#include <array>
#include <climits>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/zip.h"
#include "flink/followed_program.h"
#include "flink/maven.h"
#include "flink/poms.h"

namespace raudal::flink {
namespace {

constexpr int kDepthMax = 3;  // folders above lib/ in an archive
constexpr char kCopyGoal[] = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";
constexpr char kRuntimeArtifact[] = "com.amazonaws:aws-kinesisanalytics-runtime";
constexpr char kRuntimeVersion[] = "1.2.0";
constexpr char kS3Artifact[] = "org.apache.flink:flink-s3-fs-hadoop";
constexpr char kS3Folder[] = "plugins/s3-fs-hadoop";

// Whether a file is a jar of this artifact: its name goes on with a version.
bool is_jar_of(std::string_view file, std::string_view artifact) {
  if (!file.starts_with(artifact) || !file.ends_with(".jar")) return false;
  const std::string_view rest = file.substr(artifact.size());
  return rest == ".jar" || (rest.size() > 1 && rest[0] == '-' && rest[1] >= '0' && rest[1] <= '9');
}

Status tell(const Assembly& assembly, const std::string& stage, const std::string& detail = "") {
  if (assembly.progress({.stage = stage, .detail = detail})) return {};
  return Error(ErrorCode::kCancelled, "Ended on request");
}

Status copy_file(Fs& fs, const std::string& from, const std::string& to) {
  const auto source = TRY(fs.open(from, OpenMode::kRead));
  const auto target = TRY(fs.open(to, OpenMode::kCreate));
  std::string piece(1 << 20, '\0');
  int64_t offset = 0;
  while (const size_t got = TRY(source->read_at(offset, piece))) {
    TRY(target->append(std::string_view(piece.data(), got)));
    offset += static_cast<int64_t>(got);
  }
  return {};
}

// Copies the files of one folder that are wanted.
Status copy_folder(const Assembly& assembly, const std::string& from, const std::string& to,
                   const std::function<bool(const std::string&)>& wanted) {
  if (!exists(assembly.fs, from)) return {};
  for (const FileInfo& entry : TRY(assembly.fs.list(from))) {
    if (entry.is_directory || !wanted(entry.name)) continue;
    TRY(tell(assembly, "Copying", entry.name));
    TRY(assembly.fs.make_directories(to));
    TRY(copy_file(assembly.fs, join_path(from, entry.name), join_path(to, entry.name)));
  }
  return {};
}

// The jar that says which release a lib/ is of: that of a whole distribution, or of one put together from parts.
Result<std::string> release_jar(Fs& fs, const std::string& lib) {
  for (const char* artifact : {"flink-dist", "flink-runtime"}) {
    const std::string jar = TRY(find_jar(fs, lib, artifact));
    if (!jar.empty()) return base_name(jar).substr(std::string(artifact).size() + 1);
  }
  return std::string();
}

// The folder with lib/ of a Flink, at the top or some levels below; empty when there is none.
Result<std::string> find_flink(Fs& fs, const std::string& folder, int depth) {
  const std::string lib = join_path(folder, "lib");
  if (exists(fs, lib) && !TRY(release_jar(fs, lib)).empty()) return folder;
  if (depth == 0) return std::string();
  for (const FileInfo& entry : TRY(fs.list(folder))) {
    if (!entry.is_directory) continue;
    const std::string found = TRY(find_flink(fs, join_path(folder, entry.name), depth - 1));
    if (!found.empty()) return found;
  }
  return std::string();
}

Status unpack_tar(const Assembly& assembly, const std::string& path, const std::string& into) {
  const std::string tar = find_program(assembly.surroundings, "tar");
  if (tar.empty()) return Error(ErrorCode::kNotFound, "tar was not found: install the Debian package tar");
  TRY(assembly.fs.make_directories(into));
  FollowedProgram program;
  program.spec = {.program = tar,
                  .arguments = {"-xf", path, "-C", into, "--no-same-owner", "--no-same-permissions"},
                  .environment = {},
                  .working_directory = into,
                  .output_file = join_path(assembly.scratch, "tar.log"),
                  .descriptors = {},
                  .overlay_files = {},
                  .overlay_scratch = ""};
  program.go_on = [&] { return assembly.progress({.stage = "Unpacking", .detail = base_name(path)}); };
  const ProgramEnd end = TRY(run_followed(assembly.fs, assembly.process, program));
  if (end.status.code == 0 && end.status.signal == 0) return {};
  return Error(ErrorCode::kCorrupt,
               fmt::format("The archive cannot be unpacked ({}): {}",
                           end.last_lines.empty() ? "tar says nothing" : end.last_lines.front(), path));
}

// A folder to look into: the given one, or the archive unpacked.
Result<std::string> open_source(const Assembly& assembly, const std::string& path) {
  char absolute[PATH_MAX];
  if (!::realpath(path.c_str(), absolute)) return Error(ErrorCode::kNotFound, "No such folder or archive: " + path);
  if (TRY(assembly.fs.info(absolute)).is_directory) return std::string(absolute);
  const std::string into = join_path(assembly.scratch, "unpacked");
  if (path.ends_with(".zip")) {
    TRY(tell(assembly, "Unpacking", base_name(path)));
    TRY(codec::unpack_zip(assembly.fs, absolute, into));
  } else {
    TRY(unpack_tar(assembly, absolute, into));
  }
  return into;
}

// Takes one artifact by Maven; what does not come is noted as missing, since programs may do without it.
Status fetch_beside(const Assembly& assembly, const std::string& artifact, const std::string& version,
                    const std::string& folder, std::vector<std::string>& missing) {
  const Status fetched = run_maven(assembly, {kCopyGoal, "-Dartifact=" + artifact + ":" + version,
                                              "-DoutputDirectory=" + join_path(assembly.home, folder)});
  if (!fetched.ok() && fetched.error().code() == ErrorCode::kCancelled) return fetched;
  if (fetched.ok()) return {};
  missing.push_back(artifact);
  // Flink does not start with a plug-in's folder that is empty.
  const std::string target = join_path(assembly.home, folder);
  if (exists(assembly.fs, target) && TRY(assembly.fs.list(target)).empty()) TRY(assembly.fs.remove(target));
  return {};
}

// The patch number under which the plug-in was published for this version: the pom.xml knows it.
std::string s3_version(const FlinkVersion& version) {
  constexpr std::string_view kBegin = "<flink.s3.version>";
  const std::string_view pom = pom_of(version.runtime);
  const size_t at = pom.find(kBegin);
  CHECK(at != std::string_view::npos);
  const std::string_view rest = pom.substr(at + kBegin.size());
  return std::string(rest.substr(0, rest.find('<')));
}

Status copy_flink(const Assembly& assembly, const std::string& from) {
  const std::string& home = assembly.home;
  // Programs bring the Scala that they were compiled with; Flink's own would come before it.
  const auto is_scala = [](const std::string& file) { return file.starts_with("flink-scala_"); };
  TRY(copy_folder(assembly, join_path(from, "lib"), join_path(home, "lib"),
                  [&](const std::string& file) { return !is_scala(file); }));
  TRY(copy_folder(assembly, join_path(from, "opt"), join_path(home, "opt"),
                  [](const std::string& file) { return file.starts_with("flink-python"); }));
  TRY(copy_folder(assembly, join_path(from, "opt"), join_path(home, kS3Folder),
                  [](const std::string& file) { return is_jar_of(file, "flink-s3-fs-hadoop"); }));
  for (const char* plugin : {"metrics-prometheus", "s3-fs-hadoop"}) {
    const std::string folder = join_path("plugins", plugin);
    TRY(copy_folder(assembly, join_path(from, folder), join_path(home, folder),
                    [](const std::string& file) { return file.ends_with(".jar"); }));
  }
  return {};
}

}  // namespace

Result<std::string> find_jar(Fs& fs, const std::string& folder, const std::string& artifact) {
  if (!exists(fs, folder)) return std::string();
  for (const FileInfo& entry : TRY(fs.list(folder))) {
    if (!entry.is_directory && is_jar_of(entry.name, artifact)) return join_path(folder, entry.name);
  }
  return std::string();
}

Result<Assembled> assemble_with_maven(const Assembly& assembly) {
  const std::string_view pom = pom_of(assembly.version.runtime);
  CHECK(!pom.empty());
  const std::string file = join_path(assembly.scratch, "pom.xml");
  TRY(write_file_durably(assembly.fs, file, pom));
  TRY(tell(assembly, "Resolving artifacts"));
  TRY(run_maven(assembly, {"-f", file, "-Draudal.flink.home=" + assembly.home, "package"}));
  return Assembled{.release = std::string(assembly.version.release), .origin = "Maven", .missing = {}};
}

Result<Assembled> assemble_from(const Assembly& assembly, const std::string& path) {
  Fs& fs = assembly.fs;
  const std::string source = TRY(open_source(assembly, path));
  const std::string flink = TRY(find_flink(fs, source, kDepthMax));
  if (flink.empty()) {
    return Error(ErrorCode::kInvalidArgument, "No Flink distribution: there is no lib/flink-dist-*.jar in " + path);
  }
  std::string release = TRY(release_jar(fs, join_path(flink, "lib")));
  release = release.substr(0, release.size() - std::string_view(".jar").size());
  if (find_flink_version(release) != &assembly.version) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("This is Flink {}, not one of {}: {}", release, assembly.version.runtime, path));
  }
  TRY(copy_flink(assembly, flink));
  Assembled result{.release = release, .origin = path, .missing = {}};
  if (TRY(find_jar(fs, join_path(assembly.home, "lib"), "aws-kinesisanalytics-runtime")).empty()) {
    TRY(fetch_beside(assembly, kRuntimeArtifact, kRuntimeVersion, "lib", result.missing));
  }
  if (TRY(find_jar(fs, join_path(assembly.home, kS3Folder), "flink-s3-fs-hadoop")).empty()) {
    TRY(fetch_beside(assembly, kS3Artifact, s3_version(assembly.version), kS3Folder, result.missing));
  }
  return result;
}

Status check_home(Fs& fs, const std::string& home) {
  const std::string lib = join_path(home, "lib");
  const bool whole = !TRY(find_jar(fs, lib, "flink-dist")).empty();
  std::vector<std::string> needed{"log4j-core", "flink-table-planner-loader"};
  if (!whole)
    needed = {"flink-runtime",   "flink-clients",
              "flink-container", "flink-statebackend-rocksdb",
              "log4j-core",      "flink-table-planner-loader"};
  for (const std::string& artifact : needed) {
    if (!TRY(find_jar(fs, lib, artifact)).empty()) continue;
    return Error(ErrorCode::kCorrupt, fmt::format("The distribution is not whole, it lacks {}: {}", artifact, lib));
  }
  return {};
}

}  // namespace raudal::flink
