#include "formats/json/json_options.h"

#include "connector/options.h"

namespace raudal::formats::json {
namespace {

Status check_type(const column::Type& type) {
  if (type.kind() == column::TypeKind::kMap && !type.fields()[0].type.is_string()) {
    return Error(ErrorCode::kSqlUnsupported,
                 "JSON format doesn't support non-string as key type of map. The type is: " + type.to_string());
  }
  for (const column::Field& part : type.fields()) TRY(check_type(part.type));
  return {};
}

}  // namespace

Result<JsonOptions> read_options(const connector::Options& options) {
  using connector::bool_option;
  JsonOptions read;
  read.fail_on_missing_field = TRY(bool_option(options, "fail-on-missing-field", false));
  read.ignore_parse_errors = TRY(bool_option(options, "ignore-parse-errors", false));
  if (read.fail_on_missing_field && read.ignore_parse_errors) {
    return Error(ErrorCode::kSqlOption, "fail-on-missing-field and ignore-parse-errors shouldn't both be true.");
  }
  const std::string standard =
      TRY(connector::word_option(options, "timestamp-format.standard", {"SQL", "ISO-8601"}));
  if (standard != "SQL") read.timestamps = connector::TimestampStandard::kIso8601;
  const std::string mode = TRY(connector::word_option(options, "map-null-key.mode", {"FAIL", "DROP", "LITERAL"}));
  if (mode == "DROP") read.null_key = JsonOptions::NullKey::kDrop;
  if (mode == "LITERAL") read.null_key = JsonOptions::NullKey::kLiteral;
  read.null_key_literal = connector::option(options, "map-null-key.literal").value_or("null");
  read.plain_decimals = TRY(bool_option(options, "encode.decimal-as-plain-number", false));
  read.ignore_null_fields = TRY(bool_option(options, "encode.ignore-null-fields", false));
  TRY(bool_option(options, "decode.json-parser.enabled", true));   // Flink's two parsers; here there is one
  return read;
}

Status check_types(const column::Schema& columns) {
  for (const column::Field& field : columns) TRY(check_type(field.type));
  return {};
}

}  // namespace raudal::formats::json
