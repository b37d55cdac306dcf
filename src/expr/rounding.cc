// CEIL, FLOOR, ROUND and TRUNCATE of numbers; CEIL and FLOOR of times to a unit are in temporal.cc.
#include <charconv>
#include <cmath>

#include "expr/decimal.h"
#include "expr/rounding.h"
#include "expr/signature.h"
#include "expr/time_unit.h"

namespace raudal::expr {
namespace {

// Rounds by the shortest decimal digits of the double, half up or (down) towards zero, as Java's BigDecimal does.
double round_digits(double value, int digits, bool down) {
  if (!std::isfinite(value) || value == 0) return value;
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, std::abs(value), std::chars_format::scientific).ptr;
  std::string_view all(text, static_cast<size_t>(end - text));
  const size_t e = all.find('e');
  int exponent = 0;
  std::from_chars(all.data() + e + (all[e + 1] == '+' ? 2 : 1), all.data() + all.size(), exponent);
  std::string kept(1, all[0]);
  if (e > 2) kept += all.substr(2, e - 2);
  const int64_t keep = int64_t{exponent} + 1 + digits;
  if (keep >= static_cast<int64_t>(kept.size())) return value;
  if (keep < 0) return 0;
  const bool up = !down && kept[static_cast<size_t>(keep)] >= '5';
  kept.resize(static_cast<size_t>(keep));
  kept.insert(kept.begin(), '0');
  if (up) {
    size_t at = kept.size() - 1;
    while (kept[at] == '9') kept[at--] = '0';
    ++kept[at];
  }
  kept += "e" + std::to_string(exponent + 1 - keep);
  double result = 0;
  std::from_chars(kept.data(), kept.data() + kept.size(), result);
  return result == 0 ? 0 : std::copysign(result, value);
}

enum class Rounding { kFloor, kCeil, kHalfUp, kDown };

// The unscaled value with `from - to` digits fewer, as integer multiples of the new last digit.
Int128 round_unscaled(Int128 value, int drop, Rounding how) {
  if (drop <= 0) return value;
  if (drop > 38) return how == Rounding::kFloor && value < 0 ? -1 : (how == Rounding::kCeil && value > 0 ? 1 : 0);
  const Int128 unit = power_of_ten(drop);
  const Int128 quotient = value / unit;
  const Int128 rest = value % unit;
  switch (how) {
    case Rounding::kFloor: return quotient - (rest < 0 ? 1 : 0);
    case Rounding::kCeil: return quotient + (rest > 0 ? 1 : 0);
    case Rounding::kDown: return quotient;
    case Rounding::kHalfUp: break;
  }
  const Int128 size = rest < 0 ? -rest : rest;
  return size >= unit - size ? quotient + (value < 0 ? -1 : 1) : quotient;
}

Int128 whole_at(const KernelArgs& args, size_t row) {
  switch (args.columns[0].type.storage()) {
    case Storage::kInt8: return value_at<int8_t>(args, 0, row);
    case Storage::kInt16: return value_at<int16_t>(args, 0, row);
    case Storage::kInt32: return value_at<int32_t>(args, 0, row);
    case Storage::kInt128: return value_at<Int128>(args, 0, row);
    default: return value_at<int64_t>(args, 0, row);
  }
}

void append_whole(Int128 value, const Type& type, ColumnBuilder& builder) {
  switch (type.storage()) {
    case Storage::kInt8: return builder.append(static_cast<int8_t>(value));
    case Storage::kInt16: return builder.append(static_cast<int16_t>(value));
    case Storage::kInt32: return builder.append(static_cast<int32_t>(value));
    case Storage::kInt128: return builder.append(value);
    default: return builder.append(static_cast<int64_t>(value));
  }
}

// ROUND and TRUNCATE to args[1] digits (0 where it is absent).
Result<Column> round_kernel(const KernelArgs& args, const Type& type, Rounding how) {
  const bool floating = type.storage() == Storage::kDouble || type.storage() == Storage::kFloat;
  const int scale = args.columns[0].type.scale();
  return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
    const int digits = args.columns.size() > 1 ? int_at(args, 1, row) : 0;
    if (type.storage() == Storage::kDouble) {
      return builder.append(round_digits(double_at(args, 0, row), digits, how == Rounding::kDown));
    }
    if (floating) {
      const double value = static_cast<double>(value_at<float>(args, 0, row));
      return builder.append(static_cast<float>(round_digits(value, digits, how == Rounding::kDown)));
    }
    const int drop = digits >= scale ? 0 : scale - digits;
    const Int128 rounded = round_unscaled(whole_at(args, row), drop, how);
    if (rounded != 0 && drop > 38) return builder.append_null();
    // The last digit kept stands for 10^-(scale - drop); the result's stands for 10^-type.scale().
    const std::optional<Int128> value = rescale(rounded, scale, type.scale() + drop);
    if (!value || (type.kind() == TypeKind::kDecimal && !fits_precision(*value, type.precision()))) {
      return builder.append_null();
    }
    append_whole(*value, type, builder);
  });
}

Result<Column> whole_kernel(const KernelArgs& args, const Type& type, Rounding how) {
  if (type.storage() == Storage::kDouble || type.storage() == Storage::kFloat) {
    const auto round = [&](double value) { return how == Rounding::kFloor ? std::floor(value) : std::ceil(value); };
    if (type.storage() == Storage::kDouble) {
      return map_rows<double>(args, type, [&](size_t row) { return round(double_at(args, 0, row)); });
    }
    return map_rows<float>(args, type, [&](size_t row) {
      return static_cast<float>(round(static_cast<double>(value_at<float>(args, 0, row))));
    });
  }
  if (args.columns[0].type.kind() != TypeKind::kDecimal) return args.columns[0];
  const int scale = args.columns[0].type.scale();
  return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
    append_whole(round_unscaled(whole_at(args, row), scale, how), type, builder);
  });
}

// The scale of a rounded DECIMAL is known only where the number of digits is a literal.
Result<Signature> resolve_round(const std::string& name, std::span<const Type> args, std::span<const Expr> exprs) {
  Signature signature = TRY(takes(name, "n?i", Type())(args, exprs));
  const Type& type = signature.args[0];
  signature.result = type.with_nullable(true);
  if (type.kind() != TypeKind::kDecimal) return signature;
  int digits = 0;
  if (args.size() > 1) {
    const Expr* literal = &exprs[1];
    const bool constant =
        literal->kind == ExprKind::kLiteral && literal->literal.is_valid(0) && literal->type.kind() == TypeKind::kInt;
    if (!constant) {
      const bool negated = literal->kind == ExprKind::kCall && is_constant(*literal);
      if (!negated) return signature;
      const Result<Column> value = fold(*literal, EvalContext{});
      if (!value.ok() || value->type.kind() != TypeKind::kInt || !value->is_valid(0)) return signature;
      digits = value->data<int32_t>()[0];
    } else {
      digits = literal->literal.data<int32_t>()[0];
    }
  }
  if (digits >= type.scale()) return signature;
  const int whole = 1 + type.precision() - type.scale();
  const int scale = digits < 0 ? 0 : digits;
  signature.result = Type::decimal(std::min(kDecimalPrecisionMax, whole + scale), scale);
  return signature;
}

// FLOOR(number) or FLOOR(time, 'UNIT').
Result<Signature> resolve_whole(const std::string& name, std::span<const Type> args, std::span<const Expr> exprs) {
  if (args.size() == 2) {
    Signature signature = TRY(takes(name, "ts", Type())(args, exprs));
    TRY(unit_argument(exprs[1]));
    signature.result = signature.args[0].with_nullable(true).with_rowtime(false);
    return signature;
  }
  Signature signature = TRY(takes(name, "n", Type())(args, exprs));
  const Type& type = signature.args[0];
  signature.result = type.kind() == TypeKind::kDecimal ? Type::decimal(type.precision(), 0) : type.with_nullable(true);
  return signature;
}

}  // namespace

void register_rounding(FunctionRegistry& registry) {
  const auto add = [&](std::string name, std::string doc, std::string example, Resolve resolve, Kernel kernel) {
    add_entry(registry, "arithmetic",
              {std::move(name), std::move(doc), std::move(example), std::move(resolve), std::move(kernel), true});
  };
  const auto whole = [](bool up) {
    return [up](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
      if (args.columns.size() == 2) return floor_time(args, type, up);
      return whole_kernel(args, type, up ? Rounding::kCeil : Rounding::kFloor);
    };
  };
  const auto resolver = [](std::string name, auto resolve) {
    return
        [name, resolve](std::span<const Type> args, std::span<const Expr> exprs) { return resolve(name, args, exprs); };
  };
  add("FLOOR", "The next lower whole number, or the start of a time's unit",
      "FLOOR(TIMESTAMP '2026-01-01 12:34:56' TO HOUR)", resolver("FLOOR", resolve_whole), whole(false));
  add("CEIL", "The next higher whole number, or the end of a time's unit", "CEIL(-1.1)",
      resolver("CEIL", resolve_whole), whole(true));
  add_alias(registry, "CEILING", "CEIL");
  add("ROUND", "The number with so many digits after the point, half up", "ROUND(2.5)",
      resolver("ROUND", resolve_round),
      kernel_of([](const KernelArgs& args, const Type& type) { return round_kernel(args, type, Rounding::kHalfUp); }));
  add("TRUNCATE", "The number with the digits after so many cut off", "TRUNCATE(2.567, 2)",
      resolver("TRUNCATE", resolve_round),
      kernel_of([](const KernelArgs& args, const Type& type) { return round_kernel(args, type, Rounding::kDown); }));
}

}  // namespace raudal::expr
