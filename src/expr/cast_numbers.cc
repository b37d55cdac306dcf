// Casts among numbers and BOOLEAN, and between whole numbers and intervals.
#include <cmath>

#include "expr/casts.h"
#include "expr/decimal.h"

namespace raudal::expr {
namespace {

// Java's narrowing of floating point: NaN is 0, what is too large is the largest; below 32 bits through INT.
template <class To>
To saturate(double value) {
  using Wide = std::conditional_t<sizeof(To) == 8, int64_t, int32_t>;
  constexpr double kHigh = sizeof(Wide) == 8 ? 0x1p63 : 0x1p31;
  if (std::isnan(value)) return 0;
  if (value >= kHigh) return static_cast<To>(std::numeric_limits<Wide>::max());
  if (value <= -kHigh) return static_cast<To>(std::numeric_limits<Wide>::min());
  return static_cast<To>(static_cast<Wide>(value));
}

template <class From, class To>
To convert(From value) {
  if constexpr (std::is_floating_point_v<To>)
    return static_cast<To>(value);
  else if constexpr (std::is_floating_point_v<From>)
    return saturate<To>(value);
  else
    return static_cast<To>(value);
}

template <class From, class To>
Column convert_all(const Column& from, const Type& to) {
  Column result = new_column(to, from.size);
  result.validity = from.validity;
  const From* __restrict in = from.data<From>();
  To* __restrict out = result.values->as<To>();
  for (size_t i = 0; i < from.size; ++i) out[i] = convert<From, To>(in[i]);
  return result;
}

template <class From>
Column to_boolean(const Column& from, const Type& to) {
  Column result = new_column(to, from.size);
  result.validity = from.validity;
  for (size_t i = 0; i < from.size; ++i) result.values->as<uint8_t>()[i] = from.data<From>()[i] != 0 ? 1 : 0;
  return result;
}

template <class From>
Column from_native(const Column& from, const Type& to) {
  if (to.kind() == TypeKind::kBoolean) return to_boolean<From>(from, to);
  switch (to.storage()) {
    case Storage::kInt8: return convert_all<From, int8_t>(from, to);
    case Storage::kInt16: return convert_all<From, int16_t>(from, to);
    case Storage::kInt32: return convert_all<From, int32_t>(from, to);
    case Storage::kInt64: return convert_all<From, int64_t>(from, to);
    case Storage::kFloat: return convert_all<From, float>(from, to);
    default: return convert_all<From, double>(from, to);
  }
}

// Decimals row by row; op gives the unscaled value of a present row, nullopt for NULL.
template <class Op>
Column to_decimal(const Column& from, const Type& to, Op op) {
  ColumnBuilder builder(to, from.size);
  const bool narrow = to.storage() == Storage::kInt64;
  for (size_t i = 0; i < from.size; ++i) {
    std::optional<Int128> value;
    if (from.is_valid(i)) value = op(i);
    if (!value || !fits_precision(*value, to.precision()))
      builder.append_null();
    else if (narrow)
      builder.append(static_cast<int64_t>(*value));
    else
      builder.append(*value);
  }
  return builder.finish();
}

Int128 integer_at(const Column& column, size_t row) {
  switch (column.type.storage()) {
    case Storage::kInt8: return column.data<int8_t>()[row];
    case Storage::kInt16: return column.data<int16_t>()[row];
    case Storage::kInt32: return column.data<int32_t>()[row];
    case Storage::kInt128: return column.data<Int128>()[row];
    default: return column.data<int64_t>()[row];
  }
}

// Whole numbers and decimals as a decimal that surely holds them: one multiplication a row.
template <class From, class To>
Column widen_values(const Column& from, const Type& to, int from_scale) {
  using U = std::conditional_t<sizeof(To) == 8, uint64_t, unsigned __int128>;
  Column result = new_column(to, from.size);
  result.validity = from.validity;
  const auto factor = static_cast<U>(power_of_ten(to.scale() - from_scale));
  const From* in = from.data<From>();
  To* out = result.values->as<To>();
  for (size_t i = 0; i < from.size; ++i) out[i] = static_cast<To>(static_cast<U>(in[i]) * factor);
  return result;
}

template <class To>
Column widen_decimal(const Column& from, const Type& to, int from_scale) {
  switch (from.type.storage()) {
    case Storage::kInt8: return widen_values<int8_t, To>(from, to, from_scale);
    case Storage::kInt16: return widen_values<int16_t, To>(from, to, from_scale);
    case Storage::kInt32: return widen_values<int32_t, To>(from, to, from_scale);
    case Storage::kInt128: return widen_values<Int128, To>(from, to, from_scale);
    default: return widen_values<int64_t, To>(from, to, from_scale);
  }
}

Column numbers_to_decimal(const Column& from, const Type& to) {
  const Type& type = from.type;
  if (type.kind() == TypeKind::kDouble) {
    return to_decimal(from, to, [&](size_t i) { return decimal_from_double(from.data<double>()[i], to.scale()); });
  }
  if (type.kind() == TypeKind::kFloat) {
    return to_decimal(from, to, [&](size_t i) {
      return decimal_from_double(static_cast<double>(from.data<float>()[i]), to.scale());
    });
  }
  const int from_scale = type.kind() == TypeKind::kDecimal ? type.scale() : 0;
  const Type exact = decimal_of(type);  // BOOLEAN and intervals stay as they are
  const bool fits = exact.kind() == TypeKind::kDecimal && to.scale() >= from_scale &&
                    to.precision() - to.scale() >= exact.precision() - from_scale;
  if (fits && to.storage() == Storage::kInt64) return widen_decimal<int64_t>(from, to, from_scale);
  if (fits) return widen_decimal<Int128>(from, to, from_scale);
  return to_decimal(from, to, [&](size_t i) { return rescale(integer_at(from, i), from_scale, to.scale()); });
}

template <class To>
Column decimal_to_native(const Column& from, const Type& to) {
  Column result = new_column(to, from.size);
  result.validity = from.validity;
  To* out = result.values->as<To>();
  const Int128 unit = power_of_ten(from.type.scale());
  for (size_t i = 0; i < from.size; ++i) {
    const Int128 value = integer_at(from, i);
    if constexpr (std::is_floating_point_v<To>) {
      out[i] = from.is_valid(i) ? static_cast<To>(decimal_to_double(value, from.type.scale())) : To{};
    } else {
      out[i] = static_cast<To>(value / unit);  // the fraction is cut off
    }
  }
  return result;
}

Column decimal_to_numbers(const Column& from, const Type& to) {
  switch (to.storage()) {
    case Storage::kInt8: {
      Column result = decimal_to_native<int8_t>(from, to);
      if (to.kind() == TypeKind::kBoolean) {
        for (size_t i = 0; i < from.size; ++i) result.values->as<uint8_t>()[i] = integer_at(from, i) != 0 ? 1 : 0;
      }
      return result;
    }
    case Storage::kInt16: return decimal_to_native<int16_t>(from, to);
    case Storage::kInt32: return decimal_to_native<int32_t>(from, to);
    case Storage::kInt64: return decimal_to_native<int64_t>(from, to);
    case Storage::kFloat: return decimal_to_native<float>(from, to);
    default: return decimal_to_native<double>(from, to);
  }
}

}  // namespace

Column cast_numbers(const Column& from, const Type& to) {
  if (to.kind() == TypeKind::kDecimal) return numbers_to_decimal(from, to);
  if (from.type.kind() == TypeKind::kDecimal) return decimal_to_numbers(from, to);
  switch (from.type.storage()) {
    case Storage::kInt8: return from_native<int8_t>(from, to);
    case Storage::kInt16: return from_native<int16_t>(from, to);
    case Storage::kInt32: return from_native<int32_t>(from, to);
    case Storage::kInt64: return from_native<int64_t>(from, to);
    case Storage::kFloat: return from_native<float>(from, to);
    default: return from_native<double>(from, to);
  }
}

}  // namespace raudal::expr
