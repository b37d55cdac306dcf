#include "apps/raudal/flink_command.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "apps/raudal/flink_progress.h"
#include "flink/distributions.h"
#include "flink/python_environments.h"

namespace raudal::apps {
namespace {

int fail(const Error& error) {
  fmt::print(stderr, "raudal: {}\n", error.message());
  return 1;
}

std::string megabytes(int64_t bytes) { return fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6); }

void print_installed(const flink::Distribution& distribution) {
  fmt::print("Flink {} is installed for runtime {}: {} files, {}, in {}\n", distribution.release,
             distribution.version->runtime, distribution.num_files, megabytes(distribution.size_bytes),
             distribution.home);
  for (const std::string& artifact : distribution.missing) {
    fmt::print("It lacks {}: programs that take it for provided do not start\n", artifact);
  }
}

// What `list` says of one runtime, and whether it is as it should be.
bool print_row(flink::Distributions& distributions, const flink::FlinkVersion& version, bool verify) {
  std::string state = "not installed", size = "-", origin = "-", release(version.release);
  bool right = true;
  if (version.support != flink::Support::kInstallable) {
    state = "not served";
  } else if (distributions.present(std::string(version.runtime))) {
    const auto found = distributions.find(std::string(version.runtime));
    Status whole = found.ok() ? Status() : Status(found.error());
    if (whole.ok() && verify) whole = distributions.verify(std::string(version.runtime));
    right = whole.ok();
    state = right ? (verify ? "verified" : "installed") : "damaged";
    if (found.ok()) {
      release = found->release;
      size = megabytes(found->size_bytes);
      origin = found->origin;
    }
    if (!right) fmt::print(stderr, "raudal: {}\n", whole.error().message());
  }
  const auto jdk = distributions.jdk_for(version);
  const std::string java = version.java_majors.empty() ? "-" : jdk.ok() ? jdk->version : "missing";
  fmt::print("{:<9}{:<9}{:<15}{:>8}  {:<10}{}\n", version.runtime, release.empty() ? "-" : release, state, size, java,
             origin);
  return right;
}

}  // namespace

void FlinkCommand::describe(CLI::App& raudal) {
  flink_ = raudal.add_subcommand("flink", "Install, list and remove the Apache Flink that runs JARs and PyFlink");
  flink_->require_subcommand(1);
  install_ = flink_->add_subcommand(
      "install", "Install Flink for a runtime: by Maven, or from a distribution that is already there");
  list_ = flink_->add_subcommand("list", "Show the runtimes, what serves them, and what is installed");
  remove_ = flink_->add_subcommand("remove", "Remove what was installed for a runtime");
  for (CLI::App* command : {install_, remove_}) {
    command->add_option("version", version_, "Runtime as AWS counts: 1.15, 1.18, 1.19, 1.20, 2.2, 2.3")->required();
  }
  for (CLI::App* command : {install_, list_, remove_}) {
    command->add_option("--data", data_directory_, "The service's data folder; it may be running")->required();
  }
  install_
      ->add_option("--from", from_,
                   "Folder or archive (.tgz, .zip) of a Flink binary distribution; nothing of it is changed")
      ->check(CLI::ExistingPath);
  install_->add_flag("--python", python_, "Make a Python environment with PyFlink for it, too (about a minute)");
  list_->add_flag("--verify", verify_, "Read every file and compare it with its checksum");
}

bool FlinkCommand::parsed() const { return flink_ && flink_->parsed(); }

int FlinkCommand::run() {
  if (install_->parsed()) return install();
  return list_->parsed() ? list() : remove();
}

int FlinkCommand::install() {
  const auto fs = posix_fs();
  const auto process = posix_process();
  flink::Distributions distributions(*fs, *process, data_directory_);
  ProgressPrinter printer(stderr);
  const auto sink = [&](const flink::Progress& progress) { return printer.show(progress); };
  const auto installed =
      from_.empty() ? distributions.install(version_, sink) : distributions.install_from(version_, from_, sink);
  printer.finish();
  if (!installed.ok()) return fail(installed.error());
  print_installed(*installed);
  if (!python_) return 0;
  flink::PythonEnvironments environments(*fs, *process, data_directory_);
  const auto python = environments.provide(*installed->version, sink);
  printer.finish();
  if (!python.ok()) return fail(python.error());
  fmt::print("PyFlink {} runs on Python {}: {}\n", python->pyflink, python->version, python->python);
  return 0;
}

int FlinkCommand::list() {
  const auto fs = posix_fs();
  const auto process = posix_process();
  flink::Distributions distributions(*fs, *process, data_directory_);
  fmt::print("{:<9}{:<9}{:<15}{:>8}  {:<10}{}\n", "RUNTIME", "FLINK", "STATE", "SIZE", "JAVA", "FROM");
  bool right = true;
  for (const flink::FlinkVersion& version : flink::flink_versions()) {
    right = print_row(distributions, version, verify_) && right;
  }
  return right ? 0 : 1;
}

int FlinkCommand::remove() {
  const auto fs = posix_fs();
  const auto process = posix_process();
  flink::Distributions distributions(*fs, *process, data_directory_);
  const bool was_there = distributions.present(version_);
  const Status removed = distributions.remove(version_);
  if (!removed.ok()) return fail(removed.error());
  const flink::FlinkVersion* version = flink::find_flink_version(version_);
  flink::PythonEnvironments environments(*fs, *process, data_directory_);
  const Status python_removed = environments.remove(*version);
  if (!python_removed.ok()) return fail(python_removed.error());
  fmt::print("Flink {} {}\n", version->runtime, was_there ? "is removed" : "was not installed");
  return 0;
}

}  // namespace raudal::apps
