#include "control/lifecycle/code.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/zip.h"
#include "control/configuration/programs.h"
#include "control/configuration/settings.h"

namespace raudal::control::lifecycle {
namespace {

using configuration::CodeLocation;
using configuration::kJarFile;
using engine::ProgramKind;

constexpr int64_t kPackageBytesMax = int64_t{512} << 20;
constexpr int64_t kManifestBytesMax = 1 << 20;
constexpr char kManifestOfJar[] = "META-INF/MANIFEST.MF";

Error refuse(std::string why) { return Error(ErrorCode::kInvalidApplicationConfiguration, std::move(why)); }

// A package that was fetched, and what its version says of it.
struct Package {
  std::string path;
  std::string key;  // of the object; empty: inline
  const metadata::Version& version;
  engine::PropertyGroups groups;
};

// An error of the archive is the client's, any other ours.
Error refuse_archive(const Package& package, const Error& error) {
  if (error.code() != ErrorCode::kCodeValidation) return error;
  return refuse(fmt::format("The code package {}{}cannot be read: {}", package.key, package.key.empty() ? "" : " ",
                            error.message()));
}

Status fetch_package(Context& context, const CodeLocation& location, const std::string& path) {
  const auto size = context.objects.fetch(location.bucket, location.key, location.object_version, path);
  if (!size.ok() && size.error().code() == ErrorCode::kResourceNotFound) {
    return refuse(fmt::format("The application's code is missing: s3://{}/{} ({})", location.bucket, location.key,
                              size.error().message()));
  }
  if (!size.ok()) return size.error();
  if (*size > kPackageBytesMax) {
    return refuse(fmt::format("The code package is larger than {} MiB: s3://{}/{}", kPackageBytesMax >> 20,
                              location.bucket, location.key));
  }
  return {};
}

// The value of Main-Class in a manifest; empty where there is none. Long lines go on after a line break and a blank.
std::string main_class_of(const std::string& manifest) {
  std::string text;
  for (const char c : manifest) {
    if (c != '\r') text += c;
  }
  for (size_t at; (at = text.find("\n ")) != std::string::npos;) text.erase(at, 2);
  for (const std::string& line : split(text, '\n')) {
    const size_t colon = line.find(':');
    if (colon != std::string::npos && to_lower(trim(std::string_view(line).substr(0, colon))) == "main-class") {
      return std::string(trim(std::string_view(line).substr(colon + 1)));
    }
  }
  return "";
}

Status check_main_class(Context& context, const std::string& jar, const Package& package) {
  if (!TRY(configuration::read_run_options(package.groups)).main_class.empty()) return {};
  const auto manifest = codec::read_zip_entry(context.fs, jar, kManifestOfJar, kManifestBytesMax);
  if (!manifest.ok() && manifest.error().code() != ErrorCode::kNotFound)
    return refuse_archive(package, manifest.error());
  if (manifest.ok() && !main_class_of(*manifest).empty()) return {};
  return refuse(
      fmt::format("The JAR names no Main-Class in its manifest: build it with one, or name the class as `class` "
                  "in the property group {}",
                  configuration::kRunOptionsGroup));
}

Result<std::vector<std::string>> unpack(Context& context, const Package& package, const std::string& directory) {
  auto files = codec::unpack_zip(context.fs, package.path, directory);
  if (!files.ok()) return refuse_archive(package, files.error());
  return files;
}

Status stage_jar(Context& context, const Package& package, const std::string& directory) {
  TRY(configuration::check_program(package.version, ProgramKind::kJar));
  TRY(check_main_class(context, package.path, package));
  // An inline package stays where it is, for the next start.
  const std::string jar = join_path(directory, kJarFile);
  if (package.key.empty()) return context.fs.link(package.path, jar);
  return context.fs.rename(package.path, jar);
}

// A ZIP that holds nothing but one JAR, beside what is no code, stands for that JAR.
Status stage_jar_in_zip(Context& context, const Package& package, const std::string& directory,
                        const std::string& name) {
  TRY(configuration::check_program(package.version, ProgramKind::kJar));
  const std::string unpacked = directory + ".unpacked";
  TRY(context.fs.remove_all(unpacked));
  TRY(unpack(context, package, unpacked));
  const std::string jar = join_path(directory, kJarFile);
  TRY(context.fs.rename(join_path(unpacked, name), jar));
  TRY(context.fs.remove_all(unpacked));
  return check_main_class(context, jar, package);
}

Status stage_python(Context& context, const Package& package, const configuration::PythonFiles& python,
                    const std::string& directory) {
  TRY(configuration::check_program(package.version, ProgramKind::kPython));
  TRY(unpack(context, package, directory));
  std::vector<std::string> wanted = python.others;
  wanted.push_back(python.main);
  for (const std::string& file : wanted) {
    const bool inside = !file.starts_with('/') && file.find("..") == std::string::npos;
    if (!inside || !exists(context.fs, join_path(directory, file))) {
      return refuse(
          fmt::format("The code package holds no {}, which the property group {} names: paths are relative to "
                      "the root of the ZIP",
                      file, configuration::kPythonGroup));
    }
  }
  return {};
}

bool any_ends_with(const std::vector<std::string>& files, std::string_view end) {
  return std::ranges::any_of(files, [&](const std::string& file) { return file.ends_with(end); });
}

Error refuse_unknown(const std::vector<std::string>& files, const std::string& sql) {
  if (any_ends_with(files, ".py")) {
    return refuse(
        fmt::format("The code package holds Python files: name the main one as `python` in the property group "
                    "{}",
                    configuration::kPythonGroup));
  }
  if (any_ends_with(files, ".jar")) {
    return refuse("The code package holds several JARs: upload the one with the program in it, with all it needs");
  }
  return refuse(
      fmt::format("The code package holds no {}: name its SQL program main.sql, or name the file as `sql` in "
                  "the property group {}",
                  sql, configuration::kRunOptionsGroup));
}

// Finds out what the package is by the properties and by what it holds.
Status stage_package(Context& context, const Package& package, const std::string& directory) {
  const auto python = TRY(configuration::read_python_files(package.groups));
  if (python) return stage_python(context, package, *python, directory);
  const auto listed = codec::list_zip(context.fs, package.path);
  if (!listed.ok()) return refuse_archive(package, listed.error());
  const std::vector<std::string>& files = *listed;
  const std::string sql = configuration::program_file(package.groups, ProgramKind::kSql);
  if (std::ranges::find(files, sql) != files.end()) {
    TRY(configuration::check_program(package.version, ProgramKind::kSql));
    TRY(unpack(context, package, directory));
    return {};
  }
  if (package.key.ends_with(".jar") || any_ends_with(files, ".class") ||
      std::ranges::find(files, kManifestOfJar) != files.end()) {
    return stage_jar(context, package, directory);
  }
  const auto is_jar = [](const std::string& file) { return file.ends_with(".jar"); };
  if (std::ranges::count_if(files, is_jar) == 1 && !any_ends_with(files, ".py")) {
    return stage_jar_in_zip(context, package, directory, *std::ranges::find_if(files, is_jar));
  }
  return refuse_unknown(files, sql);
}

Status stage_text(Context& context, const CodeLocation& location, const metadata::Version& version,
                  const engine::PropertyGroups& groups, const std::string& directory) {
  if (TRY(configuration::read_python_files(groups))) {
    return refuse("A Python program comes in a ZIP: CodeContentType must be ZIPFILE, not PLAINTEXT");
  }
  TRY(configuration::check_program(version, ProgramKind::kSql));
  const std::string sql = configuration::program_file(groups, ProgramKind::kSql);
  if (sql != "main.sql") return refuse_unknown({}, sql);
  return write_file_durably(context.fs, join_path(directory, sql), location.text);
}

}  // namespace

Status stage_code(Context& context, const metadata::Application& application, const metadata::Version& version,
                  const std::string& directory) {
  TRY(configuration::check_runnable(version));
  const CodeLocation location = configuration::code_location(version);
  Package package{.path = directory + ".zip",
                  .key = location.key,
                  .version = version,
                  .groups = configuration::property_groups(version.configuration)};
  TRY(context.fs.remove_all(directory));
  TRY(context.fs.make_directories(directory));
  switch (location.kind) {
    case CodeLocation::Kind::kNone: return refuse(fmt::format("The application has no code: {}", application.name));
    case CodeLocation::Kind::kText: return stage_text(context, location, version, package.groups, directory);
    case CodeLocation::Kind::kInlineZip:
      package.path = join_path(context.options.data_directory, version.inline_code);
      return stage_package(context, package, directory);
    case CodeLocation::Kind::kS3: break;
  }
  TRY(fetch_package(context, location, package.path));
  const Status staged = stage_package(context, package, directory);
  TRY(context.fs.remove_all(package.path));
  return staged;
}

engine::ProgramKind staged_program(Fs& fs, const metadata::Version& version, const std::string& directory) {
  const auto groups = configuration::property_groups(version.configuration);
  const auto python = configuration::read_python_files(groups);
  if (python.ok() && *python) return ProgramKind::kPython;
  const bool sql = exists(fs, join_path(directory, configuration::program_file(groups, ProgramKind::kSql)));
  return !sql && exists(fs, join_path(directory, kJarFile)) ? ProgramKind::kJar : ProgramKind::kSql;
}

std::string staging_directory(const Context& context, const metadata::Application& application,
                              const std::string& operation_id) {
  return fmt::format("{}/incoming/{}", application_directory(context.options, application), operation_id);
}

}  // namespace raudal::control::lifecycle
