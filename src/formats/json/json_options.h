// The options of the format `json`, as values.
#pragma once

#include <string>

#include "base/result.h"
#include "connector/table.h"
#include "connector/value_text.h"

namespace raudal::formats::json {

struct JsonOptions {
  enum class NullKey { kFail, kDrop, kLiteral };

  bool fail_on_missing_field = false;
  bool ignore_parse_errors = false;
  connector::TimestampStandard timestamps = connector::TimestampStandard::kSql;
  NullKey null_key = NullKey::kFail;
  std::string null_key_literal = "null";
  bool plain_decimals = false;
  bool ignore_null_fields = false;
};

Result<JsonOptions> read_options(const connector::Options& options);
// Refuses columns that JSON cannot carry: maps whose keys are not strings.
Status check_types(const column::Schema& columns);

}  // namespace raudal::formats::json
