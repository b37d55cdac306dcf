// GET /credentials: what SDKs ask for where AWS_CONTAINER_CREDENTIALS_FULL_URI names it. A program of an application
// shows the application's token and gets temporary keys of the application's role, new ones each time, so that an SDK
// refreshes them before they end. The token is codec::write_access_token's.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/clock.h"
#include "net/http.h"
#include "net/session_credentials.h"

namespace raudal::neighbours::sts {

// Any thread.
class ContainerCredentials {
 public:
  ContainerCredentials(const net::SessionKeys& keys, std::string credentials_key, const Clock& clock,
                       int64_t lifetime_s)
      : keys_(keys), credentials_key_(std::move(credentials_key)), clock_(clock), lifetime_s_(lifetime_s) {}

  // Whether a request is one; a signed one is for a bucket.
  static bool is_request(const net::HttpRequest& request);
  void handle(const net::HttpRequest& request, net::ResponseWriter& response) const;

 private:
  const net::SessionKeys& keys_;
  const std::string credentials_key_;
  const Clock& clock_;
  const int64_t lifetime_s_;
};

}  // namespace raudal::neighbours::sts
