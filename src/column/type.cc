#include "column/type.h"

#include <fmt/core.h>

#include "base/check.h"

namespace raudal::column {
namespace {

constexpr int kUnbounded = 2147483647;

std::string name_of(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kNull: return "NULL";
    case TypeKind::kBoolean: return "BOOLEAN";
    case TypeKind::kTinyInt: return "TINYINT";
    case TypeKind::kSmallInt: return "SMALLINT";
    case TypeKind::kInt: return "INT";
    case TypeKind::kBigInt: return "BIGINT";
    case TypeKind::kFloat: return "FLOAT";
    case TypeKind::kDouble: return "DOUBLE";
    case TypeKind::kDecimal: return fmt::format("DECIMAL({}, {})", type.precision(), type.scale());
    case TypeKind::kChar: return fmt::format("CHAR({})", type.length());
    case TypeKind::kVarchar: return type.length() == kUnbounded ? "STRING" : fmt::format("VARCHAR({})", type.length());
    case TypeKind::kBinary: return fmt::format("BINARY({})", type.length());
    case TypeKind::kVarbinary:
      return type.length() == kUnbounded ? "BYTES" : fmt::format("VARBINARY({})", type.length());
    case TypeKind::kDate: return "DATE";
    case TypeKind::kTime: return fmt::format("TIME({})", type.precision());
    case TypeKind::kTimestamp: return fmt::format("TIMESTAMP({})", type.precision());
    case TypeKind::kTimestampLtz: return fmt::format("TIMESTAMP_LTZ({})", type.precision());
    case TypeKind::kIntervalMonths: return "INTERVAL MONTH";
    case TypeKind::kIntervalMillis: return "INTERVAL SECOND(3)";
    case TypeKind::kArray: return fmt::format("ARRAY<{}>", type.fields()[0].type.to_string());
    case TypeKind::kMap:
      return fmt::format("MAP<{}, {}>", type.fields()[0].type.to_string(), type.fields()[1].type.to_string());
    case TypeKind::kRow: {
      std::string text = "ROW<";
      for (const Field& field : type.fields()) {
        if (text.size() > 4) text += ", ";
        text += fmt::format("`{}` {}", field.name, field.type.to_string());
      }
      return text + ">";
    }
  }
  return "?";
}

}  // namespace

Type Type::decimal(int precision, int scale) {
  CHECK(precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision);
  Type type(TypeKind::kDecimal);
  type.precision_ = precision;
  type.scale_ = scale;
  return type;
}

Type Type::character(int length) {
  Type type(TypeKind::kChar);
  type.length_ = length;
  return type;
}

Type Type::varchar(int length) {
  Type type(TypeKind::kVarchar);
  type.length_ = length;
  return type;
}

Type Type::string() { return varchar(kUnbounded); }

Type Type::binary(int length) {
  Type type(TypeKind::kBinary);
  type.length_ = length;
  return type;
}

Type Type::varbinary(int length) {
  Type type(TypeKind::kVarbinary);
  type.length_ = length;
  return type;
}

Type Type::time(int precision) {
  Type type(TypeKind::kTime);
  type.precision_ = precision;
  return type;
}

Type Type::timestamp(int precision) {
  Type type(TypeKind::kTimestamp);
  type.precision_ = precision;
  return type;
}

Type Type::timestamp_ltz(int precision) {
  Type type(TypeKind::kTimestampLtz);
  type.precision_ = precision;
  return type;
}

Type Type::array(Type element) {
  Type type(TypeKind::kArray);
  type.fields_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{{"element", std::move(element)}});
  return type;
}

Type Type::map(Type key, Type value) {
  Type type(TypeKind::kMap);
  type.fields_ = std::make_shared<const std::vector<Field>>(
      std::vector<Field>{{"key", std::move(key)}, {"value", std::move(value)}});
  return type;
}

Type Type::row(std::vector<Field> fields) {
  Type type(TypeKind::kRow);
  type.fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

Type Type::with_nullable(bool nullable) const {
  Type type = *this;
  type.nullable_ = nullable;
  return type;
}

Type Type::with_rowtime(bool rowtime) const {
  Type type = *this;
  type.rowtime_ = rowtime;
  return type;
}

const std::vector<Field>& Type::fields() const {
  static const std::vector<Field> kNone;
  return fields_ ? *fields_ : kNone;
}

Storage Type::storage() const {
  switch (kind_) {
    case TypeKind::kNull: return Storage::kNone;
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt: return Storage::kInt8;
    case TypeKind::kSmallInt: return Storage::kInt16;
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kTime: return Storage::kInt32;
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampLtz:
    case TypeKind::kIntervalMonths:
    case TypeKind::kIntervalMillis: return Storage::kInt64;
    case TypeKind::kDecimal: return precision_ <= 18 ? Storage::kInt64 : Storage::kInt128;
    case TypeKind::kFloat: return Storage::kFloat;
    case TypeKind::kDouble: return Storage::kDouble;
    case TypeKind::kChar:
    case TypeKind::kVarchar:
    case TypeKind::kBinary:
    case TypeKind::kVarbinary: return Storage::kString;
    case TypeKind::kArray:
    case TypeKind::kMap: return Storage::kList;
    case TypeKind::kRow: return Storage::kRow;
  }
  return Storage::kNone;
}

int Type::width() const {
  switch (storage()) {
    case Storage::kNone:
    case Storage::kList:
    case Storage::kRow: return 0;
    case Storage::kInt8: return 1;
    case Storage::kInt16: return 2;
    case Storage::kInt32:
    case Storage::kFloat: return 4;
    case Storage::kInt64:
    case Storage::kDouble: return 8;
    case Storage::kInt128:
    case Storage::kString: return 16;
  }
  return 0;
}

std::string Type::to_string() const { return name_of(*this) + (nullable_ ? "" : " NOT NULL"); }

bool Type::same_as(const Type& other) const {
  if (kind_ != other.kind_ || precision_ != other.precision_ || scale_ != other.scale_ || length_ != other.length_) {
    return false;
  }
  if (fields_ == other.fields_) return true;
  if (fields().size() != other.fields().size()) return false;
  for (size_t i = 0; i < fields().size(); ++i) {
    const Field& a = fields()[i];
    const Field& b = other.fields()[i];
    if (kind_ == TypeKind::kRow && a.name != b.name) return false;
    if (!a.type.same_as(b.type)) return false;
  }
  return true;
}

}  // namespace raudal::column
