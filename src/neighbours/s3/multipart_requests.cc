// Uploads in parts: each part is a file of its own, and the finished object is the list of them.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"
#include "codec/base64.h"
#include "neighbours/s3/handlers.h"
#include "neighbours/s3/object_body.h"
#include "neighbours/s3/object_conditions.h"

namespace raudal::neighbours::s3 {
namespace {

constexpr int kPartsMax = 10'000;
constexpr int64_t kPartBytesMin = int64_t{5} << 20;  // of all but the last part

S3Result<int> part_number(const S3Request& request) {
  const int number = TRY(request.query_number("partNumber", 0, kPartsMax + 1));
  if (number >= 1 && number <= kPartsMax) return number;
  return S3Failure(S3Code::kInvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")
      .with("ArgumentName", "partNumber");
}

S3Result<Upload> upload_of(S3Context& context, const S3Request& request) {
  return context.index.find_upload(request.bucket, request.key, std::string(request.http.query_value("uploadId")));
}

UploadPart part_of(int number, const StoredBody& body, int64_t now_us) {
  return {.number = number,
          .file = body.segments.empty() ? "" : body.segments[0].file,
          .size_bytes = body.size_bytes,
          .etag = codec::hex(body.md5),
          .modified_us = now_us,
          .checksum = body.checksum};
}

S3Status keep_part(S3Context& context, const Upload& upload, const UploadPart& part, const StoredBody& body) {
  S3Status kept = context.index.put_part(upload.id, part);
  if (!kept.ok()) discard_body(context, body);
  return kept;
}

// Which of the uploaded parts the client wants, checked against what is there.
S3Result<std::vector<UploadPart>> chosen_parts(const XmlElement& body, const std::vector<UploadPart>& uploaded) {
  std::vector<UploadPart> chosen;
  for (const XmlElement& wanted : body.children) {
    if (wanted.name != "Part") continue;
    const auto number = parse_int(wanted.child_text("PartNumber"));
    if (!number) return S3Code::kMalformedXml;
    if (!chosen.empty() && *number <= chosen.back().number) return S3Code::kInvalidPartOrder;
    const auto found = std::ranges::find(uploaded, *number, &UploadPart::number);
    const auto invalid = [&] {
      return S3Failure(S3Code::kInvalidPart).with("PartNumber", std::to_string(*number));
    };
    if (found == uploaded.end() || unquoted(wanted.child_text("ETag")) != found->etag) return invalid();
    if (const ChecksumKind* kind = find_checksum_kind(found->checksum.algorithm)) {
      const std::string_view promised = wanted.child_text(kind->element);
      if (!promised.empty() && promised != found->checksum.value) return invalid();
    }
    chosen.push_back(*found);
  }
  if (chosen.empty()) return S3Code::kMalformedXml;
  for (size_t i = 0; i + 1 < chosen.size(); ++i) {
    if (chosen[i].size_bytes >= kPartBytesMin) continue;
    return S3Failure(S3Code::kEntityTooSmall)
        .with("ProposedSize", std::to_string(chosen[i].size_bytes))
        .with("MinSizeAllowed", std::to_string(kPartBytesMin))
        .with("PartNumber", std::to_string(chosen[i].number));
  }
  return chosen;
}

// S3's entity tag of such an object: the MD5 of the parts' MD5s, and their number.
std::string multipart_etag(const std::vector<UploadPart>& parts) {
  codec::Digest digest(codec::DigestKind::kMd5);
  for (const UploadPart& part : parts) digest.update(codec::unhex(part.etag).value());
  return fmt::format("{}-{}", codec::hex(digest.finish()), parts.size());
}

// Of all bytes, or the checksum of the parts' checksums.
S3Result<Checksum> object_checksum(S3Context& context, const Upload& upload, const std::vector<UploadPart>& parts,
                                   const std::vector<Segment>& segments) {
  const ChecksumKind* kind = find_checksum_kind(upload.checksum_algorithm);
  if (!kind) return Checksum{};
  codec::Digest digest(kind->digest);
  if (upload.checksum_type == "FULL_OBJECT") {
    int64_t size_bytes = 0;
    for (const Segment& segment : segments) size_bytes += segment.size_bytes;
    TRY(read_segments(context.files, segments, 0, size_bytes, [&](std::string_view bytes) {
      digest.update(bytes);
      return Status();
    }));
    return Checksum{std::string(kind->algorithm), codec::base64_encode(digest.finish()), upload.checksum_type};
  }
  for (const UploadPart& part : parts) digest.update(codec::base64_decode(part.checksum.value).value());
  return Checksum{std::string(kind->algorithm),
                  fmt::format("{}-{}", codec::base64_encode(digest.finish()), parts.size()), upload.checksum_type};
}

// A client may tell the whole object's checksum when it completes.
S3Status check_promised(const S3Request& request, const Checksum& computed) {
  for (const ChecksumKind& kind : checksum_kinds()) {
    const std::string* promised = request.http.headers.find(checksum_header(kind.algorithm));
    if (!promised || (computed.algorithm == kind.algorithm && computed.value == *promised)) continue;
    return S3Failure(S3Code::kBadDigest,
                     fmt::format("The {} you specified did not match the calculated checksum.", kind.name));
  }
  return {};
}

}  // namespace

S3Status create_multipart_upload(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const std::string_view algorithm = request.http.headers.get("x-amz-checksum-algorithm");
  const ChecksumKind* kind = find_checksum_kind(algorithm);
  if (!algorithm.empty() && !kind) {
    return S3Failure(S3Code::kInvalidRequest, "Checksum algorithm provided is unsupported.");
  }
  std::string type(request.http.headers.get("x-amz-checksum-type"));
  if (kind && type.empty()) type = kind->algorithm == "crc64nvme" ? "FULL_OBJECT" : "COMPOSITE";
  const bool is_sha = kind && kind->algorithm.starts_with("sha");
  if ((is_sha && type == "FULL_OBJECT") || (kind && kind->algorithm == "crc64nvme" && type == "COMPOSITE")) {
    return S3Failure(S3Code::kInvalidRequest,
                     fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.", type,
                                 kind->algorithm));
  }
  const Upload upload{.id = secure_random_hex(32),
                      .bucket = request.bucket,
                      .key = request.key,
                      .created_us = context.clock.wall_us(),
                      .headers = TRY(stored_headers(request.http.headers)),
                      .checksum_algorithm = kind ? std::string(kind->algorithm) : "",
                      .checksum_type = kind ? type : ""};
  TRY(context.index.create_upload(upload));
  net::HttpHeaders headers;
  if (kind) {
    headers.add("x-amz-checksum-algorithm", std::string(kind->name));
    headers.add("x-amz-checksum-type", type);
  }
  XmlWriter xml("InitiateMultipartUploadResult");
  xml.element("Bucket", upload.bucket);
  xml.element("Key", upload.key);
  xml.element("UploadId", upload.id);
  return answer_xml(request, response, std::move(xml), std::move(headers));
}

S3Status upload_part(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const int number = TRY(part_number(request));
  const Upload upload = TRY(upload_of(context, request));
  const StoredBody body = TRY(store_body(context, request, upload.checksum_algorithm));
  const UploadPart part = part_of(number, body, context.clock.wall_us());
  if (!upload.checksum_algorithm.empty() && body.checksum.algorithm != upload.checksum_algorithm) {
    discard_body(context, body);
    return S3Failure(S3Code::kInvalidRequest,
                     fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: "
                                 "{}", upload.checksum_algorithm, body.checksum.algorithm));
  }
  TRY(keep_part(context, upload, part, body));
  net::HttpHeaders headers{{"ETag", quoted(part.etag)}};
  if (!body.checksum.algorithm.empty()) headers.add(checksum_header(body.checksum.algorithm), body.checksum.value);
  return answer_empty(request, response, 200, std::move(headers));
}

S3Status upload_part_copy(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const int number = TRY(part_number(request));
  const Upload upload = TRY(upload_of(context, request));
  const PinnedObject source = TRY(find_copy_source(context, request));
  const std::string_view wanted = request.http.headers.get("x-amz-copy-source-range");
  const ByteRange range = TRY(find_range(wanted, source.version.size_bytes));
  const StoredBody body =
      TRY(store_range(context, source, range.offset, range.length, upload.checksum_algorithm));
  const UploadPart part = part_of(number, body, context.clock.wall_us());
  TRY(keep_part(context, upload, part, body));
  net::HttpHeaders headers;
  if (source.bucket_is_versioned) headers.add("x-amz-copy-source-version-id", source.version.version_id);
  XmlWriter xml("CopyPartResult");
  xml.element("LastModified", format_utc_ms(part.modified_us));
  xml.element("ETag", quoted(part.etag));
  if (const ChecksumKind* kind = find_checksum_kind(part.checksum.algorithm)) {
    xml.element(kind->element, part.checksum.value);
  }
  return answer_xml(request, response, std::move(xml), std::move(headers));
}

S3Status list_parts(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const Upload upload = TRY(upload_of(context, request));
  const int after = TRY(request.query_number("part-number-marker", 0, kPartsMax));
  const int limit = TRY(request.query_number("max-parts", 1000, 1000));
  XmlWriter xml("ListPartsResult");
  xml.element("Bucket", upload.bucket);
  xml.element("Key", upload.key);
  xml.element("UploadId", upload.id);
  write_owner(xml, "Initiator", context.options);
  write_owner(xml, "Owner", context.options);
  xml.element("StorageClass", "STANDARD");
  xml.element("PartNumberMarker", int64_t{after});
  int last = after;
  int count = 0;
  bool is_truncated = false;
  for (const UploadPart& part : TRY(context.index.list_parts(upload.id))) {
    if (part.number <= after) continue;
    if (count == limit) {
      is_truncated = true;
      break;
    }
    ++count;
    last = part.number;
    xml.open("Part");
    xml.element("PartNumber", int64_t{part.number});
    xml.element("LastModified", format_utc_ms(part.modified_us));
    xml.element("ETag", quoted(part.etag));
    xml.element("Size", part.size_bytes);
    if (const ChecksumKind* kind = find_checksum_kind(part.checksum.algorithm)) {
      xml.element(kind->element, part.checksum.value);
    }
    xml.close("Part");
  }
  xml.element("NextPartNumberMarker", int64_t{last});
  xml.element("MaxParts", int64_t{limit});
  xml.element("IsTruncated", is_truncated);
  return answer_xml(request, response, std::move(xml));
}

S3Status list_multipart_uploads(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  if (request.http.has_query("delimiter")) {
    return S3Failure(S3Code::kNotImplemented, "ListMultipartUploads with a delimiter is not implemented.");
  }
  const std::string prefix(request.http.query_value("prefix"));
  const std::string key_marker(request.http.query_value("key-marker"));
  const std::string id_marker(request.http.query_value("upload-id-marker"));
  const int limit = TRY(request.query_number("max-uploads", 1000, 1000));
  const bool url_encoded = request.http.query_value("encoding-type") == "url";
  const auto text = [&](const std::string& raw) { return url_encoded ? net::percent_encode(raw, true) : raw; };
  XmlWriter xml("ListMultipartUploadsResult");
  xml.element("Bucket", request.bucket);
  xml.element("KeyMarker", text(key_marker));
  xml.element("UploadIdMarker", id_marker);
  xml.element("Prefix", text(prefix));
  xml.element("MaxUploads", int64_t{limit});
  if (url_encoded) xml.element("EncodingType", "url");
  Upload last;
  int count = 0;
  bool is_truncated = false;
  for (const Upload& upload : TRY(context.index.list_uploads(request.bucket))) {
    const bool is_before = upload.key < key_marker ||
                           (upload.key == key_marker && (id_marker.empty() || upload.id <= id_marker));
    if (!upload.key.starts_with(prefix) || (!key_marker.empty() && is_before)) continue;
    if (count == limit) {
      is_truncated = true;
      break;
    }
    ++count;
    last = upload;
    xml.open("Upload");
    xml.element("Key", text(upload.key));
    xml.element("UploadId", upload.id);
    write_owner(xml, "Initiator", context.options);
    write_owner(xml, "Owner", context.options);
    xml.element("StorageClass", "STANDARD");
    xml.element("Initiated", format_utc_ms(upload.created_us));
    xml.close("Upload");
  }
  if (is_truncated) {
    xml.element("NextKeyMarker", text(last.key));
    xml.element("NextUploadIdMarker", last.id);
  }
  xml.element("IsTruncated", is_truncated);
  return answer_xml(request, response, std::move(xml));
}

S3Status abort_multipart_upload(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const Upload upload = TRY(upload_of(context, request));
  TRY(context.index.abort_upload(upload.id));
  return answer_empty(request, response, 204);
}

S3Status complete_multipart_upload(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const Upload upload = TRY(upload_of(context, request));
  const auto text = net::read_all(*request.payload, 4 << 20);
  if (!text.ok()) return text.error();
  const XmlElement body = TRY(parse_xml(*text, "CompleteMultipartUpload"));
  const std::vector<UploadPart> parts = TRY(chosen_parts(body, TRY(context.index.list_parts(upload.id))));
  std::vector<Segment> segments;
  int64_t size_bytes = 0;
  for (const UploadPart& part : parts) {
    size_bytes += part.size_bytes;
    if (part.size_bytes > 0) segments.push_back({part.file, part.size_bytes});
  }
  const Checksum checksum = TRY(object_checksum(context, upload, parts, segments));
  TRY(check_promised(request, checksum));
  const std::string etag = multipart_etag(parts);
  const WriteOutcome outcome = TRY(context.index.complete_upload(
      upload.id,
      {.bucket = upload.bucket, .key = upload.key, .size_bytes = size_bytes, .etag = etag,
       .modified_us = context.clock.wall_us(), .headers = upload.headers, .checksum = checksum},
      segments, write_conditions(request.http.headers)));
  net::HttpHeaders headers;
  if (outcome.bucket_is_versioned) headers.add("x-amz-version-id", outcome.version_id);
  XmlWriter xml("CompleteMultipartUploadResult");
  xml.element("Location", fmt::format("http://{}/{}/{}", request.http.headers.get("Host"), upload.bucket,
                                      net::percent_encode(upload.key, true)));
  xml.element("Bucket", upload.bucket);
  xml.element("Key", upload.key);
  xml.element("ETag", quoted(etag));
  if (const ChecksumKind* kind = find_checksum_kind(checksum.algorithm)) {
    xml.element(kind->element, checksum.value);
    xml.element("ChecksumType", checksum.type);
  }
  return answer_xml(request, response, std::move(xml), std::move(headers));
}

}  // namespace raudal::neighbours::s3
