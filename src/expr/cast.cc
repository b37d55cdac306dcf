// Which casts there are, and their choice by type; nested types element by element.
#include "expr/casts.h"

namespace raudal::expr {
namespace {

bool is_temporal(const Type& type) {
  return type.kind() == TypeKind::kDate || type.kind() == TypeKind::kTime || type.is_timestamp();
}

bool is_interval(const Type& type) {
  return type.kind() == TypeKind::kIntervalMonths || type.kind() == TypeKind::kIntervalMillis;
}

bool is_number(const Type& type) { return type.is_numeric() || type.kind() == TypeKind::kBoolean; }

bool times_exist(const Type& from, const Type& to) {
  if (from.kind() == TypeKind::kTime) return to.kind() == TypeKind::kTime || to.is_timestamp();
  if (from.kind() == TypeKind::kDate) return to.kind() != TypeKind::kTime;
  return true;
}

// Validity is shared; children are cast.
Result<Column> cast_nested(const Column& from, const Type& to, bool try_cast, const EvalContext& context) {
  Column result = from;
  result.type = to;
  for (size_t i = 0; i < from.children.size(); ++i) {
    if (from.children[i].size == 0)
      result.children[i] = ColumnBuilder(to.fields()[i].type, 0).finish();
    else
      result.children[i] = TRY(cast_column(from.children[i], to.fields()[i].type, try_cast, context));
  }
  return result;
}

// Bytes cut to the length; BINARY(n) is filled with zeros.
Column cast_bytes(const Column& from, const Type& to) {
  const auto length = static_cast<size_t>(to.length());
  ColumnBuilder builder(to, from.size);
  for (size_t i = 0; i < from.size; ++i) {
    if (!from.is_valid(i)) {
      builder.append_null();
      continue;
    }
    std::string value(from.string(i).substr(0, length));
    if (to.kind() == TypeKind::kBinary) value.resize(length, '\0');
    builder.append_string(value);
  }
  return builder.finish();
}

}  // namespace

bool cast_exists(const Type& from, const Type& to) {
  if (from.kind() == TypeKind::kNull || from.same_as(to)) return true;
  if (to.is_string()) return true;
  if (from.is_string()) return to.fields().empty() && to.kind() != TypeKind::kNull && !is_interval(to);
  if (is_number(from) && is_number(to)) return true;
  if (is_temporal(from) && is_temporal(to)) return times_exist(from, to);
  if (from.is_binary() && to.is_binary()) return true;
  if (is_interval(from) && is_interval(to)) return from.kind() == to.kind();
  if ((is_interval(from) && to.is_integer()) || (from.is_integer() && is_interval(to))) return true;
  if (from.kind() != to.kind() || from.fields().size() != to.fields().size() || from.fields().empty()) return false;
  for (size_t i = 0; i < from.fields().size(); ++i) {
    if (!cast_exists(from.fields()[i].type, to.fields()[i].type)) return false;
  }
  return true;
}

bool cast_is_total(const Type& from, const Type& to) {
  if (from.is_string()) return to.is_string() || to.is_binary();
  for (size_t i = 0; i < from.fields().size() && i < to.fields().size(); ++i) {
    if (!cast_is_total(from.fields()[i].type, to.fields()[i].type)) return false;
  }
  return true;
}

Result<Column> cast_column(const Column& from, const Type& to, bool try_cast, const EvalContext& context) {
  if (from.type.kind() == TypeKind::kNull) return null_column(to, from.size);
  if (from.type.same_as(to)) {
    Column same = from;
    same.type = to;
    return same;
  }
  CastOptions options;
  options.try_cast = try_cast;
  const bool zoned = from.type.kind() == TypeKind::kTimestampLtz || to.kind() == TypeKind::kTimestampLtz ||
                     !from.type.fields().empty();
  if (zoned) options.zone = TRY(column::TimeZone::find(context.time_zone));
  if (to.is_string()) return cast_to_text(from, to, options);
  if (from.type.is_string()) return cast_from_text(from, to, options);
  if (is_temporal(from.type) && is_temporal(to)) return cast_times(from, to, options);
  if (from.type.is_binary()) return cast_bytes(from, to);
  if (!from.type.fields().empty()) return cast_nested(from, to, try_cast, context);
  return cast_numbers(from, to);
}

}  // namespace raudal::expr
