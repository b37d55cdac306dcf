// AWS Signature Version 4: signing our own calls and verifying those of clients, in headers or in a presigned query.
// The front door first asks parse_signature() who claims to have signed, then verifies with that key's secret.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/http.h"

namespace raudal::net {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty: none
};

// The secret of an access key with the session token that the request carries (empty: none). kUnrecognizedClient when
// the key is unknown, kInvalidToken or kExpiredToken for its token.
using SecretLookup = std::function<Result<std::string>(std::string_view access_key_id, std::string_view session_token)>;

// What a request says about its signature, not yet verified.
struct SignatureClaim {
  std::string access_key_id;
  std::string date;  // "20260102"
  std::string region;
  std::string service;
  std::string timestamp;  // "20260102T030405Z"
  std::vector<std::string> signed_headers;
  std::string signature;  // hex
  bool presigned = false;
  int64_t expires_s = 0;      // presigned only
  std::string session_token;  // empty: none
};

// A verified signature: the seed from which the chunks of a signed stream are verified.
struct VerifiedSignature {
  SignatureClaim claim;
  std::string signing_key;
};

// Whether a request carries a signature at all, and for which service; for routing. Empty: none or unreadable.
std::string signature_service(const HttpRequest& request);

// kMissingAuthentication when there is none; kIncompleteSignature when it is malformed.
Result<SignatureClaim> parse_signature(const HttpRequest& request);

struct VerifyOptions {
  std::string region;   // empty: any
  std::string service;  // empty: any
  int64_t skew_s = 300;
  bool encode_path_twice = true;  // all services but S3
};

// The hash of a payload in memory, as it goes into a signature.
std::string payload_hash(std::string_view body);

// Verifies a request whose payload has this hash (hex of SHA-256, or a literal such as UNSIGNED-PAYLOAD).
// What the lookup answers, kInvalidSignature, kSignatureExpired, kAccessDenied (a presigned one is too old, or a header
// of AWS's is not signed), with AWS's wording.
Result<VerifiedSignature> verify_signature(const HttpRequest& request, std::string_view payload_hash,
                                           const SecretLookup& secrets, const Clock& clock,
                                           const VerifyOptions& options);

// Adds X-Amz-Date, X-Amz-Security-Token and Authorization. The request needs a method, a target and a Host header.
void sign_request(HttpRequest& request, std::string_view payload_hash, const AwsCredentials& credentials,
                  std::string_view region, std::string_view service, const Clock& clock);

// The pieces, for chunk signatures and tests.
std::string signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service);
std::string canonical_request(const HttpRequest& request, const SignatureClaim& claim, std::string_view payload_hash,
                              bool encode_path_twice);

}  // namespace raudal::net
