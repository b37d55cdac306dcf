#include "neighbours/sts/container_credentials.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/access_token.h"
#include "codec/json.h"

namespace raudal::neighbours::sts {
namespace {

constexpr size_t kSessionNameMax = 64;

// The application's name, with what a session's name may not hold replaced.
std::string session_name(std::string_view application_arn) {
  std::string name(application_arn.substr(application_arn.rfind('/') + 1));
  std::ranges::replace_if(
      name,
      [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) == 0 &&
               std::string_view("_+=,.@-").find(c) == std::string_view::npos;
      },
      '-');
  return name.substr(0, kSessionNameMax);
}

}  // namespace

bool ContainerCredentials::is_request(const net::HttpRequest& request) {
  return request.path == "/credentials" && request.method == "GET" && net::signature_service(request).empty();
}

void ContainerCredentials::handle(const net::HttpRequest& request, net::ResponseWriter& response) const {
  const auto claim = codec::read_access_token(credentials_key_, request.headers.get("Authorization"));
  if (!claim.ok()) {
    const codec::JsonObject refusal{{"code", "AccessDenied"}, {"message", claim.error().message()}};
    (void)response.send_json(401, codec::write_json(refusal)).ok();
    return;
  }
  const net::Session session{.role_arn = claim->role_arn,
                             .session_name = session_name(claim->application_arn),
                             .expires_s = clock_.wall_us() / 1'000'000 + lifetime_s_};
  const net::AwsCredentials made = keys_.issue(session);
  const std::string expires = format_utc_ms(session.expires_s * 1'000'000);
  const codec::JsonObject answer{{"AccessKeyId", made.access_key_id},
                                 {"SecretAccessKey", made.secret_access_key},
                                 {"Token", made.session_token},
                                 {"Expiration", expires.substr(0, expires.find('.')) + "Z"},
                                 {"RoleArn", claim->role_arn}};
  (void)response.send_json(200, codec::write_json(answer)).ok();
}

}  // namespace raudal::neighbours::sts
