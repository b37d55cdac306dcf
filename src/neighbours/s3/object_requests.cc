// Operations on single objects, and DeleteObjects.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/s3/handlers.h"
#include "neighbours/s3/object_body.h"
#include "neighbours/s3/object_conditions.h"

namespace raudal::neighbours::s3 {
namespace {

constexpr size_t kDeletesMax = 1000;

void add_checksum(net::HttpHeaders& headers, const Checksum& checksum) {
  if (checksum.algorithm.empty()) return;
  headers.add(checksum_header(checksum.algorithm), checksum.value);
  headers.add("x-amz-checksum-type", checksum.type);
}

void add_version(net::HttpHeaders& headers, const WriteOutcome& outcome) {
  if (outcome.bucket_is_versioned) headers.add("x-amz-version-id", outcome.version_id);
}

// Query parameters by which a (presigned) GET chooses the answer's headers.
constexpr std::pair<std::string_view, std::string_view> kOverrides[] = {
    {"response-content-type", "Content-Type"},
    {"response-content-language", "Content-Language"},
    {"response-expires", "Expires"},
    {"response-cache-control", "Cache-Control"},
    {"response-content-disposition", "Content-Disposition"},
    {"response-content-encoding", "Content-Encoding"},
};

net::HttpHeaders object_headers(const S3Request& request, const PinnedObject& object, const ByteRange& range) {
  const ObjectVersion& version = object.version;
  net::HttpHeaders headers = answer_headers(request);
  for (const auto& [name, value] : parse_stored_headers(version.headers)) headers.add(name, value);
  if (!headers.has("Content-Type")) headers.add("Content-Type", "binary/octet-stream");
  for (const auto& [parameter, name] : kOverrides) {
    if (request.http.has_query(parameter)) headers.set(name, std::string(request.http.query_value(parameter)));
  }
  headers.add("ETag", quoted(version.etag));
  headers.add("Last-Modified", http_date(version.modified_us));
  headers.add("Accept-Ranges", "bytes");
  if (object.bucket_is_versioned) headers.add("x-amz-version-id", version.version_id);
  if (range.is_part) {
    headers.add("Content-Range", fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.length - 1,
                                             version.size_bytes));
  } else if (equals_ignore_case(request.http.headers.get("x-amz-checksum-mode"), "ENABLED")) {
    add_checksum(headers, version.checksum);
  }
  return headers;
}

// ?partNumber=N of an object that was uploaded in parts.
S3Result<ByteRange> part_range(const PinnedObject& object, int number) {
  const size_t num_parts = std::max<size_t>(1, object.segments.size());
  if (number < 1 || static_cast<size_t>(number) > num_parts) {
    return S3Failure(S3Code::kInvalidRange, "The requested partnumber is not satisfiable");
  }
  ByteRange range{.is_part = object.version.size_bytes > 0};
  for (int i = 0; i < number && static_cast<size_t>(i) < object.segments.size(); ++i) {
    range.offset += range.length;
    range.length = object.segments[static_cast<size_t>(i)].size_bytes;
  }
  return range;
}

S3Result<ByteRange> wanted_range(const S3Request& request, const PinnedObject& object) {
  if (request.http.has_query("partNumber")) {
    return part_range(object, TRY(request.query_number("partNumber", 1, 10'000)));
  }
  // If-Range: the part only if the object is still the same.
  const std::string* condition = request.http.headers.find("If-Range");
  if (condition && unquoted(*condition) != object.version.etag) return find_range("", object.version.size_bytes);
  return find_range(request.http.headers.get("Range"), object.version.size_bytes);
}

// Metadata of a copy: the source's, or what the request carries.
S3Result<std::string> copied_headers(const S3Request& request, const ObjectVersion& source) {
  const std::string_view directive = request.http.headers.get("x-amz-metadata-directive");
  if (directive == "REPLACE") return stored_headers(request.http.headers);
  if (!directive.empty() && directive != "COPY") {
    return S3Failure(S3Code::kInvalidArgument, "Unknown metadata directive.")
        .with("ArgumentName", "x-amz-metadata-directive");
  }
  const bool onto_itself = source.bucket == request.bucket && source.key == request.key && source.is_latest;
  if (onto_itself) {
    return S3Failure(S3Code::kInvalidRequest,
                     "This copy request is illegal because it is trying to copy an object to itself without changing "
                     "the object's metadata, storage class, website redirect location or encryption attributes.");
  }
  return source.headers;
}

}  // namespace

S3Status put_object(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  TRY(context.index.find_bucket(request.bucket));
  const std::string headers = TRY(stored_headers(request.http.headers));
  const StoredBody body = TRY(store_body(context, request, "crc64nvme"));
  const std::string etag = codec::hex(body.md5);
  auto outcome = context.index.put_object(
      {.bucket = request.bucket, .key = request.key, .size_bytes = body.size_bytes, .etag = etag,
       .modified_us = context.clock.wall_us(), .headers = headers, .checksum = body.checksum},
      body.segments, write_conditions(request.http.headers));
  if (!outcome.ok()) {
    discard_body(context, body);
    return outcome.error();
  }
  net::HttpHeaders answer{{"ETag", quoted(etag)}};
  add_checksum(answer, body.checksum);
  add_version(answer, *outcome);
  return answer_empty(request, response, 200, std::move(answer));
}

S3Status copy_object(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  TRY(context.index.find_bucket(request.bucket));
  const PinnedObject source = TRY(find_copy_source(context, request));
  const std::string headers = TRY(copied_headers(request, source.version));
  const WriteOutcome outcome = TRY(context.index.copy_object(
      source.version,
      {.bucket = request.bucket, .key = request.key, .modified_us = context.clock.wall_us(), .headers = headers},
      write_conditions(request.http.headers)));
  net::HttpHeaders answer;
  add_version(answer, outcome);
  if (source.bucket_is_versioned) answer.add("x-amz-copy-source-version-id", source.version.version_id);
  XmlWriter xml("CopyObjectResult");
  xml.element("LastModified", format_utc_ms(outcome.modified_us));
  xml.element("ETag", quoted(source.version.etag));
  if (const ChecksumKind* kind = find_checksum_kind(source.version.checksum.algorithm)) {
    xml.element("ChecksumType", source.version.checksum.type);
    xml.element(kind->element, source.version.checksum.value);
  }
  return answer_xml(request, response, std::move(xml), std::move(answer));
}

S3Status get_object(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const PinnedObject object = TRY(context.index.find_object(request.bucket, request.key, request.version_id()));
  TRY(check_read_conditions(request.http.headers, "", object.version));
  const ByteRange range = TRY(wanted_range(request, object));
  net::HttpHeaders headers = object_headers(request, object, range);
  if (request.http.has_query("partNumber") && object.version.etag.find('-') != std::string::npos) {
    headers.add("x-amz-mp-parts-count", std::to_string(object.segments.size()));
  }
  TRY(response.begin(range.is_part ? 206 : 200, headers, range.length));
  if (request.http.method != "HEAD") {
    TRY(read_segments(context.files, object.segments, range.offset, range.length,
                      [&](std::string_view bytes) { return response.write(bytes); }));
  }
  return response.finish();
}

S3Status get_object_tagging(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  // Tags cannot be set, so there are none; `aws s3 cp` asks before it copies in parts.
  TRY(context.index.find_object(request.bucket, request.key, request.version_id()));
  XmlWriter xml("Tagging");
  xml.open("TagSet");
  xml.close("TagSet");
  return answer_xml(request, response, std::move(xml));
}

S3Status delete_object(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const DeleteOutcome outcome = TRY(
      context.index.delete_object(request.bucket, request.key, request.version_id(), context.clock.wall_us()));
  net::HttpHeaders answer;
  if (!outcome.version_id.empty()) answer.add("x-amz-version-id", outcome.version_id);
  if (outcome.is_delete_marker) answer.add("x-amz-delete-marker", "true");
  return answer_empty(request, response, 204, std::move(answer));
}

S3Status delete_objects(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  TRY(context.index.find_bucket(request.bucket));
  const XmlElement body = TRY(request.xml_body("Delete"));
  const bool quiet = body.child_text("Quiet") == "true";
  XmlWriter xml("DeleteResult");
  size_t count = 0;
  for (const XmlElement& object : body.children) {
    if (object.name != "Object") continue;
    const std::string key(object.child_text("Key"));
    const std::string_view version = object.child_text("VersionId");
    if (key.empty() || ++count > kDeletesMax) return S3Code::kMalformedXml;
    auto outcome = context.index.delete_object(
        request.bucket, key, version.empty() ? std::nullopt : std::optional<std::string>(version),
        context.clock.wall_us());
    if (!outcome.ok()) {
      xml.open("Error");
      xml.element("Key", key);
      if (!version.empty()) xml.element("VersionId", version);
      xml.element("Code", s3_code_info(outcome.error().code).name);
      xml.element("Message", outcome.error().message);
      xml.close("Error");
    } else if (!quiet) {
      xml.open("Deleted");
      xml.element("Key", key);
      if (!version.empty()) xml.element("VersionId", version);
      if (outcome->is_delete_marker) {
        xml.element("DeleteMarker", true);
        xml.element("DeleteMarkerVersionId", outcome->version_id);
      }
      xml.close("Deleted");
    }
  }
  if (count == 0) return S3Code::kMalformedXml;
  return answer_xml(request, response, std::move(xml));
}

}  // namespace raudal::neighbours::s3
