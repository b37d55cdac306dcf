#include "sql/sql_error.h"

#include <fmt/core.h>

namespace raudal::sql {

Error SqlError::to_error() const {
  if (!span) return Error(code, message);
  if (code == ErrorCode::kSqlParse) {
    return Error(code, fmt::format("{} at line {}, column {}.", message, span->begin.line, span->begin.column));
  }
  return Error(code, message + " " + print_span(*span));
}

void fail_parse(std::string message, const Span& span) {
  throw SqlError{ErrorCode::kSqlParse, std::move(message), span};
}

void fail_validation(std::string message, const Span& span) {
  throw SqlError{ErrorCode::kSqlValidation, std::move(message), span};
}

void fail_validation(std::string message) {
  throw SqlError{ErrorCode::kSqlValidation, std::move(message), std::nullopt};
}

void fail_unsupported(std::string feature, const Span& span) {
  throw SqlError{ErrorCode::kSqlUnsupported, std::move(feature) + " is not supported yet", span};
}

void fail_option(std::string message) { throw SqlError{ErrorCode::kSqlOption, std::move(message), std::nullopt}; }

void fail_with(Error error, const Span& span) { throw SqlError{error.code(), error.message(), span}; }

void fail_with(Error error) { throw SqlError{error.code(), error.message(), std::nullopt}; }

}  // namespace raudal::sql
