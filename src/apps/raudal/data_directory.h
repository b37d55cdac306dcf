// The service's data directory: taken by one process at a time, and what others need to reach that process.
//
//   lock          flock'ed by the service; holds its process id, for messages
//   credentials   the root key, in the form of an AWS credentials file, mode 0600; made once
//   credentials-key   what the tokens of applications are made with (codec/access_token.h), mode 0600; made once
//   endpoint      the URL of the running or last service
//   region        its region
//   service.sock  Unix socket of the running service, plain HTTP
//   service.tls   the same with TLS, for any host name
//   ca/           the authority that signs for those names: ca.pem is what clients trust, ca.key is its key
#pragma once

#include <memory>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "net/sigv4.h"

namespace raudal::apps {

// Holds the directory until it is destroyed or the process ends.
class DataDirectory {
 public:
  // Makes it if absent. kResourceInUse when another process has it.
  static Result<DataDirectory> take(Fs& fs, const std::string& path);
  DataDirectory(DataDirectory&& other) noexcept;
  ~DataDirectory();

  const std::string& path() const { return path_; }  // absolute
  // The root key: read, or made at the first start.
  Result<net::AwsCredentials> credentials();
  // The key of codec::write_access_token: read, or made at the first start.
  Result<std::string> credentials_key();
  Status write_endpoint(const std::string& url, const std::string& region);

 private:
  DataDirectory(Fs& fs, std::string path, int lock) : fs_(&fs), path_(std::move(path)), lock_(lock) {}

  Fs* fs_;
  std::string path_;
  int lock_;
};

// Where the service is to be reached.
struct Endpoint {
  std::string url;
  std::string region;
};

// kNotFound when no service has run there.
Result<Endpoint> read_endpoint(Fs& fs, const std::string& data_directory);

}  // namespace raudal::apps
