#include "formats/csv/csv_options.h"

#include <fmt/core.h>

#include "connector/options.h"

namespace raudal::formats::csv {
namespace {

using column::TypeKind;

// '\t' and the like may be written with a backslash.
std::string unescaped(const std::string& text) {
  if (text == "\\t") return "\t";
  if (text == "\\n") return "\n";
  if (text == "\\r") return "\r";
  if (text == "\\\\") return "\\";
  if (text.size() == 6 && text.starts_with("\\u00")) {
    const std::optional<int> value = [&]() -> std::optional<int> {
      int number = 0;
      for (const char c : text.substr(4)) {
        const size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
        if (digit == std::string_view::npos) return std::nullopt;
        number = number * 16 + static_cast<int>(digit);
      }
      return number;
    }();
    if (value && *value < 0x80) return std::string(1, static_cast<char>(*value));
  }
  return text;
}

Result<std::optional<char>> character(const connector::Options& options, const std::string& name, bool escapes) {
  const auto text = connector::option(options, name);
  if (!text) return std::optional<char>();
  const std::string value = escapes ? unescaped(*text) : *text;
  if (value.size() != 1 || static_cast<unsigned char>(value[0]) >= 0x80) {
    return connector::option_error("csv." + name, *text, "a single ASCII character");
  }
  return std::optional<char>(value[0]);
}

bool is_nested(const column::Type& type) {
  return type.kind() == TypeKind::kArray || type.kind() == TypeKind::kRow || type.kind() == TypeKind::kMap;
}

}  // namespace

Result<CsvOptions> read_options(const connector::Options& options) {
  CsvOptions read;
  read.delimiter = TRY(character(options, "field-delimiter", true)).value_or(',');
  const bool disable_quote = TRY(connector::bool_option(options, "disable-quote-character", false));
  const std::optional<char> quote = TRY(character(options, "quote-character", false));
  if (disable_quote && quote) {
    return Error(ErrorCode::kSqlOption,
                 "Format cannot define a quote character and disabled quote character at the same time.");
  }
  if (quote) read.quote = quote;
  if (disable_quote) read.quote.reset();
  read.escape = TRY(character(options, "escape-character", false));
  read.allow_comments = TRY(connector::bool_option(options, "allow-comments", false));
  read.ignore_parse_errors = TRY(connector::bool_option(options, "ignore-parse-errors", false));
  read.element_delimiter = connector::option(options, "array-element-delimiter").value_or(";");
  if (read.element_delimiter.empty()) {
    return connector::option_error("csv.array-element-delimiter", "", "a text of at least one character");
  }
  read.null_literal = connector::option(options, "null-literal");
  read.scientific_decimals =
      TRY(connector::bool_option(options, "write-bigdecimal-in-scientific-notation", true));
  return read;
}

Status check_types(const column::Schema& columns) {
  for (const column::Field& field : columns) {
    if (field.type.kind() == TypeKind::kMap) {
      return Error(ErrorCode::kSqlUnsupported,
                   fmt::format("Unsupported type '{}' for field '{}'.", field.type.to_string(), field.name));
    }
    for (const column::Field& part : field.type.fields()) {
      if (!is_nested(part.type)) continue;
      return Error(ErrorCode::kSqlUnsupported,
                   fmt::format("Only simple types are supported in the second level nesting of fields '{}' but was: {}",
                               field.name, part.type.to_string()));
    }
  }
  return {};
}

}  // namespace raudal::formats::csv
