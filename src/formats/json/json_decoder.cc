#include "formats/json/json_decoder.h"

#include <cstring>

#include <fmt/core.h>
#include <simdjson.h>

#include "column/builder.h"
#include "formats/json/flat_record.h"
#include "formats/json/scalar_text.h"
#include "formats/json/wanted_value.h"

namespace raudal::formats::json {
namespace {

namespace ondemand = simdjson::ondemand;
using column::ColumnBuilder;
using column::Type;
using column::TypeKind;

constexpr size_t kShownRecordBytes = 200;       // of a record in an error message
constexpr size_t kLearnedKeysMax = 256;         // of one object
constexpr size_t kLearnedKeyBytesMax = 48;      // less than the padding behind a record

// How reading a value or a record went. A bad value can be made NULL and reading goes on; a broken record cannot.
enum class Outcome { kOk, kBadValue, kBroken };

std::string_view trim_token(std::string_view token) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
  return token;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// Reads one record at a time into a builder of a ROW.
class RecordReader {
 public:
  explicit RecordReader(const JsonOptions& options) : options_(options), flat_(options) {}

  // Appends one row; on failure the builder may hold parts of it. The line is readable beyond its end.
  Outcome read(std::string_view line, WantedValue& node, ColumnBuilder& out);

  const std::string& fault() const { return fault_; }
  int64_t nulled_fields() const { return nulled_fields_; }

 private:
  Outcome read_document(std::string_view line, WantedValue& node, ColumnBuilder& out);
  Outcome read_object(ondemand::object& object, WantedValue& node, ColumnBuilder& out);
  Outcome fill_missing(const WantedValue& node, size_t row, ColumnBuilder& out);
  Outcome find_field(ondemand::field& field, size_t position, WantedValue& node, int* found);
  Outcome read_field(ondemand::value value, WantedValue& node, ColumnBuilder& out);
  Outcome read_value(ondemand::value& value, WantedValue& node, ColumnBuilder& out);
  Outcome read_integer(ondemand::value& value, ColumnBuilder& out);
  Outcome read_timestamp(ondemand::value& value, ColumnBuilder& out);
  Outcome read_string(ondemand::value& value, ColumnBuilder& out);
  Outcome read_as_text(ondemand::value& value, bool is_object, ColumnBuilder& out);
  Outcome read_other(ondemand::value& value, ColumnBuilder& out);
  Outcome read_array(ondemand::value& value, WantedValue& node, ColumnBuilder& out);
  Outcome read_map(ondemand::value& value, WantedValue& node, ColumnBuilder& out);
  Outcome repeated_keys(ondemand::object& object, std::vector<bool>* superseded);
  Outcome read_nested_row(ondemand::value& value, WantedValue& node, ColumnBuilder& out);

  Outcome broken(simdjson::error_code error) {
    fault_ = simdjson::error_message(error);
    return Outcome::kBroken;
  }
  Outcome bad(std::string fault) {
    fault_ = std::move(fault);
    return Outcome::kBadValue;
  }

  const JsonOptions options_;
  FlatRecordReader flat_;
  ondemand::parser parser_;
  std::string fault_;
  std::string text_;
  int64_t nulled_fields_ = 0;
};

#define RAUDAL_READ(expression)                                             \
  if (const Outcome outcome = (expression); outcome != Outcome::kOk) [[unlikely]] return outcome

Outcome RecordReader::read(std::string_view line, WantedValue& node, ColumnBuilder& out) {
  const size_t begin = line.find_first_not_of(" \t\r");
  line.remove_prefix(begin == std::string_view::npos ? line.size() : begin);
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);   // a byte order mark
  if (!line.starts_with('{')) {
    fault_ = "a record is not an object";
    return Outcome::kBroken;
  }
  line = trim_token(line);
  if (line.back() != '}') {   // what follows the object is not looked at
    const size_t end = end_of_object(line);
    if (end == std::string_view::npos) {
      fault_ = "the object does not end";
      return Outcome::kBroken;
    }
    line = line.substr(0, end);
  }
  const size_t row = out.size();
  if (flat_.read(line, node, out)) [[likely]] return Outcome::kOk;
  out.truncate(row);
  return read_document(line, node, out);
}

Outcome RecordReader::read_document(std::string_view line, WantedValue& node, ColumnBuilder& out) {
  ondemand::document document;
  const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING);
  if (const auto error = parser_.iterate(padded).get(document)) return broken(error);
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) return broken(error);
  return read_object(object, node, out);
}

// Reading ends with the last wanted field, so a field that comes again later does not count, as in Flink.
Outcome RecordReader::read_object(ondemand::object& object, WantedValue& node, ColumnBuilder& out) {
  const size_t row = out.size();
  const size_t wanted = node.children.size();
  size_t matched = 0;
  size_t position = 0;
  if (wanted > 0) {
    for (auto result : object) {
      ondemand::field field;
      if (const auto error = std::move(result).get(field)) return broken(error);
      int found = -1;
      RAUDAL_READ(find_field(field, position++, node, &found));
      if (found < 0) continue;
      ColumnBuilder& child = out.child(found);
      if (child.size() > row) child.truncate(row);
      RAUDAL_READ(read_field(field.value(), node.children[found], child));
      if (++matched == wanted) break;
    }
  }
  RAUDAL_READ(fill_missing(node, row, out));
  out.close_row();
  return Outcome::kOk;
}

Outcome RecordReader::fill_missing(const WantedValue& node, size_t row, ColumnBuilder& out) {
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (out.child(i).size() > row) continue;
    if (options_.fail_on_missing_field) {
      fault_ = "Some field is missing in the JSON data: " + node.names[i];
      return Outcome::kBroken;
    }
    out.child(i).append_null();
  }
  return Outcome::kOk;
}

// Records of one source show their keys in one order: the n-th key is compared with the n-th of the record before.
Outcome RecordReader::find_field(ondemand::field& field, size_t position, WantedValue& node, int* found) {
  const char* raw = field.key().raw();
  if (position < node.learned.size()) {
    const WantedValue::LearnedKey& learned = node.learned[position];
    if (std::memcmp(raw, learned.quoted.data(), learned.quoted.size()) == 0) {
      *found = learned.field;
      return Outcome::kOk;
    }
  }
  std::string_view name;
  if (const auto error = field.unescaped_key().get(name)) return broken(error);
  *found = node.find(name);
  const bool plain = std::memcmp(raw, name.data(), name.size()) == 0 && raw[name.size()] == '"';
  if (!plain || position >= kLearnedKeysMax || name.size() > kLearnedKeyBytesMax) return Outcome::kOk;
  if (position >= node.learned.size()) node.learned.resize(position + 1, {.quoted = std::string(1, '\0')});
  node.learned[position] = {.quoted = std::string(name) + '"', .field = *found};
  return Outcome::kOk;
}

// A value that does not fit its type is NULL where errors are ignored.
Outcome RecordReader::read_field(ondemand::value value, WantedValue& node, ColumnBuilder& out) {
  const Outcome outcome = read_value(value, node, out);
  if (outcome != Outcome::kBadValue) [[likely]] return outcome;
  if (!options_.ignore_parse_errors) return outcome;
  out.truncate(out.size());
  out.append_null();
  ++nulled_fields_;
  return Outcome::kOk;
}

Outcome RecordReader::read_value(ondemand::value& value, WantedValue& node, ColumnBuilder& out) {
  switch (node.type.kind()) {
    case TypeKind::kInt: case TypeKind::kBigInt: return read_integer(value, out);
    case TypeKind::kDouble: {
      double number;
      if (value.get_double().get(number) != simdjson::SUCCESS) return read_other(value, out);
      out.append(number);
      return Outcome::kOk;
    }
    case TypeKind::kBoolean: {
      bool flag;
      if (value.get_bool().get(flag) != simdjson::SUCCESS) return read_other(value, out);
      out.append(static_cast<uint8_t>(flag));
      return Outcome::kOk;
    }
    case TypeKind::kChar: case TypeKind::kVarchar: return read_string(value, out);
    case TypeKind::kTimestamp: case TypeKind::kTimestampLtz: return read_timestamp(value, out);
    case TypeKind::kArray: return read_array(value, node, out);
    case TypeKind::kMap: return read_map(value, node, out);
    case TypeKind::kRow: return read_nested_row(value, node, out);
    default: return read_other(value, out);
  }
}

Outcome RecordReader::read_integer(ondemand::value& value, ColumnBuilder& out) {
  int64_t number;
  if (value.get_int64().get(number) != simdjson::SUCCESS) return read_other(value, out);
  if (out.type().kind() == TypeKind::kBigInt) {
    out.append(number);
    return Outcome::kOk;
  }
  if (number < INT32_MIN || number > INT32_MAX) return bad("out of range of INT: " + std::to_string(number));
  out.append(static_cast<int32_t>(number));
  return Outcome::kOk;
}

Outcome RecordReader::read_string(ondemand::value& value, ColumnBuilder& out) {
  const std::string_view token = trim_token(value.raw_json_token());
  const bool quoted = token.size() >= 2 && token.front() == '"' && token.back() == '"';
  if (!quoted || std::memchr(token.data(), '\\', token.size())) return read_other(value, out);
  out.append_string(token.substr(1, token.size() - 2));
  return Outcome::kOk;
}

Outcome RecordReader::read_timestamp(ondemand::value& value, ColumnBuilder& out) {
  const std::string_view token = trim_token(value.raw_json_token());
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
    const bool zoned = out.type().kind() == TypeKind::kTimestampLtz;
    const std::optional<int64_t> us = connector::parse_timestamp(token.substr(1, token.size() - 2),
                                                                 options_.timestamps, zoned, out.type().precision());
    if (us) {
      out.append(*us);
      return Outcome::kOk;
    }
  }
  return read_other(value, out);
}

// An object or array where a string is wanted.
Outcome RecordReader::read_as_text(ondemand::value& value, bool is_object, ColumnBuilder& out) {
  std::string_view json;
  if (is_object) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return broken(error);
    if (const auto error = object.raw_json().get(json)) return broken(error);
  } else {
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return broken(error);
    if (const auto error = array.raw_json().get(json)) return broken(error);
  }
  out.append_string(compact(json));
  return Outcome::kOk;
}

// Whatever the fast paths do not take: null, other tokens than the type's own, odd numbers and escapes.
Outcome RecordReader::read_other(ondemand::value& value, ColumnBuilder& out) {
  const std::string_view token = trim_token(value.raw_json_token());
  if (token.starts_with('{') || token.starts_with('[')) {
    if (!out.type().is_string()) return bad("an object or array where " + out.type().to_string() + " is wanted");
    return read_as_text(value, token.front() == '{', out);
  }
  if (token == "null") {
    out.append_null();
    return Outcome::kOk;
  }
  const bool quoted = token.size() >= 2 && token.front() == '"' && token.back() == '"';
  const bool is_number = is_json_number(token);
  if (quoted ? !unescape(token.substr(1, token.size() - 2), &text_)
             : !is_number && token != "true" && token != "false") {
    fault_ = "no JSON value: " + std::string(token.substr(0, kShownRecordBytes));
    return Outcome::kBroken;
  }
  const std::string_view text = quoted ? std::string_view(text_) : token;
  if (append_scalar(text, is_number, options_, out)) return Outcome::kOk;
  return bad(fmt::format("not a value of {}: {}", out.type().to_string(), token.substr(0, kShownRecordBytes)));
}

// Where a nested value is wanted: null and scalars.
Outcome not_nested(ondemand::value& value, const Type& type, ColumnBuilder& out, std::string* fault) {
  const std::string_view token = trim_token(value.raw_json_token());
  if (token == "null") {
    out.append_null();
    return Outcome::kOk;
  }
  *fault = fmt::format("not a value of {}: {}", type.to_string(), token.substr(0, kShownRecordBytes));
  return Outcome::kBadValue;
}

Outcome RecordReader::read_array(ondemand::value& value, WantedValue& node, ColumnBuilder& out) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return not_nested(value, node.type, out, &fault_);
  for (auto result : array) {
    ondemand::value element;
    if (const auto error = std::move(result).get(element)) return broken(error);
    RAUDAL_READ(read_field(element, node.children[0], out.child(0)));
  }
  out.close_row();
  return Outcome::kOk;
}

// Which entries of a map are followed by another of the same key.
Outcome RecordReader::repeated_keys(ondemand::object& object, std::vector<bool>* superseded) {
  std::vector<std::string> keys;
  for (auto result : object) {
    ondemand::field field;
    std::string_view name;
    if (const auto error = std::move(result).get(field)) return broken(error);
    if (const auto error = field.unescaped_key().get(name)) return broken(error);
    for (size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == name) (*superseded)[i] = true;
    }
    keys.emplace_back(name);
    superseded->push_back(false);
  }
  bool is_empty;
  if (const auto error = object.reset().get(is_empty)) return broken(error);
  return Outcome::kOk;
}

Outcome RecordReader::read_map(ondemand::value& value, WantedValue& node, ColumnBuilder& out) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return not_nested(value, node.type, out, &fault_);
  std::vector<bool> superseded;
  RAUDAL_READ(repeated_keys(object, &superseded));
  size_t entry = 0;
  for (auto result : object) {
    ondemand::field field;
    std::string_view name;
    if (const auto error = std::move(result).get(field)) return broken(error);
    if (superseded[entry++]) continue;
    if (const auto error = field.unescaped_key().get(name)) return broken(error);
    out.child(0).append_string(name);
    RAUDAL_READ(read_field(field.value(), node.children[1], out.child(1)));
  }
  out.close_row();
  return Outcome::kOk;
}

Outcome RecordReader::read_nested_row(ondemand::value& value, WantedValue& node, ColumnBuilder& out) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return not_nested(value, node.type, out, &fault_);
  return read_object(object, node, out);
}

#undef RAUDAL_READ

class JsonDecoder final : public connector::Decoder {
 public:
  JsonDecoder(const column::Schema& produced, const JsonOptions& options)
      : options_(options), root_(Type::row(produced)), rows_(root_.type), reader_(options) {}

  Result<size_t> decode(std::string_view bytes, bool last, size_t max_rows) override {
    size_t begin = 0;
    while (begin < bytes.size() && rows_.size() < max_rows) {
      const void* found = std::memchr(bytes.data() + begin, '\n', bytes.size() - begin);
      if (!found && !last) break;
      const size_t end = found ? static_cast<const char*>(found) - bytes.data() : bytes.size();
      const std::string_view line = bytes.substr(begin, end - begin);
      if (!is_blank(line) && !read_line(line)) {
        // The record before which reading stops is the first of the next call: so the caller knows where it begins.
        if (begin > 0) return begin;
        return Error(ErrorCode::kDecode, fmt::format("Failed to deserialize JSON '{}': {}",
                                                     line.substr(0, kShownRecordBytes), reader_.fault()));
      }
      begin = found ? end + 1 : end;
    }
    return begin;
  }

  column::Batch take() override {
    column::Batch batch;
    batch.num_rows = rows_.size();
    batch.columns = rows_.finish().children;
    return batch;
  }

  size_t rows_ready() const override { return rows_.size(); }
  const connector::DecodeCounts& counts() const override { return counts_; }

 private:
  bool read_line(std::string_view line) {
    const size_t row = rows_.size();
    const Outcome outcome = reader_.read(line, root_, rows_);
    counts_.nulled_fields = reader_.nulled_fields();
    if (outcome == Outcome::kOk) [[likely]] {
      ++counts_.rows;
      return true;
    }
    rows_.truncate(row);
    if (options_.ignore_parse_errors) ++counts_.skipped_records;
    return options_.ignore_parse_errors;
  }

  const JsonOptions options_;
  WantedValue root_;
  ColumnBuilder rows_;
  RecordReader reader_;
  connector::DecodeCounts counts_;
};

}  // namespace

std::unique_ptr<connector::Decoder> make_json_decoder(const column::Schema& produced, const JsonOptions& options) {
  return std::make_unique<JsonDecoder>(produced, options);
}

}  // namespace raudal::formats::json
