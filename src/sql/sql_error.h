// The one exception of the SQL front end: thrown through the recursion of parser and binder, caught at the module's
// door (session.cc), where it becomes an Error. It keeps its place as data, so that a script with replaced properties
// can still speak of the text as it was written.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "sql/position.h"

namespace raudal::sql {

struct SqlError {
  ErrorCode code;
  std::string message;
  std::optional<Span> span;

  // "… at line 1, column 13." for parse errors, "… [At line 1, column 8]" for all others.
  Error to_error() const;
};

[[noreturn]] void fail_parse(std::string message, const Span& span);
[[noreturn]] void fail_validation(std::string message, const Span& span);
[[noreturn]] void fail_validation(std::string message);
// Flink has it, this engine not yet: "<feature> is not supported yet".
[[noreturn]] void fail_unsupported(std::string feature, const Span& span);
[[noreturn]] void fail_option(std::string message);
// Throws another module's error with the place of the SQL text that caused it.
[[noreturn]] void fail_with(Error error, const Span& span);
[[noreturn]] void fail_with(Error error);

// The value, or its error thrown with a place.
template <class T>
T value_or_fail(Result<T> result, const Span& span) {
  if (!result.ok()) fail_with(std::move(result).error(), span);
  return std::move(result).value();
}

}  // namespace raudal::sql
