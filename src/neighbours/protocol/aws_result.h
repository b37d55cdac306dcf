// What a call of an AWS service fails with, and a Result that carries it. Handlers of all neighbours but S3 answer
// AwsResult; what comes from below as raudal::Error becomes the code that AWS would answer.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "codec/json.h"

namespace raudal::neighbours::protocol {

// A refusal in AWS's words: the name that clients catch, a sentence, the HTTP status.
struct AwsFailure {
  AwsFailure(std::string code, std::string message, int http_status = 400)
      : code(std::move(code)), message(std::move(message)), http_status(http_status) {}
  // By error_code.h's table; storage errors and bugs become 5xx.
  AwsFailure(const Error& error);

  // The code that the query protocol uses where it is another one: "AWS.SimpleQueueService.NonExistentQueue".
  AwsFailure with_query_code(std::string name) && {
    query_code = std::move(name);
    return std::move(*this);
  }

  std::string code;  // "ResourceNotFoundException"
  std::string message;
  int http_status;
  std::string query_code;   // empty: as `code`
  codec::JsonObject extra;  // more members of a JSON or CBOR answer
};

// A value or an AwsFailure; works with TRY.
template <class T>
class [[nodiscard]] AwsResult {
 public:
  AwsResult(T value) : value_(std::move(value)) {}
  AwsResult(AwsFailure failure) : failure_(std::move(failure)) {}
  AwsResult(const Error& error) : failure_(AwsFailure(error)) {}

  bool ok() const { return value_.has_value(); }
  const AwsFailure& error() const& { return *failure_; }
  AwsFailure error() && { return std::move(*failure_); }
  T value() && {
    CHECK(ok());
    return std::move(*value_);
  }
  T& operator*() & {
    CHECK(ok());
    return *value_;
  }
  const T& operator*() const& {
    CHECK(ok());
    return *value_;
  }
  T* operator->() {
    CHECK(ok());
    return &*value_;
  }

 private:
  std::optional<T> value_;
  std::optional<AwsFailure> failure_;
};

// Success, or an AwsFailure.
template <>
class [[nodiscard]] AwsResult<void> {
 public:
  AwsResult() = default;
  AwsResult(AwsFailure failure) : failure_(std::move(failure)) {}
  AwsResult(const Error& error) : failure_(AwsFailure(error)) {}
  AwsResult(const Status& status) {
    if (!status.ok()) failure_ = AwsFailure(status.error());
  }

  bool ok() const { return !failure_.has_value(); }
  const AwsFailure& error() const& { return *failure_; }
  AwsFailure error() && { return std::move(*failure_); }
  void value() const { CHECK(ok()); }

 private:
  std::optional<AwsFailure> failure_;
};

using AwsStatus = AwsResult<void>;

}  // namespace raudal::neighbours::protocol
