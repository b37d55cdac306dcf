#include "neighbours/protocol/authentication.h"

namespace raudal::neighbours::protocol {
namespace {

// What the claim's token says of the caller. A token that is not ours was refused before, or is not verified at all.
Caller caller_of(const net::SignatureClaim& claim, const net::SessionKeys& sessions) {
  Caller caller{.access_key_id = claim.access_key_id, .role_arn = "", .session_name = ""};
  if (claim.session_token.empty()) return caller;
  auto session = sessions.open(claim.access_key_id, claim.session_token);
  if (!session.ok()) return caller;
  caller.role_arn = std::move(session->role_arn);
  caller.session_name = std::move(session->session_name);
  return caller;
}

}  // namespace

std::string claimed_key(const net::HttpRequest& request) {
  auto claim = net::parse_signature(request);
  return claim.ok() ? std::move(claim->access_key_id) : std::string();
}

Result<Caller> Authentication::verify(const net::HttpRequest& request, std::string_view body, std::string_view service,
                                      bool any_region) const {
  if (!secrets) {
    const auto claim = net::parse_signature(request);
    return claim.ok() ? caller_of(*claim, sessions) : Caller();
  }
  const net::VerifyOptions options{.region = any_region ? "" : region, .service = std::string(service)};
  const auto signature = TRY(net::verify_signature(request, net::payload_hash(body), secrets, clock, options));
  return caller_of(signature.claim, sessions);
}

}  // namespace raudal::neighbours::protocol
