#include "formats/csv/csv_value.h"

#include "base/str.h"
#include "codec/base64.h"
#include "column/calendar.h"
#include "connector/value_text.h"

namespace raudal::formats::csv {
namespace {

using column::ColumnBuilder;
using column::Storage;
using column::TypeKind;
using connector::trim_as_java;

template <class T>
bool append_if(const std::optional<T>& value, ColumnBuilder& builder) {
  if (value) builder.append(*value);
  return value.has_value();
}

bool append_integer(std::string_view text, ColumnBuilder& builder) {
  const std::optional<int64_t> value = connector::parse_java_int(trim_as_java(text));
  if (!value) return false;
  const auto fits = [&](int64_t min, int64_t max) { return *value >= min && *value <= max; };
  switch (builder.type().storage()) {
    case Storage::kInt8:
      if (!fits(INT8_MIN, INT8_MAX)) return false;
      builder.append(static_cast<int8_t>(*value));
      return true;
    case Storage::kInt16:
      if (!fits(INT16_MIN, INT16_MAX)) return false;
      builder.append(static_cast<int16_t>(*value));
      return true;
    case Storage::kInt32:
      if (!fits(INT32_MIN, INT32_MAX)) return false;
      builder.append(static_cast<int32_t>(*value));
      return true;
    default: builder.append(*value); return true;
  }
}

bool append_decimal(std::string_view text, ColumnBuilder& builder) {
  const auto parsed = connector::parse_decimal(text, builder.type().precision(), builder.type().scale());
  if (parsed.outcome == connector::DecimalText::Outcome::kMalformed) return false;
  if (parsed.outcome == connector::DecimalText::Outcome::kOverflow) {
    builder.append_null();
  } else if (builder.type().storage() == Storage::kInt64) {
    builder.append(static_cast<int64_t>(parsed.unscaled));
  } else {
    builder.append(parsed.unscaled);
  }
  return true;
}

// As java.sql.Date.valueOf(): month and day may have one digit, and the 30th of February is in March.
std::optional<int32_t> parse_lenient_date(std::string_view text) {
  const std::vector<std::string> parts = split(text, '-');
  if (parts.size() != 3 || parts[0].size() != 4 || parts[1].size() > 2 || parts[2].size() > 2) return std::nullopt;
  const auto number = [](const std::string& digits) -> int64_t {
    if (digits.find_first_not_of("0123456789") != std::string::npos) return -1;
    return parse_int(digits).value_or(-1);
  };
  const int64_t year = number(parts[0]);
  const int64_t month = number(parts[1]);
  const int64_t day = number(parts[2]);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  return static_cast<int32_t>(column::days_from_civil(year, static_cast<int>(month), 1) + day - 1);
}

bool append_scalar(std::string_view text, ColumnBuilder& builder) {
  const column::Type& type = builder.type();
  switch (type.kind()) {
    case TypeKind::kBoolean:
      builder.append(static_cast<uint8_t>(equals_ignore_case(trim_as_java(text), "true")));
      return true;
    case TypeKind::kDouble: return append_if(connector::parse_java_double(trim_as_java(text)), builder);
    case TypeKind::kFloat: {
      const std::optional<double> value = connector::parse_java_double(trim_as_java(text));
      if (value) builder.append(static_cast<float>(*value));
      return value.has_value();
    }
    case TypeKind::kDecimal: return append_decimal(text, builder);
    case TypeKind::kChar: case TypeKind::kVarchar: builder.append_string(text); return true;
    case TypeKind::kBinary: case TypeKind::kVarbinary: {
      const Result<std::string> bytes = codec::base64_decode(text);
      if (bytes.ok()) builder.append_string(*bytes);
      return bytes.ok();
    }
    case TypeKind::kDate: return append_if(parse_lenient_date(text), builder);
    case TypeKind::kTime: return append_if(connector::parse_time(text, true), builder);
    case TypeKind::kTimestamp: case TypeKind::kTimestampLtz: {
      const bool zoned = type.kind() == TypeKind::kTimestampLtz;
      return append_if(connector::parse_timestamp(trim_as_java(text), connector::TimestampStandard::kSql, zoned,
                                                  type.precision()),
                       builder);
    }
    default: return append_integer(text, builder);
  }
}

bool append_part(std::string_view text, const CsvOptions& options, ColumnBuilder& builder, int64_t* num_nulled) {
  if (options.null_literal && text == *options.null_literal) {
    builder.append_null();
    return true;
  }
  if (append_scalar(text, builder)) return true;
  if (!options.ignore_parse_errors) return false;
  builder.append_null();
  ++*num_nulled;
  return true;
}

std::vector<std::string_view> parts_of(std::string_view text, std::string_view delimiter) {
  std::vector<std::string_view> parts;
  if (text.empty()) return parts;
  for (size_t end = text.find(delimiter); end != std::string_view::npos; end = text.find(delimiter)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + delimiter.size());
  }
  parts.push_back(text);
  return parts;
}

}  // namespace

bool append_field(std::string_view text, const CsvOptions& options, ColumnBuilder& builder, int64_t* num_nulled) {
  const column::Type& type = builder.type();
  if (type.kind() == TypeKind::kArray) {
    for (const std::string_view part : parts_of(text, options.element_delimiter)) {
      if (!append_part(part, options, builder.child(0), num_nulled)) return false;
    }
    builder.close_row();
    return true;
  }
  if (type.kind() == TypeKind::kRow) {
    const std::vector<std::string_view> parts = parts_of(text, options.element_delimiter);
    const size_t num_fields = type.fields().size();
    if (parts.size() < num_fields && !options.ignore_parse_errors) return false;
    for (size_t i = 0; i < num_fields; ++i) {
      if (i >= parts.size()) builder.child(i).append_null();
      else if (!append_part(parts[i], options, builder.child(i), num_nulled)) return false;
    }
    builder.close_row();
    return true;
  }
  return append_part(text, options, builder, num_nulled);
}

}  // namespace raudal::formats::csv
