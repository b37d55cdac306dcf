#include "control/lifecycle/code.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/zip.h"
#include "control/configuration/settings.h"

namespace raudal::control::lifecycle {
namespace {

using configuration::CodeLocation;

constexpr int64_t kPackageBytesMax = int64_t{512} << 20;
constexpr char kManifestOfJar[] = "META-INF/MANIFEST.MF";

Error refuse(std::string why) { return Error(ErrorCode::kInvalidApplicationConfiguration, std::move(why)); }

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

Status check_program(const std::vector<std::string>& files, const std::string& program, const std::string& key) {
  if (std::binary_search(files.begin(), files.end(), program)) return {};
  if (key.ends_with(".jar") || std::binary_search(files.begin(), files.end(), kManifestOfJar)) {
    return refuse(
        "The code package is a JAR, which needs a real Apache Flink cluster and cannot run here: put a SQL "
        "program main.sql into a ZIP");
  }
  return refuse(
      fmt::format("The code package holds no {}: name its SQL program main.sql, or name the file as `sql` in "
                  "the property group {}",
                  program, configuration::kRunOptionsGroup));
}

Status unpack(Context& context, const std::string& zip, const std::string& directory, const std::string& program,
              const std::string& key) {
  auto files = codec::unpack_zip(context.fs, zip, directory);
  if (!files.ok() && files.error().code() == ErrorCode::kCodeValidation) {
    return refuse("The code package cannot be unpacked: " + files.error().message());
  }
  if (!files.ok()) return files.error();
  return check_program(*files, program, key);
}

Status stage_text(Context& context, const std::string& text, const std::string& directory, const std::string& program) {
  if (program != "main.sql") return check_program({}, program, "");
  return write_file_durably(context.fs, join_path(directory, program), text);
}

}  // namespace

Status stage_code(Context& context, const metadata::Application& application, const metadata::Version& version,
                  const std::string& directory) {
  TRY(configuration::check_runnable(version));
  const CodeLocation location = configuration::code_location(version);
  const std::string program = configuration::program_file(configuration::property_groups(version.configuration));
  TRY(context.fs.remove_all(directory));
  TRY(context.fs.make_directories(directory));
  switch (location.kind) {
    case CodeLocation::Kind::kNone: return refuse(fmt::format("The application has no code: {}", application.name));
    case CodeLocation::Kind::kText: return stage_text(context, location.text, directory, program);
    case CodeLocation::Kind::kInlineZip:
      return unpack(context, join_path(context.options.data_directory, version.inline_code), directory, program, "");
    case CodeLocation::Kind::kS3: break;
  }
  const std::string package = directory + ".zip";
  TRY(fetch_package(context, location, package));
  const Status unpacked = unpack(context, package, directory, program, location.key);
  TRY(context.fs.remove(package));
  return unpacked;
}

std::string staging_directory(const Context& context, const metadata::Application& application,
                              const std::string& operation_id) {
  return fmt::format("{}/incoming/{}", application_directory(context.options, application), operation_id);
}

}  // namespace raudal::control::lifecycle
