#include "neighbours/s3/s3_request.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "neighbours/s3/object_body.h"

namespace raudal::neighbours::s3 {
namespace {

constexpr size_t kXmlBytesMax = 4 << 20;
constexpr size_t kMetadataBytesMax = 2048;
constexpr std::string_view kMetaPrefix = "x-amz-meta-";

// Repeated by GET as they were sent.
constexpr std::string_view kStoredHeaders[] = {"content-type",
                                               "cache-control",
                                               "content-disposition",
                                               "content-encoding",
                                               "content-language",
                                               "expires",
                                               "x-amz-website-redirect-location"};

// Headers of features that are not built. An empty `allowed` refuses any value.
struct RefusedHeader {
  std::string_view prefix;
  std::string_view allowed;
};
constexpr RefusedHeader kRefusedHeaders[] = {
    {"x-amz-acl", "private bucket-owner-full-control"},
    {"x-amz-grant-", ""},
    {"x-amz-tagging", "COPY"},
    {"x-amz-object-lock-", ""},
    {"x-amz-bucket-object-lock-enabled", "false False"},
    {"x-amz-server-side-encryption", ""},
    {"x-amz-copy-source-server-side-encryption", ""},
    {"x-amz-storage-class", "STANDARD"},
    {"x-amz-write-offset-bytes", ""},
};

bool is_ip_address(std::string_view name) {
  const std::vector<std::string> parts = split(name, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](const std::string& p) { return parse_int(p).has_value(); });
}

// "bucket.s3.us-east-1.amazonaws.com", "bucket.s3.localhost", "bucket.localhost": the bucket, else empty.
std::string bucket_of_host(std::string_view host) {
  const size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.back() != ']') host = host.substr(0, colon);
  if (is_ip_address(host)) return "";
  for (const std::string_view mark : {".s3.", ".s3-"}) {
    const size_t at = host.find(mark);
    if (at != std::string_view::npos) return std::string(host.substr(0, at));
  }
  if (host.starts_with("s3.") || host.starts_with("s3-")) return "";
  constexpr std::string_view kLocal = ".localhost";
  return host.ends_with(kLocal) ? std::string(host.substr(0, host.size() - kLocal.size())) : "";
}

bool contains_word(std::string_view words, std::string_view word) {
  for (const std::string& candidate : split(words, ' ')) {
    if (candidate == word) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> S3Request::version_id() const {
  const std::string_view id = http.query_value("versionId");
  return id.empty() ? std::nullopt : std::optional<std::string>(id);
}

S3Result<int> S3Request::query_number(std::string_view name, int otherwise, int at_most) const {
  if (!http.has_query(name)) return otherwise;
  const std::string_view text = http.query_value(name);
  const auto number = parse_int(text);
  if (!number || *number < 0 || *number > INT32_MAX) {
    return S3Failure(S3Code::kInvalidArgument, fmt::format("Provided {} not an integer or within integer range", name))
        .with("ArgumentName", std::string(name))
        .with("ArgumentValue", std::string(text));
  }
  return static_cast<int>(std::min<int64_t>(*number, at_most));
}

S3Result<XmlElement> S3Request::xml_body(std::string_view root) {
  const auto body = net::read_all(*payload, kXmlBytesMax);
  if (!body.ok()) return body.error();
  TRY(check_body_digests(*this, *body));
  return parse_xml(*body, root);
}

void find_bucket_and_key(const net::HttpRequest& http, std::string& bucket, std::string& key) {
  bucket = bucket_of_host(http.headers.get("Host"));
  const std::string_view path = std::string_view(http.path).substr(1);
  if (!bucket.empty()) {
    key = path;
    return;
  }
  const size_t slash = path.find('/');
  bucket = path.substr(0, slash);
  key = slash == std::string_view::npos ? "" : path.substr(slash + 1);
}

S3Status check_bucket_name(const std::string& name) {
  const auto bad = [&](std::string_view why = "") {
    S3Failure failure(S3Code::kInvalidBucketName);
    if (!why.empty()) failure.message += fmt::format(" {}", why);
    return std::move(failure).with("BucketName", name);
  };
  const auto is_edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.size() < 3 || name.size() > 63 || !is_edge(name.front()) || !is_edge(name.back())) return bad();
  for (const char c : name) {
    if (!is_edge(c) && c != '.' && c != '-') return bad();
  }
  if (name.find("..") != std::string::npos || is_ip_address(name)) return bad();
  if (name.starts_with("xn--") || name.starts_with("sthree-") || name.ends_with("-s3alias")) return bad();
  for (const std::string_view taken : {"health", "credentials"}) {
    if (name == taken) return bad(fmt::format("The name {0} is taken by the service's own GET /{0}.", taken));
  }
  return {};
}

S3Status check_object_key(const std::string& key) {
  if (key.size() > 1024) {
    return S3Failure(S3Code::kKeyTooLong).with("Size", std::to_string(key.size())).with("MaxSizeAllowed", "1024");
  }
  if (key.find('\0') != std::string::npos) return S3Code::kInvalidUri;
  return {};
}

S3Status check_headers(const S3Request& request, const S3Options& options) {
  for (const auto& [name, value] : request.http.headers) {
    const std::string lower = to_lower(name);
    for (const RefusedHeader& refused : kRefusedHeaders) {
      if (!lower.starts_with(refused.prefix) || contains_word(refused.allowed, value)) continue;
      return S3Failure(S3Code::kNotImplemented).with("Header", lower);
    }
    if (lower == "x-amz-expected-bucket-owner" && value != options.account) return S3Code::kAccessDenied;
  }
  return {};
}

S3Result<std::string> stored_headers(const net::HttpHeaders& headers) {
  std::string lines;
  size_t metadata_bytes = 0;
  for (const auto& [name, value] : headers) {
    const std::string lower = to_lower(name);
    const bool is_metadata = lower.starts_with(kMetaPrefix);
    if (is_metadata) metadata_bytes += lower.size() - kMetaPrefix.size() + value.size();
    if (!is_metadata && std::ranges::find(kStoredHeaders, lower) == std::end(kStoredHeaders)) continue;
    if (value.empty() && !is_metadata) continue;
    lines += lower + ": " + std::string(trim(value)) + "\n";
  }
  if (metadata_bytes > kMetadataBytesMax) {
    return S3Failure(S3Code::kMetadataTooLarge)
        .with("Size", std::to_string(metadata_bytes))
        .with("MaxSizeAllowed", std::to_string(kMetadataBytesMax));
  }
  return lines;
}

net::HttpHeaders parse_stored_headers(std::string_view lines) {
  net::HttpHeaders headers;
  for (const std::string& line : split(lines, '\n')) {
    const size_t colon = line.find(": ");
    if (colon != std::string::npos) headers.add(line.substr(0, colon), line.substr(colon + 2));
  }
  return headers;
}

std::string http_date(int64_t wall_us) {
  const time_t seconds = wall_us / 1'000'000;
  tm parts;
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return std::string(text, ::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

std::optional<int64_t> parse_http_date(std::string_view text) {
  tm parts{};
  if (::strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S", &parts) == nullptr) return std::nullopt;
  return ::timegm(&parts);
}

std::string quoted(std::string_view etag) { return fmt::format("\"{}\"", etag); }

std::string unquoted(std::string_view etag) {
  etag = trim(etag);
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

std::string owner_id(const S3Options& options) { return codec::sha256_hex(options.account); }

void write_owner(XmlWriter& xml, std::string_view element, const S3Options& options) {
  xml.open(element);
  xml.element("ID", owner_id(options));
  xml.element("DisplayName", options.account);
  xml.close(element);
}

WriteConditions write_conditions(const net::HttpHeaders& headers) {
  WriteConditions conditions;
  conditions.if_absent = trim(headers.get("If-None-Match")) == "*";
  if (const std::string* etag = headers.find("If-Match")) conditions.if_etag = unquoted(*etag);
  return conditions;
}

net::HttpHeaders answer_headers(const S3Request& request) {
  return {{"x-amz-request-id", request.id}, {"x-amz-id-2", request.id}, {"Server", "raudal"}};
}

S3Status answer_xml(const S3Request& request, net::ResponseWriter& response, XmlWriter xml, net::HttpHeaders headers) {
  net::HttpHeaders all = answer_headers(request);
  for (const auto& [name, value] : headers) all.add(name, value);
  all.add("Content-Type", "application/xml");
  return response.send(200, all, std::move(xml).finish());
}

S3Status answer_empty(const S3Request& request, net::ResponseWriter& response, int status, net::HttpHeaders headers) {
  net::HttpHeaders all = answer_headers(request);
  for (const auto& [name, value] : headers) all.add(name, value);
  return response.send(status, all, "");
}

void answer_failure(const S3Request& request, net::ResponseWriter& response, const S3Failure& failure) {
  const S3CodeInfo& info = s3_code_info(failure.code);
  net::HttpHeaders headers = answer_headers(request);
  for (const auto& [name, value] : failure.headers) headers.add(name, value);
  if (info.http_status == 304) {
    (void)response.send(304, headers, "").ok();
    return;
  }
  headers.add("Content-Type", "application/xml");
  XmlWriter xml("Error", /*with_namespace=*/false);
  xml.element("Code", info.name);
  xml.element("Message", failure.message);
  for (const auto& [name, value] : failure.details) xml.element(name, value);
  xml.element("Resource", request.http.path);
  xml.element("RequestId", request.id);
  xml.element("HostId", request.id);
  (void)response.send(info.http_status, headers, std::move(xml).finish()).ok();
}

}  // namespace raudal::neighbours::s3
