#include "connectors/datagen/field_spec.h"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/core.h>

#include "base/rng.h"
#include "connector/options.h"

namespace raudal::connectors::datagen {
namespace {

using column::Type;
using column::TypeKind;
using connector::option_error;

constexpr int64_t kStringLengthDefault = 100;
constexpr int64_t kCollectionLengthDefault = 3;
constexpr int64_t kCollectionLengthMax = 10'000;   // of ARRAY and MAP
constexpr int64_t kStringLengthMax = 1 << 20;

uint64_t seed_of(const std::string& path) {
  uint64_t seed = 0x5261756461;
  for (unsigned char byte : path) seed = random_at(seed, byte);
  return seed;
}

// Reads the options of the fields and remembers which ones meant something.
class SpecReader {
 public:
  explicit SpecReader(const connector::Table& table) : table_(table) {}

  Result<std::vector<FieldSpec>> read() {
    std::vector<FieldSpec> specs;
    for (const column::Field& field : table_.columns) specs.push_back(TRY(read_field(field.name, field.type)));
    for (const auto& [name, value] : table_.options) {
      if (!name.starts_with("fields.") || used_.contains(name)) continue;
      return Error(ErrorCode::kSqlOption,
                   fmt::format("Unsupported options found for 'datagen'.\n\nUnsupported options:\n\n{}\n\n"
                               "It names no column of table '{}', or not one of a type and kind that takes it.",
                               name, table_.name));
    }
    return specs;
  }

 private:
  Result<FieldSpec> read_field(const std::string& path, const Type& type);
  Status read_sequence(FieldSpec& spec);
  Status read_random(FieldSpec& spec);
  Status read_integers(FieldSpec& spec, int64_t min, int64_t max);
  Status read_doubles(FieldSpec& spec, double max);
  Status read_decimals(FieldSpec& spec);
  Status read_string(FieldSpec& spec);
  Status read_timestamp(FieldSpec& spec);
  Status read_collection(FieldSpec& spec);

  std::string key(const FieldSpec& spec, const char* suffix) {
    const std::string name = "fields." + spec.path + "." + suffix;
    used_.insert(name);
    return name;
  }

  const connector::Table& table_;
  std::set<std::string> used_;
};

bool can_be_sequence(const Type& type) { return type.is_numeric() || type.is_string(); }

Result<FieldSpec> SpecReader::read_field(const std::string& path, const Type& type) {
  FieldSpec spec{.path = path, .type = type, .seed = seed_of(path)};
  const std::string kind = TRY(connector::word_option(table_.options, key(spec, "kind"), {"random", "sequence"}));
  spec.sequence = kind == "sequence";
  if (spec.sequence && !can_be_sequence(type)) {
    return option_error(key(spec, "kind"), kind, "possible for " + type.to_string());
  }
  TRY(spec.sequence ? read_sequence(spec) : read_random(spec));
  if (!spec.sequence) {
    const std::string name = key(spec, "null-rate");
    spec.null_rate = TRY(connector::double_option(table_.options, name)).value_or(0);
    if (!(spec.null_rate >= 0 && spec.null_rate <= 1)) {
      return option_error(name, std::to_string(spec.null_rate), "between 0 and 1");
    }
  }
  return spec;
}

Status SpecReader::read_sequence(FieldSpec& spec) {
  const auto start = TRY(connector::int_option(table_.options, key(spec, "start")));
  const auto end = TRY(connector::int_option(table_.options, key(spec, "end")));
  if (!start || !end) {
    return Error(ErrorCode::kSqlOption,
                 fmt::format("Could not find required property '{}' for sequence generator.",
                             key(spec, start ? "end" : "start")));
  }
  if (*start > *end) return option_error(key(spec, "start"), std::to_string(*start), "at most the sequence's end");
  spec.start = *start;
  spec.end = *end;
  return {};
}

Status SpecReader::read_random(FieldSpec& spec) {
  switch (spec.type.kind()) {
    case TypeKind::kBoolean: case TypeKind::kDate: case TypeKind::kTime: return {};
    case TypeKind::kTinyInt: return read_integers(spec, INT8_MIN, INT8_MAX);
    case TypeKind::kSmallInt: return read_integers(spec, INT16_MIN, INT16_MAX);
    case TypeKind::kInt: case TypeKind::kIntervalMonths: return read_integers(spec, INT32_MIN, INT32_MAX);
    case TypeKind::kBigInt: case TypeKind::kIntervalMillis: return read_integers(spec, INT64_MIN, INT64_MAX);
    case TypeKind::kFloat: return read_doubles(spec, std::numeric_limits<float>::max());
    case TypeKind::kDouble: return read_doubles(spec, std::numeric_limits<double>::max());
    case TypeKind::kDecimal: return read_decimals(spec);
    case TypeKind::kChar: case TypeKind::kVarchar: case TypeKind::kBinary: case TypeKind::kVarbinary:
      return read_string(spec);
    case TypeKind::kTimestamp: case TypeKind::kTimestampLtz: return read_timestamp(spec);
    case TypeKind::kArray: case TypeKind::kMap: case TypeKind::kRow: return read_collection(spec);
    case TypeKind::kNull: break;
  }
  return Error(ErrorCode::kSqlUnsupported, "Unsupported type of a datagen column: " + spec.type.to_string());
}

Status SpecReader::read_integers(FieldSpec& spec, int64_t min, int64_t max) {
  spec.min = TRY(connector::int_option(table_.options, key(spec, "min"))).value_or(min);
  spec.max = TRY(connector::int_option(table_.options, key(spec, "max"))).value_or(max);
  if (spec.min < min || spec.max > max) {
    return option_error(key(spec, spec.min < min ? "min" : "max"),
                        std::to_string(spec.min < min ? spec.min : spec.max),
                        "within the range of " + spec.type.to_string());
  }
  if (spec.min > spec.max) return option_error(key(spec, "min"), std::to_string(spec.min), "at most the maximum");
  return {};
}

Status SpecReader::read_doubles(FieldSpec& spec, double max) {
  spec.min_double = TRY(connector::double_option(table_.options, key(spec, "min"))).value_or(0);
  spec.max_double = TRY(connector::double_option(table_.options, key(spec, "max"))).value_or(max);
  if (!(spec.min_double <= spec.max_double)) {
    return option_error(key(spec, "min"), std::to_string(spec.min_double), "at most the maximum");
  }
  return {};
}

Status SpecReader::read_decimals(FieldSpec& spec) {
  __int128 one = 1;
  for (int i = 0; i < spec.type.scale(); ++i) one *= 10;
  __int128 limit = 1;
  for (int i = 0; i < spec.type.precision(); ++i) limit *= 10;
  const auto unscaled = [&](std::optional<double> value, __int128 otherwise) {
    if (!value) return otherwise;
    const double scaled = *value * static_cast<double>(one);
    if (scaled >= static_cast<double>(limit)) return limit - 1;
    if (scaled <= -static_cast<double>(limit)) return 1 - limit;
    return static_cast<__int128>(scaled);
  };
  spec.min_unscaled = unscaled(TRY(connector::double_option(table_.options, key(spec, "min"))), 1 - limit);
  spec.max_unscaled = unscaled(TRY(connector::double_option(table_.options, key(spec, "max"))), limit - 1);
  if (spec.min_unscaled > spec.max_unscaled) {
    return option_error(key(spec, "min"), table_.options.at(key(spec, "min")), "at most the maximum");
  }
  return {};
}

Status SpecReader::read_string(FieldSpec& spec) {
  const bool fixed = spec.type.kind() == TypeKind::kChar || spec.type.kind() == TypeKind::kBinary;
  const int64_t declared = spec.type.length();
  const bool endless = declared == std::numeric_limits<int32_t>::max();
  const std::string name = key(spec, "length");
  spec.length = TRY(connector::int_option(table_.options, name)).value_or(endless ? kStringLengthDefault : declared);
  if (spec.length < 0 || spec.length > std::min(declared, kStringLengthMax) || (fixed && spec.length != declared)) {
    return option_error(name, std::to_string(spec.length), "a possible length of " + spec.type.to_string());
  }
  if (!fixed) spec.variable_length = TRY(connector::bool_option(table_.options, key(spec, "var-len"), false));
  return {};
}

Status SpecReader::read_timestamp(FieldSpec& spec) {
  const std::string name = key(spec, "max-past");
  spec.max_past_ms = TRY(connector::duration_option(table_.options, name)).value_or(0);
  if (spec.max_past_ms < 0) return option_error(name, std::to_string(spec.max_past_ms), "a positive duration");
  return {};
}

Status SpecReader::read_collection(FieldSpec& spec) {
  if (spec.type.kind() != TypeKind::kRow) {
    const std::string name = key(spec, "length");
    spec.length = TRY(connector::int_option(table_.options, name)).value_or(kCollectionLengthDefault);
    if (spec.length < 0 || spec.length > kCollectionLengthMax) {
      return option_error(name, std::to_string(spec.length), fmt::format("between 0 and {}", kCollectionLengthMax));
    }
  }
  const std::vector<column::Field>& parts = spec.type.fields();
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool is_row = spec.type.kind() == TypeKind::kRow;
    const std::string name = is_row ? parts[i].name : parts.size() == 1 ? "element" : i == 0 ? "key" : "value";
    spec.children.push_back(TRY(read_field(spec.path + "." + name, parts[i].type)));
  }
  return {};
}

}  // namespace

Result<std::vector<FieldSpec>> field_specs(const connector::Table& table) { return SpecReader(table).read(); }

std::optional<int64_t> sequence_rows(const std::vector<FieldSpec>& specs) {
  std::optional<int64_t> rows;
  for (const FieldSpec& spec : specs) {
    if (!spec.sequence) continue;
    const uint64_t last = static_cast<uint64_t>(spec.end) - static_cast<uint64_t>(spec.start);
    const int64_t count = last >= INT64_MAX ? INT64_MAX : static_cast<int64_t>(last) + 1;
    rows = std::min(rows.value_or(count), count);
  }
  return rows;
}

size_t row_bytes(const FieldSpec& spec) {
  size_t bytes = spec.type.width();
  if (spec.type.is_string() || spec.type.is_binary()) return bytes + spec.length;
  for (const FieldSpec& child : spec.children) bytes += row_bytes(child);
  if (spec.type.kind() == TypeKind::kArray || spec.type.kind() == TypeKind::kMap) bytes = bytes * spec.length + 4;
  return bytes;
}

}  // namespace raudal::connectors::datagen
