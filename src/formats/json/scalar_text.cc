#include "formats/json/scalar_text.h"

#include <cmath>

#include "base/str.h"
#include "codec/base64.h"
#include "column/print.h"
#include "connector/value_text.h"

namespace raudal::formats::json {
namespace {

using column::ColumnBuilder;
using column::Storage;
using column::TypeKind;
using connector::trim_as_java;

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// INT and BIGINT take the whole part of a number with a fraction; the smaller types do not.
std::optional<int64_t> integer_of(std::string_view text, bool is_number, TypeKind kind) {
  const std::optional<int64_t> value = connector::parse_java_int(is_number ? text : trim_as_java(text));
  if (value || !is_number || kind == TypeKind::kTinyInt || kind == TypeKind::kSmallInt) return value;
  if (text.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  const std::optional<double> number = connector::parse_java_double(text);
  if (!number || !(*number >= -0x1p63 && *number < 0x1p63)) return std::nullopt;
  return static_cast<int64_t>(*number);
}

bool append_integer(std::string_view text, bool is_number, ColumnBuilder& builder) {
  const std::optional<int64_t> value = integer_of(text, is_number, builder.type().kind());
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
  const auto parsed =
      connector::parse_decimal(trim_as_java(text), builder.type().precision(), builder.type().scale());
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

template <class T>
bool append_if(const std::optional<T>& value, ColumnBuilder& builder) {
  if (value) builder.append(*value);
  return value.has_value();
}

bool append_bytes(std::string_view text, ColumnBuilder& builder) {
  const Result<std::string> bytes = codec::base64_decode(text);
  if (!bytes.ok()) return false;
  builder.append_string(*bytes);
  return true;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Four hex digits at the front; -1 where they are not.
int take_code_unit(std::string_view& text) {
  if (text.size() < 4) return -1;
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  text.remove_prefix(4);
  return unit;
}

void append_utf8(int code_point, std::string* out) {
  const auto byte = [&](int bits) { out->push_back(static_cast<char>(bits)); };
  if (code_point < 0x80) return byte(code_point);
  if (code_point < 0x800) {
    byte(0xC0 | code_point >> 6);
  } else if (code_point < 0x10000) {
    byte(0xE0 | code_point >> 12);
    byte(0x80 | (code_point >> 6 & 0x3F));
  } else {
    byte(0xF0 | code_point >> 18);
    byte(0x80 | (code_point >> 12 & 0x3F));
    byte(0x80 | (code_point >> 6 & 0x3F));
  }
  byte(0x80 | (code_point & 0x3F));
}

bool append_code_point(std::string_view& rest, std::string* out) {
  const int unit = take_code_unit(rest);
  if (unit < 0) return false;
  if (unit < 0xD800 || unit > 0xDFFF) {
    append_utf8(unit, out);
    return true;
  }
  std::string_view after = rest;
  if (unit < 0xDC00 && after.starts_with("\\u")) {
    after.remove_prefix(2);
    const int low = take_code_unit(after);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      append_utf8(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
      rest = after;
      return true;
    }
  }
  out->push_back('?');
  return true;
}

}  // namespace

bool append_scalar(std::string_view text, bool is_number, const JsonOptions& options, ColumnBuilder& builder) {
  const column::Type& type = builder.type();
  switch (type.kind()) {
    case TypeKind::kBoolean:
      builder.append(static_cast<uint8_t>(equals_ignore_case(trim_as_java(text), "true")));
      return true;
    case TypeKind::kTinyInt: case TypeKind::kSmallInt: case TypeKind::kInt: case TypeKind::kBigInt:
      return append_integer(text, is_number, builder);
    case TypeKind::kDouble: return append_if(connector::parse_java_double(trim_as_java(text)), builder);
    case TypeKind::kFloat: {
      const std::optional<double> value = connector::parse_java_double(trim_as_java(text));
      if (value) builder.append(static_cast<float>(*value));
      return value.has_value();
    }
    case TypeKind::kDecimal: return append_decimal(text, builder);
    case TypeKind::kChar: case TypeKind::kVarchar: builder.append_string(text); return true;
    case TypeKind::kBinary: case TypeKind::kVarbinary: return append_bytes(text, builder);
    case TypeKind::kDate: return append_if(connector::parse_date(text), builder);
    case TypeKind::kTime: return append_if(connector::parse_time(text), builder);
    case TypeKind::kTimestamp: case TypeKind::kTimestampLtz: {
      const bool zoned = type.kind() == TypeKind::kTimestampLtz;
      return append_if(connector::parse_timestamp(text, options.timestamps, zoned, type.precision()), builder);
    }
    default: return false;
  }
}

bool is_json_number(std::string_view token) {
  size_t at = token.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < token.size() && is_digit(token[at])) ++at;
    return at - begin;
  };
  const bool leading_zero = at < token.size() && token[at] == '0';
  const size_t whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < token.size() && (token[at] | 0x20) == 'e') {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == token.size();
}

bool is_utf8(std::string_view text) {
  const auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0; };
  const auto follows = [&](size_t at, int low, int high) { return byte(at) >= low && byte(at) <= high; };
  for (size_t at = 0; at < text.size();) {
    const int lead = byte(at);
    size_t length = 1;
    if (lead >= 0x80) {
      length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
      const int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      const int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (lead < 0xC2 || lead > 0xF4 || !follows(at + 1, low, high)) return false;
      for (size_t i = 2; i < length; ++i) {
        if (!follows(at + i, 0x80, 0xBF)) return false;
      }
    }
    at += length;
  }
  return true;
}

bool unescape(std::string_view rest, std::string* out) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  out->clear();
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (static_cast<unsigned char>(c) < ' ') return false;
    if (c != '\\') {
      out->push_back(c);
      continue;
    }
    if (rest.empty()) return false;
    const char letter = rest.front();
    rest.remove_prefix(1);
    if (letter == 'u') {
      if (!append_code_point(rest, out)) return false;
      continue;
    }
    const size_t known = kLetters.find(letter);
    if (known == std::string_view::npos) return false;
    out->push_back(kMeanings[known]);
  }
  return true;
}

std::string compact(std::string_view json) {
  std::string text;
  for (size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++at;
    } else if (c == '"') {
      const size_t begin = at++;
      while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
      at = std::min(at + 1, json.size());
      text += json.substr(begin, at - begin);
    } else if (c == '-' || is_digit(c)) {
      const size_t begin = at;
      while (at < json.size() && std::string_view("+-.eE0123456789").find(json[at]) != std::string_view::npos) ++at;
      const std::string_view number = json.substr(begin, at - begin);
      const bool fraction = number.find_first_of(".eE") != std::string_view::npos;
      const std::optional<double> value = fraction ? connector::parse_java_double(number) : std::nullopt;
      if (value) column::append_double(*value, &text);
      else text += number;
    } else {
      text += c;
      ++at;
    }
  }
  return text;
}

size_t end_of_object(std::string_view line) {
  int depth = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    switch (line[at]) {
      case '"':
        for (++at; at < line.size() && line[at] != '"'; ++at) at += line[at] == '\\' ? 1 : 0;
        break;
      case '{': case '[': ++depth; break;
      case '}': case ']':
        if (--depth == 0) return at + 1;
        break;
      default: break;
    }
  }
  return std::string_view::npos;
}

}  // namespace raudal::formats::json
