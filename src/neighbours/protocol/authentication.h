// Who calls: verifies the signature of a request to any service but S3, and says whose key it was.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "neighbours/protocol/aws_service.h"
#include "net/http.h"
#include "net/sigv4.h"

namespace raudal::neighbours::protocol {

// Which signatures are taken.
struct Authentication {
  std::string region;
  net::SecretLookup secrets;  // empty: no signature is verified
  const Clock& clock;

  // The caller of a request with this body that must be signed for this service.
  Result<Caller> verify(const net::HttpRequest& request, std::string_view body, std::string_view service) const;
};

}  // namespace raudal::neighbours::protocol
