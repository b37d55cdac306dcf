#include <climits>
#include <cstdlib>

#include <fmt/core.h>

#include "apps/raudal/commands.h"
#include "apps/raudal/data_directory.h"

namespace raudal::apps {
namespace {

// For a POSIX shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

int print_environment(const std::string& data_directory) {
  const auto fs = posix_fs();
  const auto endpoint = read_endpoint(*fs, data_directory);
  if (!endpoint.ok()) {
    fmt::print(stderr, "raudal: no service has run on {}: start one with `raudal serve --data {}`\n", data_directory,
               data_directory);
    return 1;
  }
  char absolute[PATH_MAX];
  const char* folder = ::realpath(data_directory.c_str(), absolute);
  const std::string credentials = join_path(folder ? folder : data_directory, "credentials");
  fmt::print("export AWS_ENDPOINT_URL={}\n", quoted(endpoint->url));
  fmt::print("export AWS_SHARED_CREDENTIALS_FILE={}\n", quoted(credentials));
  fmt::print("export AWS_REGION={0}\nexport AWS_DEFAULT_REGION={0}\n", quoted(endpoint->region));
  // These would win over the file.
  fmt::print("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE\n");
  return 0;
}

}  // namespace raudal::apps
