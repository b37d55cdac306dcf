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
  serve.add_flag(
      "--kinesis-limits", command.kinesis_limits,
      "Throttle each shard of a Kinesis stream as AWS does: 1 MiB and 1000 records in, 2 MiB out per second");
  serve
      .add_option("--endpoint", command.endpoints,
                  "Where an AWS service is, if not here: SERVICE=URL passes its requests on, SERVICE=aws lets programs "
                  "reach it themselves, all=aws does so for all; may be given many times")
      ->type_name("SERVICE=URL|aws")
      ->allow_extra_args(false);
  serve
      .add_option("--worker-timeout", command.worker_timeout_s,
                  "Seconds after which a worker that answers nothing is killed and replaced")
      ->check(CLI::Range(0.1, 3600.0))
      ->envname("RAUDAL_WORKER_TIMEOUT")
      ->capture_default_str();
  serve
      .add_option("--credentials-lifetime", command.credentials_lifetime_s,
                  "Seconds for which the keys that programs get for their role are valid")
      ->check(CLI::Range(1, 43200))
      ->envname("RAUDAL_CREDENTIALS_LIFETIME")
      ->capture_default_str();
}

void describe_load(CLI::App& load, LoadCommand& command) {
  auto* where = load.add_option_group("destination", "One of them");
  where->add_option("--stream", command.stream, "Kinesis stream");
  where->add_option("--delivery-stream", command.delivery_stream, "Firehose delivery stream");
  where->add_option("--queue-url", command.queue_url, "SQS queue");
  where->require_option(0, 1);
  load.add_option("--template", command.template_name, "What the records are; the list is below")
      ->check(CLI::IsMember(load_template_names()))
      ->capture_default_str();
  load.add_option("--template-file", command.template_file, "A file with a record of your own, with placeholders")
      ->check(CLI::ExistingFile);
  load.add_option("--partition-key", command.partition_key, "Key that chooses the shard, with placeholders");
  load.add_option("--rate", command.rate, "Records a second; 0: as fast as they are accepted")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  load.add_option("--count", command.count, "How many records; 0: until interrupted")->capture_default_str();
  load.add_option("--seed", command.seed, "The same seed makes the same records")->capture_default_str();
  load.add_option("--first", command.first_index, "Number of the first record, to go on where another run ended")
      ->capture_default_str();
  load.add_option("--start-time", command.start_time_ms,
                  "Time of the first record, in milliseconds since 1970; the others follow at the rate. 0: the clock's")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  load.add_option("--batch", command.batch, "Records in a request at most; 0: as many as the service takes")
      ->capture_default_str();
  load.add_option("--patience", command.patience_s, "Seconds after which a batch that is not accepted ends the run")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  load.add_option("--data", command.data_directory, "The service's data folder: its endpoint and its key");
  load.add_option("--endpoint-url", command.endpoint_url, "Where the service is; also AWS_ENDPOINT_URL");
  load.add_option("--region", command.region, "Region of the signature; also AWS_REGION");
  load.add_flag("--print", command.print, "Print the records and send nothing");
  load.footer(load_template_help());
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

  LoadCommand load_command;
  CLI::App* load_app = app.add_subcommand("load", "Send generated records to a stream at a rate");
  describe_load(*load_app, load_command);

  CLI::App* sql_app = app.add_subcommand("sql", "Run a SQL script on an engine in one process and print its rows");
  sql_app->prefix_command();

  FlinkCommand flink_command;
  flink_command.describe(app);

  CLI11_PARSE(app, argc, argv);
  if (serve_app->parsed()) return serve(serve_command);
  if (flink_command.parsed()) return flink_command.run();
  if (env_app->parsed()) return print_environment(data_directory);
  if (load_app->parsed()) return load(load_command);
  return run_sql(sql_app->remaining());
}

}  // namespace
}  // namespace raudal::apps

int main(int argc, char** argv) {
  // The worker has its own options and help: what follows `sql` is all its own.
  if (argc > 1 && std::string(argv[1]) == "sql") return raudal::apps::run_sql({argv + 2, argv + argc});
  return raudal::apps::run(argc, argv);
}
