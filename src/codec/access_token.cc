#include "codec/access_token.h"

#include "codec/digest.h"

namespace raudal::codec {

std::string write_access_token(std::string_view key, const AccessClaim& claim) {
  const std::string text = claim.application_arn + "\n" + claim.role_arn;
  return hex(text) + "." + hex(hmac_sha256(key, text));
}

Result<AccessClaim> read_access_token(std::string_view key, std::string_view token) {
  const Error refused(ErrorCode::kAccessDenied, "The token is not one of this service's");
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos) return refused;
  const auto text = unhex(token.substr(0, dot));
  if (!text.ok() || !equal_constant_time(hex(hmac_sha256(key, *text)), token.substr(dot + 1))) return refused;
  const size_t line_feed = text->find('\n');
  if (line_feed == std::string::npos) return refused;
  return AccessClaim{.application_arn = text->substr(0, line_feed), .role_arn = text->substr(line_feed + 1)};
}

}  // namespace raudal::codec
