// The commands of `raudal`. Each returns the exit status of the process; messages go to stderr.
#pragma once

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
  double worker_timeout_s = 10;
};

int serve(const ServeCommand& command);
// Prints the export lines that make SDKs and the aws command talk to the service of this data directory.
int print_environment(const std::string& data_directory);
// Becomes `raudal-worker sql …`.
int run_sql(const std::vector<std::string>& arguments);

// The program of this name beside the running one.
std::string program_beside(const std::string& name);

}  // namespace raudal::apps
