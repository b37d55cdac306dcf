// One S3 request as the handlers see it, and what they share: who is asked, checks of names and headers, answers.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "neighbours/s3/object_files.h"
#include "neighbours/s3/s3_error.h"
#include "neighbours/s3/s3_index.h"
#include "neighbours/s3/s3_service.h"
#include "neighbours/s3/xml.h"
#include "net/aws_payload.h"
#include "net/http.h"

namespace raudal::neighbours::s3 {

// What all handlers use; one per service.
struct S3Context {
  S3Index& index;
  ObjectFiles& files;
  const S3Options& options;
  const Clock& clock;
};

// One request, taken apart.
struct S3Request {
  net::HttpRequest& http;
  std::string id;                      // x-amz-request-id
  std::string bucket;                  // empty: the service itself
  std::string key;                     // empty: the bucket
  net::AwsPayloadReader* payload = nullptr;  // the body, decoded and verified while it is read; set for handlers

  std::optional<std::string> version_id() const;
  // An integer of the query in [0, at most]; kInvalidArgument for anything else.
  S3Result<int> query_number(std::string_view name, int otherwise, int at_most) const;
  // The body, checked against Content-MD5 and x-amz-checksum-*, as XML.
  S3Result<XmlElement> xml_body(std::string_view root);
};

// Splits path or host into bucket and key.
void find_bucket_and_key(const net::HttpRequest& http, std::string& bucket, std::string& key);
S3Status check_bucket_name(const std::string& name);
S3Status check_object_key(const std::string& key);
// Headers that would promise what is not built are refused by name.
S3Status check_headers(const S3Request& request, const S3Options& options);

// The headers of an upload that GET repeats later, as "name: value" lines.
S3Result<std::string> stored_headers(const net::HttpHeaders& headers);
net::HttpHeaders parse_stored_headers(std::string_view lines);

std::string http_date(int64_t wall_us);                       // "Fri, 02 Jan 2026 03:04:05 GMT"
std::optional<int64_t> parse_http_date(std::string_view text);  // seconds since 1970
std::string quoted(std::string_view etag);
std::string unquoted(std::string_view etag);
std::string owner_id(const S3Options& options);
void write_owner(XmlWriter& xml, std::string_view element, const S3Options& options);
WriteConditions write_conditions(const net::HttpHeaders& headers);

net::HttpHeaders answer_headers(const S3Request& request);
S3Status answer_xml(const S3Request& request, net::ResponseWriter& response, XmlWriter xml,
                    net::HttpHeaders headers = {});
S3Status answer_empty(const S3Request& request, net::ResponseWriter& response, int status,
                      net::HttpHeaders headers = {});
void answer_failure(const S3Request& request, net::ResponseWriter& response, const S3Failure& failure);

}  // namespace raudal::neighbours::s3
