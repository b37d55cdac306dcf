#include "neighbours/protocol/authentication.h"

namespace raudal::neighbours::protocol {

Result<Caller> Authentication::verify(const net::HttpRequest& request, std::string_view body,
                                      std::string_view service) const {
  if (!secrets) {
    const auto claim = net::parse_signature(request);
    return Caller{.access_key_id = claim.ok() ? claim->access_key_id : "", .role_arn = "", .session_name = ""};
  }
  const net::VerifyOptions options{.region = region, .service = std::string(service)};
  const auto signature = TRY(net::verify_signature(request, net::payload_hash(body), secrets, clock, options));
  return Caller{.access_key_id = signature.claim.access_key_id, .role_arn = "", .session_name = ""};
}

}  // namespace raudal::neighbours::protocol
