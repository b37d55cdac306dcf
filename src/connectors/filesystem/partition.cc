#include "connectors/filesystem/partition.h"

#include <fmt/core.h>

#include "base/str.h"
#include "column/builder.h"
#include "column/print.h"
#include "connector/value_print.h"
#include "connector/value_text.h"

namespace raudal::connectors::filesystem {
namespace {

using column::Column;
using column::ColumnBuilder;
using column::Storage;
using column::TypeKind;

// Characters that a folder's name shows as %XX: those that Flink escapes.
constexpr std::string_view kEscaped = "\"#%'*/:=?\\\x7F{}[]^";

void append_escaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || kEscaped.find(c) != std::string_view::npos) {
      fmt::format_to(std::back_inserter(*out), "%{:02X}", static_cast<unsigned char>(c));
    } else {
      *out += c;
    }
  }
}

std::string unescaped(std::string_view name) {
  const auto digit = [](char c) {
    const size_t found = std::string_view("0123456789ABCDEFabcdef").find(c);
    return found == std::string_view::npos ? -1 : static_cast<int>(found < 16 ? found : found - 6);
  };
  std::string text;
  for (size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '%' && at + 2 < name.size() && digit(name[at + 1]) >= 0 && digit(name[at + 2]) >= 0) {
      text += static_cast<char>(digit(name[at + 1]) * 16 + digit(name[at + 2]));
      at += 2;
    } else {
      text += name[at];
    }
  }
  return text;
}

template <class T>
bool append_if(const std::optional<T>& value, ColumnBuilder& builder) {
  if (value) builder.append(*value);
  return value.has_value();
}

bool append_integer(const std::string& text, ColumnBuilder& builder) {
  const std::optional<int64_t> value = connector::parse_java_int(text);
  if (!value) return false;
  switch (builder.type().storage()) {
    case Storage::kInt8: builder.append(static_cast<int8_t>(*value)); return true;
    case Storage::kInt16: builder.append(static_cast<int16_t>(*value)); return true;
    case Storage::kInt32: builder.append(static_cast<int32_t>(*value)); return true;
    default: builder.append(*value); return true;
  }
}

bool append_text(const std::string& text, ColumnBuilder& builder) {
  const column::Type& type = builder.type();
  switch (type.kind()) {
    case TypeKind::kChar: case TypeKind::kVarchar: builder.append_string(text); return true;
    case TypeKind::kBoolean: builder.append(static_cast<uint8_t>(equals_ignore_case(text, "true"))); return true;
    case TypeKind::kDouble: return append_if(connector::parse_java_double(text), builder);
    case TypeKind::kDate: return append_if(connector::parse_date(text), builder);
    case TypeKind::kTimestamp:
      return append_if(connector::parse_timestamp(text, connector::TimestampStandard::kSql, false, type.precision()),
                       builder);
    default: return append_integer(text, builder);
  }
}

}  // namespace

bool can_be_partition(const column::Type& type) {
  switch (type.kind()) {
    case TypeKind::kChar: case TypeKind::kVarchar: case TypeKind::kBoolean: case TypeKind::kDouble:
    case TypeKind::kDate: case TypeKind::kTimestamp:
      return true;
    default: return type.is_integer();
  }
}

PartitionValues partition_values(const std::string& path) {
  PartitionValues values;
  std::vector<std::string> parts = split(path, '/');
  parts.pop_back();
  for (const std::string& part : parts) {
    const size_t equals = part.find('=');
    if (equals != std::string::npos) values[unescaped(part.substr(0, equals))] = unescaped(part.substr(equals + 1));
  }
  return values;
}

Result<Column> constant_column(const column::Type& type, const std::string& text, const std::string& default_name,
                               size_t num_rows) {
  ColumnBuilder builder(type, num_rows);
  for (size_t row = 0; row < num_rows; ++row) {
    if (text == default_name) {
      builder.append_null();
    } else if (!append_text(text, builder)) {
      return Error(ErrorCode::kDecode, fmt::format("The name of a partition's folder is no value of {}: {}",
                                                   type.to_string(), text));
    }
  }
  return builder.finish();
}

std::string partition_folders(const std::vector<std::string>& keys, const std::vector<const Column*>& columns,
                              size_t row, const std::string& default_name) {
  std::string folders;
  for (size_t i = 0; i < keys.size(); ++i) {
    std::string value;
    const Column& column = *columns[i];
    if (column.is_valid(row)) {
      const TypeKind kind = column.type.kind();
      if (column.type.is_string()) value = column.string(row);
      else if (kind == TypeKind::kBoolean) value = column.data<uint8_t>()[row] ? "true" : "false";
      else if (column.type.is_integer()) connector::append_integer(column, row, &value);
      else value = column::print_value(column, row);
    }
    append_escaped(keys[i], &folders);
    folders += '=';
    append_escaped(value.empty() ? default_name : value, &folders);
    folders += '/';
  }
  return folders;
}

}  // namespace raudal::connectors::filesystem
