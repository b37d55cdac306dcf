// S3's own error codes, and a Result that carries them. Everything inside this module answers S3Result; what comes
// from below as raudal::Error becomes the code that S3 would answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace raudal::neighbours::s3 {

enum class S3Code {
  kAccessDenied,
  kAuthorizationHeaderMalformed,
  kBadDigest,
  kBucketAlreadyOwnedByYou,
  kBucketNotEmpty,
  kEntityTooLarge,
  kEntityTooSmall,
  kExpiredToken,
  kIllegalVersioningConfiguration,
  kIncompleteBody,
  kInternalError,
  kInvalidAccessKeyId,
  kInvalidArgument,
  kInvalidBucketName,
  kInvalidDigest,
  kInvalidPart,
  kInvalidPartOrder,
  kInvalidRange,
  kInvalidRequest,
  kInvalidToken,
  kInvalidUri,
  kKeyTooLong,
  kMalformedXml,
  kMetadataTooLarge,
  kMethodNotAllowed,
  kMissingContentLength,
  kNoSuchBucket,
  kNoSuchKey,
  kNoSuchUpload,
  kNoSuchVersion,
  kNotImplemented,
  kNotModified,
  kPreconditionFailed,
  kRequestTimeTooSkewed,
  kRequestTimeout,
  kSignatureDoesNotMatch,
  kSlowDown,
  kXAmzContentSha256Mismatch,
};

// One line of the table of codes.
struct S3CodeInfo {
  S3Code code;
  std::string_view name;
  int http_status;
  std::string_view message;  // S3's usual sentence
};

const S3CodeInfo& s3_code_info(S3Code code);

// What a request is answered with when it fails.
struct S3Failure {
  S3Failure(S3Code code) : code(code), message(s3_code_info(code).message) {}
  S3Failure(S3Code code, std::string message) : code(code), message(std::move(message)) {}
  S3Failure(const Error& error);

  // One more element of the XML answer: "BucketName".
  S3Failure with(std::string name, std::string value) && {
    details.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  // One more header of the answer.
  S3Failure with_header(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }

  S3Code code;
  std::string message;
  std::vector<std::pair<std::string, std::string>> details;
  std::vector<std::pair<std::string, std::string>> headers;
};

// A value or an S3Failure; works with TRY.
template <class T>
class [[nodiscard]] S3Result {
 public:
  S3Result(T value) : value_(std::move(value)) {}
  S3Result(S3Failure failure) : failure_(std::move(failure)) {}
  S3Result(S3Code code) : failure_(S3Failure(code)) {}
  S3Result(const Error& error) : failure_(S3Failure(error)) {}

  bool ok() const { return value_.has_value(); }
  const S3Failure& error() const& { return *failure_; }
  S3Failure error() && { return std::move(*failure_); }
  T value() && {
    CHECK(ok());
    return std::move(*value_);
  }
  T& operator*() & {
    CHECK(ok());
    return *value_;
  }
  T* operator->() {
    CHECK(ok());
    return &*value_;
  }

 private:
  std::optional<T> value_;
  std::optional<S3Failure> failure_;
};

// Success, or an S3Failure.
template <>
class [[nodiscard]] S3Result<void> {
 public:
  S3Result() = default;
  S3Result(S3Failure failure) : failure_(std::move(failure)) {}
  S3Result(S3Code code) : failure_(S3Failure(code)) {}
  S3Result(const Error& error) : failure_(S3Failure(error)) {}
  S3Result(Status status) {
    if (!status.ok()) failure_ = S3Failure(status.error());
  }

  bool ok() const { return !failure_.has_value(); }
  const S3Failure& error() const& { return *failure_; }
  S3Failure error() && { return std::move(*failure_); }
  void value() const { CHECK(ok()); }

 private:
  std::optional<S3Failure> failure_;
};

using S3Status = S3Result<void>;

}  // namespace raudal::neighbours::s3
