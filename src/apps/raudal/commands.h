// The commands of `raudal`. Each returns the exit status of the process; messages go to stderr.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace raudal::apps {

// What `raudal serve` is told on its command line.
struct ServeCommand {
  std::string data_directory;
  std::string host = "127.0.0.1";
  int port = 4570;
  std::optional<int> tls_port;  // none: TLS on the Unix socket alone
  std::string region = "us-east-1";
  std::string account = "000000000000";
  bool no_auth = false;
  bool kinesis_limits = false;
  std::vector<std::string> endpoints;  // "SERVICE=URL", "SERVICE=aws"
  double worker_timeout_s = 10;
  int64_t credentials_lifetime_s = 3600;
};

int serve(const ServeCommand& command);
// Prints the export lines that make SDKs and the aws command talk to the service of this data directory.
int print_environment(const std::string& data_directory);

// What `raudal load` is told on its command line.
struct LoadCommand {
  std::string stream, delivery_stream, queue_url;  // one of them
  std::string template_name = "stock-ticker";
  std::string template_file;
  std::string partition_key;  // empty: the template's
  uint64_t count = 0;         // 0: until interrupted
  double rate = 0;            // 0: as fast as it goes
  uint64_t seed = 1;
  uint64_t first_index = 0;
  size_t batch = 0;
  int64_t start_time_ms = 0;
  int64_t patience_s = 60;
  std::string data_directory, endpoint_url, region;
  bool print = false;
};

// Sends generated records to a stream at a rate.
int load(const LoadCommand& command);
std::vector<std::string> load_template_names();
std::string load_template_help();

// Becomes `raudal-worker sql …`.
int run_sql(const std::vector<std::string>& arguments);

// The program of this name beside the running one.
std::string program_beside(const std::string& name);

}  // namespace raudal::apps
