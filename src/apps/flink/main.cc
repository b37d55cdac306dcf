// raudal-flink: the supervisor of one application-mode Flink cluster. The control plane starts `run`, `check` and
// `verify-savepoint`, with the contract that native workers keep.

#include <signal.h>

#include <CLI/CLI.hpp>

#include "apps/flink/commands.h"

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Runs an application on a Flink cluster of its own.", "raudal-flink");
  app.require_subcommand(1);
  app.set_version_flag("--version", RAUDAL_VERSION);

  std::string directory;
  CLI::App* run = app.add_subcommand("run", "Run the cluster of a run directory (started by the service)");
  run->add_option("DIRECTORY", directory)->required();
  CLI::App* check = app.add_subcommand("check", "Look whether the package of a run directory can run");
  check->add_option("DIRECTORY", directory)->required();
  CLI::App* verify = app.add_subcommand("verify-savepoint", "Look whether a savepoint is complete");
  verify->add_option("DIRECTORY", directory)->required();

  CLI11_PARSE(app, argc, argv);
  if (*run) return raudal::apps::run_cluster(directory);
  if (*check) return raudal::apps::check_package(directory);
  return raudal::apps::verify_savepoint(directory);
}
