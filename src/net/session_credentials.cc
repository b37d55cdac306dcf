#include "net/session_credentials.h"

#include "base/rng.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/json.h"

namespace raudal::net {
namespace {

constexpr size_t kMacBytes = 32;
constexpr size_t kSecretLetters = 40;
constexpr size_t kTokenBytesMax = 8 << 10;
// What each derivation is for, so that one can never pass for another.
constexpr std::string_view kForToken = "raudal session token 1\n";
constexpr std::string_view kForSecret = "raudal session secret 1\n";

std::string mac(std::string_view key, std::string_view purpose, std::string_view bytes) {
  return codec::hmac_sha256(key, std::string(purpose) + std::string(bytes));
}

Error invalid_token() {
  return Error(ErrorCode::kInvalidToken, "The security token included in the request is invalid.");
}

// Twenty letters, as AWS's own temporary keys: "ASIA" and sixteen random ones.
std::string new_access_key() {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const auto random = codec::unhex(secure_random_hex(16));
  std::string key = "ASIA";
  for (const char byte : *random) key += kLetters[static_cast<unsigned char>(byte) % kLetters.size()];
  return key;
}

}  // namespace

// base64(JSON {k, r, n, e} | HMAC-SHA256 of it)
AwsCredentials SessionKeys::issue(const Session& session) const {
  AwsCredentials credentials;
  credentials.access_key_id = new_access_key();
  const std::string text = codec::write_json(codec::JsonObject{{"k", credentials.access_key_id},
                                                               {"r", session.role_arn},
                                                               {"n", session.session_name},
                                                               {"e", session.expires_s}});
  credentials.session_token = codec::base64_encode(text + mac(service_key_, kForToken, text));
  credentials.secret_access_key = secret_of(credentials.session_token);
  return credentials;
}

std::string SessionKeys::secret_of(std::string_view token) const {
  return codec::base64_encode(mac(service_key_, kForSecret, token)).substr(0, kSecretLetters);
}

Result<Session> SessionKeys::open(std::string_view access_key_id, std::string_view token) const {
  if (token.size() > kTokenBytesMax) return invalid_token();
  const auto bytes = codec::base64_decode(token);
  if (!bytes.ok() || bytes->size() <= kMacBytes) return invalid_token();
  const std::string text = bytes->substr(0, bytes->size() - kMacBytes);
  if (!codec::equal_constant_time(mac(service_key_, kForToken, text), bytes->substr(text.size()))) {
    return invalid_token();
  }
  const auto object = codec::parse_json_object(text);
  if (!object.ok() || codec::find_string(*object, "k") != access_key_id) return invalid_token();
  return Session{.role_arn = TRY(codec::require_string(*object, "r")),
                 .session_name = TRY(codec::require_string(*object, "n")),
                 .expires_s = TRY(codec::require_int(*object, "e"))};
}

Result<std::string> SessionKeys::secret(std::string_view access_key_id, std::string_view token,
                                        const Clock& clock) const {
  const Session session = TRY(open(access_key_id, token));
  if (clock.wall_us() / 1'000'000 >= session.expires_s) {
    return Error(ErrorCode::kExpiredToken, "The security token included in the request is expired");
  }
  return secret_of(token);
}

SecretLookup secret_lookup(const AwsCredentials& root, const SessionKeys& keys, const Clock& clock) {
  return [root, &keys, &clock](std::string_view access_key_id, std::string_view token) -> Result<std::string> {
    if (!token.empty()) return keys.secret(access_key_id, token, clock);
    if (access_key_id == root.access_key_id) return root.secret_access_key;
    return Error(ErrorCode::kUnrecognizedClient, "The security token included in the request is invalid.");
  };
}

}  // namespace raudal::net
