// Result<T> and Status: how expected failures (input, network, disk, user) are returned.
//
//   Result<File> open(const std::string& path);
//   Status copy(...) {
//     File file = TRY(open(path));   // returns the error to the caller, else unwraps
//     TRY(file.sync());
//     return {};
//   }
//
// A bug is a failed CHECK (base/check.h), never an Error. No exception crosses a module's border.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/error_code.h"

namespace raudal {

// What went wrong: a stable code (tests assert it) and a sentence for a person, run-time values at its end.
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error, said from one level further up: "context: message".
  Error within(const std::string& context) && { return Error(code_, context + ": " + message_); }

 private:
  ErrorCode code_;
  std::string message_;
};

// A value or an Error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return value_.has_value(); }
  const Error& error() const& { CHECK(!ok()); return *error_; }
  Error error() && { CHECK(!ok()); return std::move(*error_); }
  T& value() & { CHECK(ok()); return *value_; }
  const T& value() const& { CHECK(ok()); return *value_; }
  T value() && { CHECK(ok()); return std::move(*value_); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }

 private:
  std::optional<T> value_;
  std::optional<Error> error_;
};

// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  const Error& error() const& { CHECK(!ok()); return *error_; }
  Error error() && { CHECK(!ok()); return std::move(*error_); }
  void value() const { CHECK(ok()); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace raudal

// Unwraps a Result, or returns its error from the enclosing function.
#define TRY(...)                                                  \
  ({                                                              \
    auto&& raudal_result = (__VA_ARGS__);                         \
    if (!raudal_result.ok()) [[unlikely]]                         \
      return std::move(raudal_result).error();                    \
    std::move(raudal_result).value();                             \
  })
