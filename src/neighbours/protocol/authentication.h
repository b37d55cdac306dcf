// Who calls: verifies the signature of a request to any service but S3, and says whose key it was.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "neighbours/protocol/aws_service.h"
#include "net/http.h"
#include "net/session_credentials.h"
#include "net/sigv4.h"

namespace raudal::neighbours::protocol {

// Which signatures are taken.
struct Authentication {
  std::string region;
  net::SecretLookup secrets;  // empty: no signature is verified
  const net::SessionKeys& sessions;
  const Clock& clock;

  // The caller of a request with this body that must be signed for this service, and in the region unless any will do.
  Result<Caller> verify(const net::HttpRequest& request, std::string_view body, std::string_view service,
                        bool any_region = false) const;
};

// The key that a request claims to be signed with, for the log of refusals; empty when there is none.
std::string claimed_key(const net::HttpRequest& request);

}  // namespace raudal::neighbours::protocol
