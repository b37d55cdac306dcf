// raudal-worker: the native engine in a process of its own. The control plane starts `run`, `check` and
// `verify-savepoint`; people start `sql`, mostly as `raudal sql`.

#include <signal.h>

#include <CLI/CLI.hpp>

#include "apps/worker/commands.h"

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  CLI::App app("The native engine of Raudal.", "raudal-worker");
  app.require_subcommand(1);
  app.set_version_flag("--version", RAUDAL_VERSION);

  std::string directory;
  CLI::App* run = app.add_subcommand("run", "Run the application of a run directory (started by the service)");
  run->add_option("DIRECTORY", directory)->required();
  CLI::App* check = app.add_subcommand("check", "Plan the program of a run directory, and run nothing");
  check->add_option("DIRECTORY", directory)->required();
  CLI::App* verify = app.add_subcommand("verify-savepoint", "Read a savepoint and check every byte of it");
  verify->add_option("DIRECTORY", directory)->required();

  raudal::apps::SqlOptions options;
  std::vector<std::string> settings;
  CLI::App* sql = app.add_subcommand("sql", "Run a SQL script and print the changes of each query");
  sql->add_option("-f,--file,FILE", options.file, "The script; - is standard input")->required();
  sql->add_flag("--echo", options.echo, "Print each statement before its result");
  sql->add_flag("--final", options.final, "Print the rows that remain, sorted, instead of the changes");
  sql->add_option("--parallelism", options.parallelism, "Slots")->check(CLI::Range(1, 256));
  sql->add_option("--batch-rows", options.batch_rows_max, "Rows of a batch, at most")->check(CLI::Range(1, 4096));
  sql->add_option("--set", settings, "A setting of the session, KEY=VALUE");
  sql->add_option("--stats", options.stats_file, "Write figures of the jobs to this file, as JSON");

  CLI11_PARSE(app, argc, argv);
  if (*run) return raudal::apps::run_application(directory);
  if (*check) return raudal::apps::check_application(directory);
  if (*verify) return raudal::apps::verify_savepoint(directory);
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    options.settings[setting.substr(0, equals)] = equals == std::string::npos ? "" : setting.substr(equals + 1);
  }
  return raudal::apps::run_sql(options);
}
