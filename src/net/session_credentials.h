// Temporary keys: an access key, a secret and a session token that is all the service needs to know them again. The
// token carries the role, the session's name and the end of its time, sealed with the service's key; the secret is
// derived from it. So nothing is stored, and keys outlive a restart of the service.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/sigv4.h"

namespace raudal::net {

// Whose keys they are, and how long.
struct Session {
  std::string role_arn;  // empty: the root key's own session
  std::string session_name;
  int64_t expires_s = 0;  // since 1970
};

// Makes temporary keys and knows its own again. Any thread.
class SessionKeys {
 public:
  // The service's key: random bytes that nobody else has.
  explicit SessionKeys(std::string service_key) : service_key_(std::move(service_key)) {}

  AwsCredentials issue(const Session& session) const;
  // What a token says; kInvalidToken unless it is of this service and of this access key. It may be expired.
  Result<Session> open(std::string_view access_key_id, std::string_view token) const;
  // The secret; kInvalidToken as above, kExpiredToken after its time.
  Result<std::string> secret(std::string_view access_key_id, std::string_view token, const Clock& clock) const;

 private:
  std::string secret_of(std::string_view token) const;

  const std::string service_key_;
};

// Knows the root key and temporary keys. `keys` and `clock` must outlive it.
SecretLookup secret_lookup(const AwsCredentials& root, const SessionKeys& keys, const Clock& clock);

}  // namespace raudal::net
