#include <string>

#include <CLI/CLI.hpp>

#include "apps/raudal/commands.h"
#include "apps/raudal/flink_command.h"

namespace raudal::apps {
namespace {

// Accepts so many of these characters; `what` is said of anything else.
CLI::Validator only(const std::string& what, const std::string& characters, size_t least, size_t most) {
  return CLI::Validator(
      [=](const std::string& text) {
        const bool right =
            text.size() >= least && text.size() <= most && text.find_first_not_of(characters) == std::string::npos;
        return right ? std::string() : "must be " + what + ": " + text;
      },
      "");
}

void describe_serve(CLI::App& serve, ServeCommand& command) {
  serve.add_option("--data", command.data_directory, "Folder of metadata, objects, snapshots and logs; made if absent")
      ->required();
  serve.add_option("--port", command.port, "Port; 0 takes any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  serve.add_option("--host", command.host, "Address to listen on")->capture_default_str();
  serve
      .add_option("--tls-port", command.tls_port,
                  "Port for https, with a certificate of this folder's own authority, ca/ca.pem; 0 takes any free one")
      ->check(CLI::Range(0, 65535));
  serve.add_option("--region", command.region, "Region in ARNs and signatures")
      ->check(only("a region's name: letters, digits and -", "abcdefghijklmnopqrstuvwxyz0123456789-", 1, 32))
      ->capture_default_str();
  serve.add_option("--account", command.account, "Account number in ARNs")
      ->check(only("12 digits", "0123456789", 12, 12))
      ->capture_default_str();
  serve.add_flag("--no-auth", command.no_auth, "Verify no signature; only on a loopback address");
  serve
      .add_option("--worker-timeout", command.worker_timeout_s,
                  "Seconds after which a worker that answers nothing is killed and replaced")
      ->check(CLI::Range(0.1, 3600.0))
      ->envname("RAUDAL_WORKER_TIMEOUT")
      ->capture_default_str();
}

int run(int argc, char** argv) {
  CLI::App app("Raudal: streaming applications behind the API of Amazon Managed Service for Apache Flink.");
  app.set_version_flag("--version", std::string("raudal ") + RAUDAL_VERSION);
  app.require_subcommand(1);

  ServeCommand serve_command;
  CLI::App* serve_app = app.add_subcommand("serve", "Start the service");
  describe_serve(*serve_app, serve_command);

  std::string data_directory;
  CLI::App* env_app = app.add_subcommand("env", "Print the exports that make SDKs and the aws command use the service");
  env_app->add_option("--data", data_directory, "The service's data folder")->required();

  CLI::App* sql_app = app.add_subcommand("sql", "Run a SQL script on an engine in one process and print its rows");
  sql_app->prefix_command();

  FlinkCommand flink_command;
  flink_command.describe(app);

  CLI11_PARSE(app, argc, argv);
  if (serve_app->parsed()) return serve(serve_command);
  if (flink_command.parsed()) return flink_command.run();
  if (env_app->parsed()) return print_environment(data_directory);
  return run_sql(sql_app->remaining());
}

}  // namespace
}  // namespace raudal::apps

int main(int argc, char** argv) {
  // The worker has its own options and help: what follows `sql` is all its own.
  if (argc > 1 && std::string(argv[1]) == "sql") return raudal::apps::run_sql({argv + 2, argv + argc});
  return raudal::apps::run(argc, argv);
}
