#include "formats/json/json_encoder.h"

#include <cmath>

#include <fmt/core.h>

#include "codec/base64.h"
#include "connector/value_print.h"
#include "column/print.h"

namespace raudal::formats::json {
namespace {

using column::Column;
using column::Storage;
using column::Type;
using column::TypeKind;

// As Jackson escapes: short forms where there are any, other controls as \u00XX, nothing else.
void append_quoted(std::string_view text, std::string* out) {
  *out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\b': *out += "\\b"; break;
      case '\f': *out += "\\f"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < ' ') {
          fmt::format_to(std::back_inserter(*out), "\\u{:04X}", static_cast<unsigned char>(c));
        } else {
          *out += c;
        }
    }
  }
  *out += '"';
}

// A field name with quotes and colon, made once.
struct Node {
  std::vector<std::string> keys;
  std::vector<Node> children;

  explicit Node(const Type& type) {
    for (const column::Field& part : type.fields()) {
      std::string key;
      append_quoted(part.name, &key);
      keys.push_back(key + ":");
      children.emplace_back(part.type);
    }
  }
};

class JsonEncoder final : public connector::Encoder {
 public:
  JsonEncoder(const column::Schema& consumed, const JsonOptions& options)
      : options_(options), root_(Type::row(consumed)) {}

  Status encode(const column::Batch& batch, std::string* out) override {
    const uint16_t* selected = batch.selection.rows ? batch.selection.rows->as<uint16_t>() : nullptr;
    for (size_t i = 0; i < batch.num_selected(); ++i) {
      TRY(append_object(batch.columns, root_, selected ? selected[i] : i, out));
      *out += '\n';
    }
    return {};
  }

 private:
  Status append_object(const std::vector<Column>& fields, const Node& node, size_t row, std::string* out) const;
  Status append_value(const Column& column, const Node& node, size_t row, std::string* out) const;
  Status append_map(const Column& column, const Node& node, size_t row, std::string* out) const;
  Status append_array(const Column& column, const Node& node, size_t row, std::string* out) const;
  void append_number(double value, bool is_float, std::string* out) const;

  const JsonOptions options_;
  const Node root_;
};

Status JsonEncoder::append_object(const std::vector<Column>& fields, const Node& node, size_t row,
                                  std::string* out) const {
  *out += '{';
  bool first = true;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (options_.ignore_null_fields && !fields[i].is_valid(row)) continue;
    if (!first) *out += ',';
    first = false;
    *out += node.keys[i];
    TRY(append_value(fields[i], node.children[i], row, out));
  }
  *out += '}';
  return {};
}

Status JsonEncoder::append_array(const Column& column, const Node& node, size_t row, std::string* out) const {
  const int32_t* offsets = column.offsets->as<int32_t>();
  *out += '[';
  for (int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
    if (at != offsets[row]) *out += ',';
    TRY(append_value(column.children[0], node.children[0], at, out));
  }
  *out += ']';
  return {};
}

Status JsonEncoder::append_map(const Column& column, const Node& node, size_t row, std::string* out) const {
  const int32_t* offsets = column.offsets->as<int32_t>();
  *out += '{';
  bool first = true;
  for (int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
    const bool has_key = column.children[0].is_valid(at);
    if (!has_key && options_.null_key == JsonOptions::NullKey::kDrop) continue;
    if (!has_key && options_.null_key == JsonOptions::NullKey::kFail) {
      return Error(ErrorCode::kConnector,
                   "JSON format doesn't support to serialize map data with null keys. You can drop null key entries "
                   "or encode null in literals by specifying map-null-key.mode option.");
    }
    if (!first) *out += ',';
    first = false;
    append_quoted(has_key ? column.children[0].string(at) : options_.null_key_literal, out);
    *out += ':';
    TRY(append_value(column.children[1], node.children[1], at, out));
  }
  *out += '}';
  return {};
}

// Numbers that JSON does not know are quoted.
void JsonEncoder::append_number(double value, bool is_float, std::string* out) const {
  const bool quoted = !std::isfinite(value);
  if (quoted) *out += '"';
  if (is_float) column::append_float(static_cast<float>(value), out);
  else column::append_double(value, out);
  if (quoted) *out += '"';
}

Status JsonEncoder::append_value(const Column& column, const Node& node, size_t row, std::string* out) const {
  if (!column.is_valid(row)) {
    *out += "null";
    return {};
  }
  switch (column.type.kind()) {
    case TypeKind::kBoolean: *out += column.data<uint8_t>()[row] ? "true" : "false"; return {};
    case TypeKind::kFloat: append_number(column.data<float>()[row], true, out); return {};
    case TypeKind::kDouble: append_number(column.data<double>()[row], false, out); return {};
    case TypeKind::kDecimal: connector::append_stripped_decimal(column, row, options_.plain_decimals, out); return {};
    case TypeKind::kChar: case TypeKind::kVarchar: append_quoted(column.string(row), out); return {};
    case TypeKind::kBinary: case TypeKind::kVarbinary:
      *out += '"' + codec::base64_encode(column.string(row)) + '"';
      return {};
    case TypeKind::kDate: case TypeKind::kTime: case TypeKind::kTimestamp: case TypeKind::kTimestampLtz:
      *out += '"';
      connector::append_temporal(column, row, options_.timestamps, out);
      *out += '"';
      return {};
    case TypeKind::kArray: return append_array(column, node, row, out);
    case TypeKind::kMap: return append_map(column, node, row, out);
    case TypeKind::kRow: return append_object(column.children, node, row, out);
    default: connector::append_integer(column, row, out); return {};
  }
}

}  // namespace

std::unique_ptr<connector::Encoder> make_json_encoder(const column::Schema& consumed, const JsonOptions& options) {
  return std::make_unique<JsonEncoder>(consumed, options);
}

}  // namespace raudal::formats::json
