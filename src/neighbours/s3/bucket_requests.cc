// Operations on buckets.
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/s3/handlers.h"

namespace raudal::neighbours::s3 {
namespace {

// In the oldest region making one's own bucket again succeeds, as it does at AWS.
constexpr std::string_view kOldestRegion = "us-east-1";

S3Status check_location(S3Context& context, S3Request& request) {
  if (request.http.content_length.value_or(0) == 0) return {};
  const XmlElement body = TRY(request.xml_body("CreateBucketConfiguration"));
  const std::string_view location = body.child_text("LocationConstraint");
  if (location.empty() || location == context.options.region) return {};
  return S3Failure(S3Code::kInvalidArgument,
                   fmt::format("The {} location constraint is incompatible for the region specific endpoint this "
                               "request was sent to.", location));
}

}  // namespace

S3Status list_buckets(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const std::string prefix(request.http.query_value("prefix"));
  const std::string after(request.http.query_value("continuation-token"));
  const int limit = TRY(request.query_number("max-buckets", 10'000, 10'000));
  XmlWriter xml("ListAllMyBucketsResult");
  write_owner(xml, "Owner", context.options);
  xml.open("Buckets");
  std::string last;
  std::string next;
  int count = 0;
  for (const Bucket& bucket : TRY(context.index.list_buckets())) {
    if (!bucket.name.starts_with(prefix) || bucket.name <= after) continue;
    if (count++ == limit) {
      next = last;
      break;
    }
    xml.open("Bucket");
    xml.element("Name", bucket.name);
    xml.element("CreationDate", format_utc_ms(bucket.created_us));
    xml.element("BucketRegion", context.options.region);
    xml.close("Bucket");
    last = bucket.name;
  }
  xml.close("Buckets");
  if (!prefix.empty()) xml.element("Prefix", prefix);
  if (!next.empty()) xml.element("ContinuationToken", next);
  return answer_xml(request, response, std::move(xml));
}

S3Status create_bucket(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  TRY(check_bucket_name(request.bucket));
  TRY(check_location(context, request));
  const bool created = TRY(context.index.create_bucket(request.bucket, context.clock.wall_us()));
  if (!created && context.options.region != kOldestRegion) {
    return S3Failure(S3Code::kBucketAlreadyOwnedByYou).with("BucketName", request.bucket);
  }
  return answer_empty(request, response, 200, {{"Location", "/" + request.bucket}});
}

S3Status delete_bucket(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  TRY(context.index.delete_bucket(request.bucket));
  return answer_empty(request, response, 204);
}

S3Status head_bucket(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  TRY(context.index.find_bucket(request.bucket));
  return answer_empty(request, response, 200,
                      {{"x-amz-bucket-region", context.options.region}, {"Content-Type", "application/xml"}});
}

S3Status get_bucket_location(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  TRY(context.index.find_bucket(request.bucket));
  const bool is_oldest = context.options.region == kOldestRegion;
  // The root element itself carries the answer.
  const std::string body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}</LocationConstraint>",
      is_oldest ? "" : context.options.region);
  net::HttpHeaders headers = answer_headers(request);
  headers.add("Content-Type", "application/xml");
  return response.send(200, headers, body);
}

S3Status get_bucket_versioning(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const Bucket bucket = TRY(context.index.find_bucket(request.bucket));
  XmlWriter xml("VersioningConfiguration");
  if (!bucket.versioning.empty()) xml.element("Status", bucket.versioning);
  return answer_xml(request, response, std::move(xml));
}

S3Status put_bucket_versioning(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const XmlElement body = TRY(request.xml_body("VersioningConfiguration"));
  const std::string state(body.child_text("Status"));
  if (state != "Enabled" && state != "Suspended") return S3Code::kIllegalVersioningConfiguration;
  if (body.child_text("MfaDelete") == "Enabled") {
    return S3Failure(S3Code::kNotImplemented).with("Header", "x-amz-mfa");
  }
  TRY(context.index.set_versioning(request.bucket, state));
  return answer_empty(request, response, 200);
}

}  // namespace raudal::neighbours::s3
