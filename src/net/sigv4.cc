#include "net/sigv4.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/digest.h"

namespace raudal::net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr char kAuthority[] = ":authority";
constexpr char kSecurityToken[] = "X-Amz-Security-Token";

Error incomplete(std::string message) { return Error(ErrorCode::kIncompleteSignature, std::move(message)); }
Error invalid(std::string message) { return Error(ErrorCode::kInvalidSignature, std::move(message)); }

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

std::string format_timestamp(int64_t wall_us) {
  const time_t seconds = wall_us / 1'000'000;
  tm parts;
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, ::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts));
}

// Seconds since 1970 of "20260102T030405Z".
std::optional<int64_t> parse_timestamp(const std::string& text) {
  tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  if (text.size() != 16 || end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

// The Date header's form, "Fri, 02 Jan 2026 03:04:05 GMT", as a timestamp.
std::string timestamp_of_date(const std::string& text) {
  tm parts{};
  if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S", &parts) == nullptr) return "";
  return format_timestamp(int64_t{::timegm(&parts)} * 1'000'000);
}

// "KEY/20260102/us-east-1/s3/aws4_request"; the key itself may contain slashes.
Status parse_credential(std::string_view text, SignatureClaim& claim) {
  const std::vector<std::string> parts = split(text, '/');
  if (parts.size() < 5 || parts.back() != "aws4_request") {
    return incomplete(
        fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                    "keyid/date/region/service/term, got '{}'",
                    text));
  }
  const size_t n = parts.size();
  claim.date = parts[n - 4];
  claim.region = parts[n - 3];
  claim.service = parts[n - 2];
  claim.access_key_id = join({parts.begin(), parts.end() - 4}, "/");
  return {};
}

Result<SignatureClaim> parse_header(const HttpRequest& request) {
  const std::string_view header = request.headers.get("Authorization");
  SignatureClaim claim;
  std::string credential;
  std::string signed_headers;
  for (const std::string& part : split(header.substr(kAlgorithm.size()), ',')) {
    const std::string_view item = trim(part);
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = item.substr(0, equals);
    if (name == "Credential") credential = item.substr(equals + 1);
    if (name == "SignedHeaders") signed_headers = item.substr(equals + 1);
    if (name == "Signature") claim.signature = item.substr(equals + 1);
  }
  std::string missing;
  if (credential.empty()) missing += "Authorization header requires 'Credential' parameter. ";
  if (claim.signature.empty()) missing += "Authorization header requires 'Signature' parameter. ";
  if (signed_headers.empty()) missing += "Authorization header requires 'SignedHeaders' parameter. ";
  claim.timestamp = request.headers.get("X-Amz-Date");
  if (claim.timestamp.empty()) claim.timestamp = timestamp_of_date(std::string(request.headers.get("Date")));
  if (claim.timestamp.empty()) {
    missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (!missing.empty()) return incomplete(missing + fmt::format("Authorization={}", kAlgorithm));
  TRY(parse_credential(credential, claim));
  claim.session_token = request.headers.get(kSecurityToken);
  claim.signed_headers = split(signed_headers, ';');
  return claim;
}

Result<SignatureClaim> parse_query(const HttpRequest& request) {
  SignatureClaim claim;
  claim.presigned = true;
  claim.timestamp = request.query_value("X-Amz-Date");
  claim.signature = request.query_value("X-Amz-Signature");
  const auto expires = parse_int(request.query_value("X-Amz-Expires"));
  if (request.query_value("X-Amz-Algorithm") != kAlgorithm || claim.timestamp.empty() || claim.signature.empty() ||
      !request.has_query("X-Amz-Credential") || !request.has_query("X-Amz-SignedHeaders") || !expires) {
    return incomplete(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  }
  if (*expires < 0 || *expires > 604'800) {
    return incomplete("X-Amz-Expires must be less than a week (in seconds) that is 604800, and not negative");
  }
  claim.expires_s = *expires;
  TRY(parse_credential(request.query_value("X-Amz-Credential"), claim));
  claim.session_token = request.query_value(kSecurityToken);
  claim.signed_headers = split(request.query_value("X-Amz-SignedHeaders"), ';');
  return claim;
}

// Blanks at the ends go, those inside become one; several fields of one name are joined by commas.
std::string canonical_header(const HttpHeaders& headers, std::string_view name) {
  std::string out;
  bool first = true;
  for (const auto& [field, value] : headers) {
    if (!equals_ignore_case(field, name)) continue;
    if (!first) out += ',';
    first = false;
    bool blank = false;
    for (const char c : trim(value)) {
      if (c == ' ' && blank) continue;
      blank = c == ' ';
      out += c;
    }
  }
  return out;
}

std::string canonical_query(const HttpRequest& request, bool presigned) {
  QueryPairs pairs;
  for (const auto& [name, value] : request.query) {
    if (presigned && name == "X-Amz-Signature") continue;
    pairs.emplace_back(percent_encode(name), percent_encode(value));
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

// Without ".", ".." and empty parts, then each byte encoded once more: what all services but S3 sign.
std::string normalized_path(std::string_view raw_path) {
  std::vector<std::string> kept;
  for (const std::string& part : split(raw_path, '/')) {
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (!part.empty() && part != "." && part != "..") kept.push_back(part);
  }
  std::string path = "/" + join(kept, "/");
  if (path.size() > 1 && raw_path.ends_with('/')) path += '/';
  return percent_encode(path, true);
}

std::string string_to_sign(const SignatureClaim& claim, std::string_view canonical) {
  return fmt::format("{}\n{}\n{}/{}/{}/aws4_request\n{}", kAlgorithm, claim.timestamp, claim.date, claim.region,
                     claim.service, codec::sha256_hex(canonical));
}

Status check_time(const SignatureClaim& claim, const Clock& clock, const VerifyOptions& options) {
  const auto signed_s = parse_timestamp(claim.timestamp);
  if (!signed_s) {
    return incomplete(fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'.", claim.timestamp));
  }
  if (!claim.timestamp.starts_with(claim.date)) {
    return invalid(
        fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
                    "HTTP: '{}' != '{}', from '{}'.",
                    claim.date, claim.timestamp.substr(0, 8), claim.timestamp));
  }
  const int64_t now_s = clock.wall_us() / 1'000'000;
  const int64_t before_s = claim.presigned ? claim.expires_s : options.skew_s;
  const auto text = [](int64_t seconds) { return format_timestamp(seconds * 1'000'000); };
  if (*signed_s > now_s + options.skew_s) {
    return Error(ErrorCode::kSignatureExpired,
                 fmt::format("Signature not yet current: {} is still later than {} ({} + {} min.)", claim.timestamp,
                             text(now_s + options.skew_s), text(now_s), options.skew_s / 60));
  }
  if (*signed_s >= now_s - before_s) return {};
  if (claim.presigned) return Error(ErrorCode::kAccessDenied, "Request has expired");
  return Error(ErrorCode::kSignatureExpired,
               fmt::format("Signature expired: {} is now earlier than {} ({} - {} min.)", claim.timestamp,
                           text(now_s - options.skew_s), text(now_s), options.skew_s / 60));
}

Status check_scope(const SignatureClaim& claim, const VerifyOptions& options) {
  if (!options.region.empty() && claim.region != options.region) {
    return invalid(fmt::format("Credential should be scoped to a valid region, not '{}'; expecting '{}'.", claim.region,
                               options.region));
  }
  if (!options.service.empty() && claim.service != options.service) {
    return invalid(fmt::format("Credential should be scoped to correct service: '{}'.", options.service));
  }
  return {};
}

// What is not signed may be changed on the way: the host and all of AWS's own headers must be.
Status check_signed_headers(const HttpRequest& request, const SignatureClaim& claim) {
  if (!contains(claim.signed_headers, "host") && !contains(claim.signed_headers, kAuthority)) {
    return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  for (const auto& [name, value] : request.headers) {
    const std::string lower = to_lower(name);
    if (lower.starts_with("x-amz-") && !contains(claim.signed_headers, lower)) {
      return Error(ErrorCode::kAccessDenied,
                   "There were headers present in the request which were not signed: " + lower);
    }
  }
  return {};
}

}  // namespace

std::string payload_hash(std::string_view body) { return codec::sha256_hex(body); }

std::string signature_service(const HttpRequest& request) {
  const auto claim = parse_signature(request);
  return claim.ok() ? claim->service : std::string();
}

Result<SignatureClaim> parse_signature(const HttpRequest& request) {
  const std::string_view header = request.headers.get("Authorization");
  if (header.starts_with(kAlgorithm)) return parse_header(request);
  if (!header.empty()) {
    return incomplete(
        fmt::format("Authorization header's algorithm is not supported: {}", header.substr(0, header.find(' '))));
  }
  if (request.has_query("X-Amz-Signature") || request.has_query("X-Amz-Algorithm")) return parse_query(request);
  return Error(ErrorCode::kMissingAuthentication, "Missing Authentication Token");
}

Result<VerifiedSignature> verify_signature(const HttpRequest& request, std::string_view payload_hash,
                                           const SecretLookup& secrets, const Clock& clock,
                                           const VerifyOptions& options) {
  SignatureClaim claim = TRY(parse_signature(request));
  const std::string secret = TRY(secrets(claim.access_key_id, claim.session_token));
  TRY(check_scope(claim, options));
  TRY(check_time(claim, clock, options));
  TRY(check_signed_headers(request, claim));
  const std::string key = signing_key(secret, claim.date, claim.region, claim.service);
  const std::string canonical = canonical_request(request, claim, payload_hash, options.encode_path_twice);
  const std::string expected = codec::hex(codec::hmac_sha256(key, string_to_sign(claim, canonical)));
  if (!codec::equal_constant_time(expected, claim.signature)) {
    return invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details.");
  }
  return VerifiedSignature{std::move(claim), key};
}

void sign_request(HttpRequest& request, std::string_view payload_hash, const AwsCredentials& credentials,
                  std::string_view region, std::string_view service, const Clock& clock) {
  SignatureClaim claim;
  claim.timestamp = format_timestamp(clock.wall_us());
  claim.date = claim.timestamp.substr(0, 8);
  claim.region = region;
  claim.service = service;
  request.headers.set("X-Amz-Date", claim.timestamp);
  if (!credentials.session_token.empty()) request.headers.set(kSecurityToken, credentials.session_token);
  if (service == "s3") request.headers.set("X-Amz-Content-Sha256", std::string(payload_hash));
  for (const auto& [name, value] : request.headers) {
    const std::string lower = to_lower(name);
    const bool covered = lower == "host" || lower == "content-type" || lower.starts_with("x-amz-");
    if (covered && !contains(claim.signed_headers, lower)) claim.signed_headers.push_back(lower);
  }
  std::ranges::sort(claim.signed_headers);
  const std::string canonical = canonical_request(request, claim, payload_hash, service != "s3");
  const std::string key = signing_key(credentials.secret_access_key, claim.date, region, service);
  const std::string signature = codec::hex(codec::hmac_sha256(key, string_to_sign(claim, canonical)));
  request.headers.set(
      "Authorization",
      fmt::format("{} Credential={}/{}/{}/{}/aws4_request, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials.access_key_id, claim.date, region, service, join(claim.signed_headers, ";"), signature));
}

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service) {
  std::string key = codec::hmac_sha256("AWS4" + std::string(secret), date);
  key = codec::hmac_sha256(key, region);
  key = codec::hmac_sha256(key, service);
  return codec::hmac_sha256(key, "aws4_request");
}

std::string canonical_request(const HttpRequest& request, const SignatureClaim& claim, std::string_view payload_hash,
                              bool encode_path_twice) {
  const std::string path = encode_path_twice ? normalized_path(request.raw_path) : percent_encode(request.path, true);
  std::string headers;
  for (const std::string& name : claim.signed_headers) {
    // Who signs for HTTP/2 may name the host as HTTP/2 does.
    headers += name + ":" + canonical_header(request.headers, name == kAuthority ? "host" : name) + "\n";
  }
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, path, canonical_query(request, claim.presigned), headers,
                     join(claim.signed_headers, ";"), payload_hash);
}

}  // namespace raudal::net
