// Casts from and to text.
#include <fmt/core.h>

#include <charconv>
#include <cmath>

#include "base/str.h"
#include "column/print.h"
#include "expr/casts.h"
#include "expr/decimal.h"
#include "expr/temporal_text.h"
#include "expr/utf8.h"

namespace raudal::expr {
namespace {

// An integer of text; a well-formed fraction is cut off, as Flink does.
template <class T>
std::optional<T> parse_integer(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '-') return std::nullopt;
  }
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
  if (rest.empty()) return value;
  if (rest[0] != '.') return std::nullopt;
  for (char c : rest.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  return value;
}

std::optional<double> parse_floating(std::string_view text) {
  text = trim(text);
  if (text == "NaN" || text == "+NaN" || text == "-NaN") return std::nan("");
  if (text == "Infinity" || text == "+Infinity") return HUGE_VAL;
  if (text == "-Infinity") return -HUGE_VAL;
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text[text.size() > 1 ? 1 : 0])) != 0) {
    if (text.size() < 2 || text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  }
  const char last = text.back();
  if (last == 'd' || last == 'D' || last == 'f' || last == 'F') text.remove_suffix(1);  // Java's suffixes
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const size_t e = text.find_first_of("eE");
    const bool tiny = e != std::string_view::npos && e + 1 < text.size() && text[e + 1] == '-';
    const double size = tiny ? 0.0 : HUGE_VAL;
    return text[0] == '-' ? -size : size;
  }
  if (error != std::errc() || std::isnan(value) || std::isinf(value)) return std::nullopt;
  return value;
}

std::optional<uint8_t> parse_boolean(std::string_view text) {
  const std::string word = to_lower(text);  // blanks around it are not allowed here
  for (std::string_view yes : {"t", "true", "y", "yes", "1"}) {
    if (word == yes) return 1;
  }
  for (std::string_view no : {"f", "false", "n", "no", "0"}) {
    if (word == no) return 0;
  }
  return std::nullopt;
}

// One value of each present row; a row that cannot be read fails, or is NULL.
template <class T, class Parse>
Result<Column> read_rows(const Column& from, const Type& to, bool try_cast, std::string_view problem, Parse parse) {
  ColumnBuilder builder(to, from.size);
  for (size_t i = 0; i < from.size; ++i) {
    if (!from.is_valid(i)) {
      builder.append_null();
      continue;
    }
    const std::optional<T> value = parse(from.string(i));
    if (value)
      builder.append(*value);
    else if (try_cast)
      builder.append_null();
    else
      return expression_error(fmt::format("For input string: '{}'.{}", from.string(i), problem));
  }
  return builder.finish();
}

// Text that is no number, and a number that is too large, fail.
Result<Column> read_decimals(const Column& from, const Type& to, bool try_cast) {
  ColumnBuilder builder(to, from.size);
  for (size_t i = 0; i < from.size; ++i) {
    if (!from.is_valid(i)) {
      builder.append_null();
      continue;
    }
    const std::optional<Int128> value = decimal_from_text(from.string(i), to.scale());
    const bool fits = value && fits_precision(*value, to.precision());
    if (!fits && !try_cast) {
      const bool number = parse_floating(from.string(i)).has_value();
      return expression_error(
          fmt::format("For input string: '{}'. {}", from.string(i), number ? "Overflow." : "Invalid character found."));
    }
    if (!fits)
      builder.append_null();
    else if (to.storage() == Storage::kInt64)
      builder.append(static_cast<int64_t>(*value));
    else
      builder.append(*value);
  }
  return builder.finish();
}

int64_t cut_to_precision(int64_t us, int precision) {
  int64_t unit = 1;
  for (int p = precision; p < 6; ++p) unit *= 10;
  const int64_t rest = us % unit;
  return us - (rest < 0 ? rest + unit : rest);
}

// Text cut to `length` code points, and for CHAR filled up with blanks.
void append_fitted(std::string_view text, const Type& to, ColumnBuilder& builder) {
  const auto length = static_cast<size_t>(to.length());
  if (text.size() > length) text = utf8_prefix(text, length);
  if (to.kind() != TypeKind::kChar) return builder.append_string(text);
  const size_t have = utf8_length(text);
  if (have >= length) return builder.append_string(text);
  std::string padded(text);
  padded.append(length - have, ' ');
  builder.append_string(padded);
}

// VARCHAR keeps the bytes where no value is too long.
bool fits_as_it_is(const Column& from, const Type& to) {
  if (!from.type.is_string() || to.kind() != TypeKind::kVarchar) return false;
  if (from.type.length() <= to.length()) return true;
  const StringRef* refs = from.data<StringRef>();
  for (size_t i = 0; i < from.size; ++i) {
    if (refs[i].size > static_cast<uint32_t>(to.length())) return false;
  }
  return true;
}

}  // namespace

Result<Column> cast_from_text(const Column& from, const Type& to, const CastOptions& options) {
  const bool try_cast = options.try_cast;
  constexpr std::string_view kInvalid = " Invalid character found.";
  switch (to.kind()) {
    case TypeKind::kBoolean: return read_rows<uint8_t>(from, to, try_cast, kInvalid, parse_boolean);
    case TypeKind::kTinyInt: return read_rows<int8_t>(from, to, try_cast, kInvalid, parse_integer<int8_t>);
    case TypeKind::kSmallInt: return read_rows<int16_t>(from, to, try_cast, kInvalid, parse_integer<int16_t>);
    case TypeKind::kInt: return read_rows<int32_t>(from, to, try_cast, kInvalid, parse_integer<int32_t>);
    case TypeKind::kBigInt: return read_rows<int64_t>(from, to, try_cast, kInvalid, parse_integer<int64_t>);
    case TypeKind::kDouble: return read_rows<double>(from, to, try_cast, kInvalid, parse_floating);
    case TypeKind::kFloat:
      return read_rows<float>(from, to, try_cast, kInvalid, [](std::string_view text) -> std::optional<float> {
        const std::optional<double> value = parse_floating(text);
        return value ? std::optional<float>(static_cast<float>(*value)) : std::nullopt;
      });
    case TypeKind::kDecimal: return read_decimals(from, to, try_cast);
    case TypeKind::kDate:
      return read_rows<int32_t>(from, to, try_cast, "", [](std::string_view text) { return parse_date(trim(text)); });
    case TypeKind::kTime: return read_rows<int32_t>(from, to, try_cast, "", parse_time);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampLtz:
      return read_rows<int64_t>(from, to, try_cast, "", [&](std::string_view text) -> std::optional<int64_t> {
        std::optional<int64_t> us = parse_timestamp(text);
        if (us && to.kind() == TypeKind::kTimestampLtz) us = options.zone.to_utc_us(*us);
        return us ? std::optional(cut_to_precision(*us, to.precision())) : std::nullopt;
      });
    case TypeKind::kBinary:
    case TypeKind::kVarbinary: {
      Column bytes = from;
      bytes.type = Type::varbinary(2147483647);
      return cast_column(bytes, to, try_cast, EvalContext{});
    }
    default: return Error(ErrorCode::kSqlUnsupported, "CAST from text to " + to.to_string());
  }
}

Column cast_to_text(const Column& from, const Type& to, const CastOptions& options) {
  if (fits_as_it_is(from, to)) {
    Column same = from;
    same.type = to;
    return same;
  }
  ColumnBuilder builder(to, from.size);
  const bool unbounded = to.kind() == TypeKind::kVarchar && to.length() == INT32_MAX;
  std::string text;
  for (size_t i = 0; i < from.size; ++i) {
    if (!from.is_valid(i)) {
      builder.append_null();
      continue;
    }
    text.clear();
    column::append_text(from, i, options.zone, column::BytesAs::kText, &text);
    if (unbounded)
      builder.append_string(text);
    else
      append_fitted(text, to, builder);
  }
  return builder.finish();
}

}  // namespace raudal::expr
