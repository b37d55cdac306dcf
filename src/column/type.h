// Logical types of SQL, with Flink's names and rules, and how each is stored in a column.
//
//   BOOLEAN → uint8 (0, 1); TINYINT int8; SMALLINT int16; INT int32; BIGINT int64; FLOAT, DOUBLE;
//   DECIMAL(p ≤ 18, s) int64 unscaled, DECIMAL(p ≤ 38, s) __int128 unscaled;
//   CHAR, VARCHAR (STRING), BINARY, VARBINARY → StringRef; DATE int32 days; TIME int32 ms of day;
//   TIMESTAMP(p ≤ 6), TIMESTAMP_LTZ(p ≤ 6) int64 µs since 1970 (LTZ: UTC); intervals int64 months or ms;
//   ARRAY, MAP: offsets and children; ROW: children. TIMESTAMP(7–9) is refused where it is declared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace raudal::column {

enum class TypeKind : uint8_t {
  kNull, kBoolean, kTinyInt, kSmallInt, kInt, kBigInt, kFloat, kDouble, kDecimal, kChar, kVarchar, kBinary, kVarbinary,
  kDate, kTime, kTimestamp, kTimestampLtz, kIntervalMonths, kIntervalMillis, kArray, kMap, kRow,
};

// How the values of a column lie in memory.
enum class Storage : uint8_t {
  kNone, kInt8, kInt16, kInt32, kInt64, kInt128, kFloat, kDouble, kString, kList, kRow,
};

struct Field;

// A logical type. A value: copying is cheap, children are shared and immutable.
class Type {
 public:
  Type() = default;
  explicit Type(TypeKind kind) : kind_(kind) {}
  static Type decimal(int precision, int scale);
  static Type character(int length);                  // CHAR(length)
  static Type varchar(int length);                    // VARCHAR(length)
  static Type string();                               // VARCHAR(2147483647)
  static Type binary(int length);
  static Type varbinary(int length);
  static Type time(int precision);
  static Type timestamp(int precision);
  static Type timestamp_ltz(int precision);
  static Type array(Type element);
  static Type map(Type key, Type value);
  static Type row(std::vector<Field> fields);

  TypeKind kind() const { return kind_; }
  bool nullable() const { return nullable_; }
  Type with_nullable(bool nullable) const;
  int precision() const { return precision_; }        // DECIMAL, TIME, TIMESTAMP
  int scale() const { return scale_; }                // DECIMAL
  int length() const { return length_; }              // CHAR, VARCHAR, BINARY, VARBINARY
  const std::vector<Field>& fields() const;           // ROW: its fields; ARRAY: {element}; MAP: {key, value}
  bool rowtime() const { return rowtime_; }           // a TIMESTAMP column that carries event time
  Type with_rowtime(bool rowtime) const;

  Storage storage() const;
  int width() const;                                  // bytes of a value in Column::values; 0 for lists and rows
  bool is_string() const { return kind_ == TypeKind::kChar || kind_ == TypeKind::kVarchar; }
  bool is_binary() const { return kind_ == TypeKind::kBinary || kind_ == TypeKind::kVarbinary; }
  bool is_integer() const { return kind_ >= TypeKind::kTinyInt && kind_ <= TypeKind::kBigInt; }
  bool is_numeric() const { return kind_ >= TypeKind::kTinyInt && kind_ <= TypeKind::kDecimal; }
  bool is_timestamp() const { return kind_ == TypeKind::kTimestamp || kind_ == TypeKind::kTimestampLtz; }

  // As Flink prints it: "DECIMAL(10, 2) NOT NULL", "STRING", "ROW<`a` INT, `b` STRING>".
  std::string to_string() const;
  // Same kind, parameters and children; nullability and rowtime aside.
  bool same_as(const Type& other) const;

 private:
  TypeKind kind_ = TypeKind::kNull;
  bool nullable_ = true;
  bool rowtime_ = false;
  int precision_ = 0;
  int scale_ = 0;
  int length_ = 0;
  std::shared_ptr<const std::vector<Field>> fields_;
};

// A named part of a ROW, or a column of a table.
struct Field {
  std::string name;
  Type type;
};

using Schema = std::vector<Field>;

}  // namespace raudal::column
