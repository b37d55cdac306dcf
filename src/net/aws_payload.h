// The body of an S3 request as its signature promises it: hashed as a whole, unsigned, or in `aws-chunked` pieces
// that are each signed and may end with a checksum trailer. Reading through it verifies; the last read fails if the
// bytes are not the promised ones, so a caller commits nothing before it has seen the end.
#pragma once

#include <memory>
#include <string>

#include "net/http.h"
#include "net/sigv4.h"

namespace raudal::net {

// What the body turned out to carry; complete after the end was read.
struct PayloadTrailers {
  HttpHeaders trailers;                // x-amz-checksum-... of a trailer
};

// Wraps request.body according to x-amz-content-sha256 and Content-Encoding, corrects request.content_length
// to x-amz-decoded-content-length, and takes aws-chunked out of Content-Encoding. `signature` is null where requests
// are not verified. The reader stays valid as long as request.body's old reader.
// Errors of its read(): kInvalidSignature (a chunk), kPayloadMismatch (hash or length), kInvalidRequest (framing).
class AwsPayloadReader : public BodyReader {
 public:
  virtual const PayloadTrailers& trailers() const = 0;
  static Result<std::unique_ptr<AwsPayloadReader>> wrap(HttpRequest& request, const VerifiedSignature* signature);
};

// S3's way to verify: x-amz-content-sha256 names the payload, paths are encoded once, 15 minutes of skew.
Result<VerifiedSignature> verify_s3_signature(const HttpRequest& request, const SecretLookup& secrets,
                                              const Clock& clock, std::string_view region);

}  // namespace raudal::net
