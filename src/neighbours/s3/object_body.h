// Bodies on their way in and out: stores an upload in a file while its digests are computed and compared with what the
// client promised, and sends the bytes of a stored object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/digest.h"
#include "neighbours/s3/s3_request.h"

namespace raudal::neighbours::s3 {

// A checksum that S3 knows, under its three names.
struct ChecksumKind {
  std::string_view algorithm;  // "crc32c": in x-amz-checksum-crc32c
  std::string_view name;       // "CRC32C": in x-amz-checksum-algorithm
  std::string_view element;    // "ChecksumCRC32C"
  codec::DigestKind digest;
};

const ChecksumKind* find_checksum_kind(std::string_view algorithm_or_name);  // null when unknown; no case
std::span<const ChecksumKind> checksum_kinds();
std::string checksum_header(std::string_view algorithm);  // "x-amz-checksum-crc32c"

// An upload that is in a durable file, checked, and not yet in the index.
struct StoredBody {
  std::vector<Segment> segments;  // none for an empty body, else one
  int64_t size_bytes = 0;
  std::string md5;    // raw
  Checksum checksum;  // of type FULL_OBJECT, or empty
};

// Stores the request's body. The checksum is of the algorithm that the request names, else `algorithm` (empty: none).
// Until its file is in the index, whoever fails must discard it.
S3Result<StoredBody> store_body(S3Context& context, S3Request& request, std::string_view algorithm);
// The same for bytes of an object that is here already.
S3Result<StoredBody> store_range(S3Context& context, const PinnedObject& source, int64_t offset, int64_t length,
                                 std::string_view algorithm);
// The same for bytes in memory.
S3Result<StoredBody> store_bytes(S3Context& context, std::string_view bytes, std::string_view algorithm);
void discard_body(S3Context& context, const StoredBody& body);

// Content-MD5 and x-amz-checksum-* of a body in memory.
S3Status check_body_digests(const S3Request& request, std::string_view body);

// Feeds the bytes [offset, offset + length) of segments to `take`, in pieces.
S3Status read_segments(ObjectFiles& files, const std::vector<Segment>& segments, int64_t offset, int64_t length,
                       const std::function<Status(std::string_view)>& take);

}  // namespace raudal::neighbours::s3
