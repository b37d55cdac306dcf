// What a request asks of an object before and while it is read: If-... headers, ranges, the source of a copy.
#pragma once

#include <string_view>

#include "neighbours/s3/s3_request.h"

namespace raudal::neighbours::s3 {

// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since; with the prefix "x-amz-copy-source-" those of a
// copy, where "not modified" is a failure too.
S3Status check_read_conditions(const net::HttpHeaders& headers, std::string_view prefix, const ObjectVersion& object);

// Bytes of an object: all, or the part that a Range names.
struct ByteRange {
  int64_t offset = 0;
  int64_t length = 0;
  bool is_part = false;
};

// A header that is no single byte range is ignored, as RFC 9110 says. kInvalidRange when it begins after the end.
S3Result<ByteRange> find_range(std::string_view header, int64_t size_bytes);

// The object that x-amz-copy-source names, pinned, with its conditions checked.
S3Result<PinnedObject> find_copy_source(S3Context& context, const S3Request& request);

}  // namespace raudal::neighbours::s3
