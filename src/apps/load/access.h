// Which service `raudal load` talks to, and with whose key: that of a data directory, else what the AWS_* variables
// say, as the aws command reads them. It never falls back to AWS itself: records are sent only to an endpoint that
// was named.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "apps/load/sender.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "net/http_client.h"
#include "net/sigv4.h"

namespace raudal::apps {

// The value of an environment variable; empty when it is not set.
using Variables = std::function<std::string(const std::string& name)>;

// What the command line says.
struct AccessOptions {
  std::string data_directory;
  std::string endpoint_url;
  std::string region;
};

// Where and as whom.
struct Access {
  std::string endpoint_url;
  std::string region;
  net::AwsCredentials credentials;
};

// `service` is as signatures name it: AWS_ENDPOINT_URL_KINESIS wins over AWS_ENDPOINT_URL.
// kInvalidRequest says which option or variable is missing.
Result<Access> find_access(Fs& fs, const AccessOptions& options, std::string_view service, const Variables& variables);

// The key of a profile in a credentials file; kNotFound when it has none.
Result<net::AwsCredentials> credentials_in(std::string_view file_text, std::string_view profile);

// Posts signed requests of one target, over a kept connection.
class Poster {
 public:
  Poster(Access access, const Target& target, const Clock& clock);
  Result<TargetAnswer> post(const std::string& body);

 private:
  Access access_;
  const Target& target_;
  const Clock& clock_;
  net::HttpClient client_;
};

}  // namespace raudal::apps
