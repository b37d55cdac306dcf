// The operators + - * / % of numbers, intervals and times.
#include <fmt/core.h>

#include <cmath>

#include "column/calendar.h"
#include "expr/arithmetic_loops.h"
#include "expr/decimal.h"
#include "expr/kernel.h"

namespace raudal::expr {
namespace {

using column::floor_div;
using column::floor_mod;

bool is_interval(const Type& type) {
  return type.kind() == TypeKind::kIntervalMonths || type.kind() == TypeKind::kIntervalMillis;
}

bool is_time_point(const Type& type) {
  return type.kind() == TypeKind::kDate || type.kind() == TypeKind::kTime || type.is_timestamp();
}

bool is_approximate(const Type& type) { return type.kind() == TypeKind::kFloat || type.kind() == TypeKind::kDouble; }

Int128 decimal_at(const Column& column, size_t row) {
  return column.type.storage() == Storage::kInt64 ? column.data<int64_t>()[row] : column.data<Int128>()[row];
}

// How the exact loops read two DECIMAL columns: each times its factor (which may be negative for a difference).
struct ExactOperands {
  size_t a_step;
  size_t b_step;
  Int128 a_factor = 1;
  Int128 b_factor = 1;
};

// Sums (or products) of unscaled values where the types' precisions say that the result fits. What stands under a NULL
// may wrap.
template <class A, class B, class R>
void exact_loop(bool product, const A* a, const B* b, const ExactOperands& operands, size_t num_rows, R* out) {
  using U = std::conditional_t<sizeof(R) == 8, uint64_t, unsigned __int128>;
  const U a_factor = static_cast<U>(operands.a_factor);
  const U b_factor = static_cast<U>(operands.b_factor);
  const size_t a_step = operands.a_step;
  const size_t b_step = operands.b_step;
  if (product) {
    for (size_t i = 0; i < num_rows; ++i) {
      out[i] = static_cast<R>(static_cast<U>(a[i * a_step]) * static_cast<U>(b[i * b_step]));
    }
  } else {
    for (size_t i = 0; i < num_rows; ++i) {
      out[i] = static_cast<R>(static_cast<U>(a[i * a_step]) * a_factor + static_cast<U>(b[i * b_step]) * b_factor);
    }
  }
}

// The result of + - * where its type has all the digits that it can need.
std::optional<Column> exact_decimal(char op, const KernelArgs& args, const Type& type) {
  const Type& a = args.columns[0].type;
  const Type& b = args.columns[1].type;
  const bool product = op == '*';
  if (!product && op != '+' && op != '-') return std::nullopt;
  const int scale = product ? a.scale() + b.scale() : std::max(a.scale(), b.scale());
  const int whole = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  const int precision = product ? a.precision() + b.precision() : whole + scale + 1;
  if (type.scale() != scale || type.precision() < precision) return std::nullopt;
  bool all_null = false;
  BufferPtr validity = merge_validity(args, &all_null);
  if (all_null) return null_column(type, 1);
  Column result = new_column(type, args.num_rows);
  result.validity = validity;
  ExactOperands operands{args.is_constant(0) ? size_t{0} : 1, args.is_constant(1) ? size_t{0} : 1};
  if (!product) {
    operands.a_factor = power_of_ten(scale - a.scale());
    operands.b_factor = power_of_ten(scale - b.scale()) * (op == '-' ? -1 : 1);
  }
  const auto with_values = [](const Column& column, auto f) {
    if (column.type.storage() == Storage::kInt64)
      f(column.data<int64_t>());
    else
      f(column.data<Int128>());
  };
  with_values(args.columns[0], [&](const auto* x) {
    with_values(args.columns[1], [&](const auto* y) {
      if (type.storage() == Storage::kInt64) {
        exact_loop(product, x, y, operands, args.num_rows, result.values->as<int64_t>());
      } else {
        exact_loop(product, x, y, operands, args.num_rows, result.values->as<Int128>());
      }
    });
  });
  return result;
}

// A DECIMAL column row by row; nullopt becomes NULL (the result has too many digits).
template <class Op>
Result<Column> decimal_rows(const KernelArgs& args, const Type& type, Op op) {
  ColumnBuilder builder(type, args.num_rows);
  const bool narrow = type.storage() == Storage::kInt64;
  for (size_t i = 0; i < args.num_rows; ++i) {
    if (!all_valid(args, i)) {
      builder.append_null();
      continue;
    }
    const Int128 a = decimal_at(args.columns[0], args.is_constant(0) ? 0 : i);
    const Int128 b = decimal_at(args.columns[1], args.is_constant(1) ? 0 : i);
    if (b == 0 && op.divides) return expression_error("Division by zero");
    const std::optional<Int128> value = op.run(a, b);
    if (!value || !fits_precision(*value, type.precision()))
      builder.append_null();
    else if (narrow)
      builder.append(static_cast<int64_t>(*value));
    else
      builder.append(*value);
  }
  return builder.finish();
}

template <class F>
struct DecimalOp {
  F run;
  bool divides = false;
};

Result<Column> decimal_arithmetic(char op, const KernelArgs& args, const Type& type) {
  const Type& a = args.columns[0].type;
  const Type& b = args.columns[1].type;
  const int to = type.scale();
  if (std::optional<Column> exact = exact_decimal(op, args, type)) return *std::move(exact);
  const auto run = [&](auto f, bool divides = false) {
    return decimal_rows(args, type, DecimalOp<decltype(f)>{f, divides});
  };
  switch (op) {
    case '*': return run([&](Int128 x, Int128 y) { return decimal_multiply(x, y, a.scale() + b.scale(), to); });
    case '/': return run([&](Int128 x, Int128 y) { return decimal_divide(x, a.scale(), y, b.scale(), to); }, true);
    case '%':
      return run(
          [&](Int128 x, Int128 y) -> std::optional<Int128> {
            const int scale = std::max(a.scale(), b.scale());
            const std::optional<Int128> p = rescale(x, a.scale(), scale);
            const std::optional<Int128> q = rescale(y, b.scale(), scale);
            if (!p || !q) return std::nullopt;
            return *p % *q;
          },
          true);
    default:
      return run([&](Int128 x, Int128 y) -> std::optional<Int128> {
        const int scale = std::max(a.scale(), b.scale());
        const std::optional<Int128> p = rescale(x, a.scale(), scale);
        const std::optional<Int128> q = rescale(y, b.scale(), scale);
        Int128 sum;
        if (!p || !q || __builtin_add_overflow(*p, op == '+' ? *q : -*q, &sum)) return std::nullopt;
        return rescale(sum, scale, to);
      });
  }
}

// + - * of two columns of type T.
template <class T>
Column numeric_arithmetic(ArithmeticOp op, const KernelArgs& args, const Type& type) {
  bool all_null = false;
  BufferPtr validity = merge_validity(args, &all_null);
  if (all_null) return null_column(type, 1);
  Column result = new_column(type, args.num_rows);
  result.validity = validity;
  const T* a = args.columns[0].data<T>();
  const T* b = args.columns[1].data<T>();
  T* out = result.values->as<T>();
  if constexpr (std::is_same_v<T, int32_t> || std::is_same_v<T, int64_t> || std::is_same_v<T, double>) {
    arithmetic_loop(op, a, args.is_constant(0), b, args.is_constant(1), args.num_rows, out);
  } else {
    map_two(a, args.is_constant(0), b, args.is_constant(1), args.num_rows, out, [op](T x, T y) {
      const auto p = static_cast<std::conditional_t<std::is_integral_v<T>, int32_t, T>>(x);
      switch (op) {
        case ArithmeticOp::kAdd: return static_cast<T>(p + y);
        case ArithmeticOp::kSubtract: return static_cast<T>(p - y);
        default: return static_cast<T>(p * y);
      }
    });
  }
  return result;
}

// The times of a column moved by an interval column; `sign` is -1 for subtraction.
Column move_times(const KernelArgs& args, const Type& type, size_t time, size_t interval, int64_t sign) {
  const bool months = args.columns[interval].type.kind() == TypeKind::kIntervalMonths;
  const Values<int64_t> by(args, interval);
  if (type.kind() == TypeKind::kDate) {
    const Values<int32_t> days(args, time);
    return map_rows<int32_t>(args, type, [&](size_t i) {
      const int64_t amount = sign * by[i];
      return static_cast<int32_t>(months ? column::add_months(days[i], amount) : days[i] + amount / column::kMsPerDay);
    });
  }
  if (type.kind() == TypeKind::kTime) {
    const Values<int32_t> times(args, time);
    return map_rows<int32_t>(args, type, [&](size_t i) {
      return static_cast<int32_t>(months ? times[i] : floor_mod(times[i] + sign * by[i], column::kMsPerDay));
    });
  }
  const Values<int64_t> times(args, time);
  if (months) {
    return map_rows<int64_t>(args, type, [&](size_t i) {
      const int64_t day = floor_div(times[i], column::kUsPerDay);
      return column::add_months(day, sign * by[i]) * column::kUsPerDay + times[i] - day * column::kUsPerDay;
    });
  }
  // TIMESTAMP(0) + INTERVAL '0.5' SECOND has no place for the half.
  int64_t unit = 1;
  for (int p = type.precision(); p < 3; ++p) unit *= 10;
  unit *= 1000;
  return map_rows<int64_t>(args, type, [&](size_t i) {
    const auto moved =
        static_cast<int64_t>(static_cast<uint64_t>(times[i]) + static_cast<uint64_t>(sign * by[i]) * 1000u);
    return unit == 1000 ? moved : floor_div(moved, unit) * unit;
  });
}

// TIMESTAMP - TIMESTAMP and the like, as milliseconds.
Column time_difference(const KernelArgs& args, const Type& type) {
  const auto millis = [&](size_t arg, size_t i) -> int64_t {
    const size_t row = args.is_constant(arg) ? 0 : i;
    const Column& column = args.columns[arg];
    if (column.type.kind() == TypeKind::kDate) return column.data<int32_t>()[row] * column::kMsPerDay;
    if (column.type.kind() == TypeKind::kTime) return column.data<int32_t>()[row];
    return floor_div(column.data<int64_t>()[row], 1000);
  };
  return map_rows<int64_t>(args, type, [&](size_t i) { return millis(0, i) - millis(1, i); });
}

// An interval times a number.
Column scale_interval(const KernelArgs& args, const Type& type, bool divide) {
  const size_t interval = is_interval(args.columns[0].type) ? 0 : 1;
  const Values<int64_t> by(args, interval);
  const Values<double> factor(args, 1 - interval);
  return map_rows<int64_t>(args, type, [&](size_t i) {
    const double value = divide ? static_cast<double>(by[i]) / factor[i] : static_cast<double>(by[i]) * factor[i];
    return std::abs(value) < 9.2e18 ? static_cast<int64_t>(value) : 0;
  });
}

Result<Column> run_arithmetic(ArithmeticOp op, char symbol, const KernelArgs& args, const Type& type) {
  const Type& a = args.columns[0].type;
  const Type& b = args.columns[1].type;
  const int64_t sign = op == ArithmeticOp::kSubtract ? -1 : 1;
  if (is_time_point(a) && is_time_point(b)) return time_difference(args, type);
  if (is_time_point(a)) return move_times(args, type, 0, 1, sign);
  if (is_time_point(b)) return move_times(args, type, 1, 0, sign);
  if (is_interval(a) != is_interval(b)) return scale_interval(args, type, false);
  if (type.kind() == TypeKind::kDecimal) return decimal_arithmetic(symbol, args, type);
  switch (type.storage()) {
    case Storage::kInt8: return numeric_arithmetic<int8_t>(op, args, type);
    case Storage::kInt16: return numeric_arithmetic<int16_t>(op, args, type);
    case Storage::kInt32: return numeric_arithmetic<int32_t>(op, args, type);
    case Storage::kInt64: return numeric_arithmetic<int64_t>(op, args, type);
    case Storage::kFloat: return numeric_arithmetic<float>(op, args, type);
    default: return numeric_arithmetic<double>(op, args, type);
  }
}

// The quotient or remainder of integers; fails where a present divisor is zero.
template <class T>
Result<Column> integer_division(const KernelArgs& args, const Type& type, bool remainder) {
  const Values<T> a(args, 0);
  const Values<T> b(args, 1);
  for (size_t i = 0; i < args.num_rows; ++i) {
    if (b[i] == 0 && all_valid(args, i)) return expression_error("/ by zero");
    if (b.step == 0 && b[0] != 0) break;
  }
  return map_rows<T>(args, type, [&](size_t i) -> T {
    const T divisor = b[i];
    if (divisor == -1) return static_cast<T>(remainder ? 0 : -static_cast<std::make_unsigned_t<T>>(a[i]));
    return static_cast<T>(remainder ? a[i] % divisor : a[i] / divisor);
  });
}

template <class T>
Column floating_division(const KernelArgs& args, const Type& type, bool remainder) {
  const Values<T> a(args, 0);
  const Values<T> b(args, 1);
  return map_rows<T>(args, type, [&](size_t i) { return remainder ? std::fmod(a[i], b[i]) : a[i] / b[i]; });
}

// A column of integers as another integer type; wraps.
Column narrow(const Column& column, const Type& type) {
  if (column.type.storage() == type.storage()) return column;
  return cast_column(column, type, false, EvalContext{}).value();
}

Result<Column> run_division(const KernelArgs& args, const Type& type, bool remainder) {
  if (is_interval(args.columns[0].type)) return scale_interval(args, type, true);
  if (type.kind() == TypeKind::kDecimal) return decimal_arithmetic(remainder ? '%' : '/', args, type);
  const Type& common = args.columns[0].type;
  switch (common.storage()) {
    case Storage::kFloat: return floating_division<float>(args, type, remainder);
    case Storage::kDouble: return floating_division<double>(args, type, remainder);
    case Storage::kInt8: return narrow(TRY(integer_division<int8_t>(args, common, remainder)), type);
    case Storage::kInt16: return narrow(TRY(integer_division<int16_t>(args, common, remainder)), type);
    case Storage::kInt32: return narrow(TRY(integer_division<int32_t>(args, common, remainder)), type);
    default: break;
  }
  if (remainder && args.is_constant(1) && args.columns[1].is_valid(0) && args.columns[1].data<int64_t>()[0] != 0) {
    Column result = new_column(common, args.num_rows);
    result.validity = args.columns[0].validity;
    remainder_loop(args.columns[0].data<int64_t>(), args.columns[1].data<int64_t>()[0], args.num_rows,
                   result.values->as<int64_t>());
    return narrow(result, type);
  }
  return narrow(TRY(integer_division<int64_t>(args, common, remainder)), type);
}

Result<Signature> resolve_times(std::string_view name, const Type& a, const Type& b) {
  const std::vector<Type> both{a, b};
  if (is_interval(a) && is_interval(b) && a.kind() == b.kind() && (name == "+" || name == "-"))
    return Signature{both, a};
  if (is_time_point(a) && is_interval(b) && (name == "+" || name == "-")) {
    return Signature{both, a.with_rowtime(false)};
  }
  if (is_interval(a) && is_time_point(b) && name == "+") return Signature{both, b.with_rowtime(false)};
  if (is_time_point(a) && is_time_point(b) && name == "-") return Signature{both, Type(TypeKind::kIntervalMillis)};
  if (is_interval(a) && b.is_numeric() && (name == "*" || name == "/")) {
    return Signature{{a, Type(TypeKind::kDouble)}, a};
  }
  if (a.is_numeric() && is_interval(b) && name == "*") return Signature{{Type(TypeKind::kDouble), b}, b};
  return cannot_apply(name, both);
}

Result<Signature> resolve_binary(std::string_view name, std::span<const Type> args) {
  if (args.size() != 2) return cannot_apply(name, args);
  Type a = args[0];
  Type b = args[1];
  if (a.kind() == TypeKind::kNull) a = is_interval(b) || is_time_point(b) ? a : b;
  if (b.kind() == TypeKind::kNull) b = is_interval(a) || is_time_point(a) ? b : a;
  if (!a.is_numeric() || !b.is_numeric()) return resolve_times(name, a, b);
  const Type pair[] = {a, b};
  const Type common = TRY(common_type(pair));
  if (name == "%" && is_approximate(common)) return cannot_apply("MOD", args);
  const bool decimal = (a.kind() == TypeKind::kDecimal || b.kind() == TypeKind::kDecimal) && !is_approximate(common);
  if (!decimal) return Signature{{common, common}, name == "%" && common.is_integer() ? b : common};
  const Type x = decimal_of(a);
  const Type y = decimal_of(b);
  if (name == "*") return Signature{{x, y}, decimal_product_type(x, y)};
  if (name == "/") return Signature{{x, y}, decimal_quotient_type(x, y)};
  if (name == "%") return Signature{{x, y}, decimal_remainder_type(x, y)};
  return Signature{{x, y}, decimal_sum_type(x, y)};
}

Result<Signature> resolve_sign(std::string_view name, std::span<const Type> args) {
  if (!args[0].is_numeric() && !is_interval(args[0])) return cannot_apply(name, args);
  return Signature{{args[0]}, args[0]};
}

template <class T>
Column negate_values(const KernelArgs& args, const Type& type) {
  const Values<T> a(args, 0);
  return map_rows<T>(args, type, [&](size_t i) -> T {
    if constexpr (std::is_floating_point_v<T>)
      return -a[i];
    else if constexpr (sizeof(T) == 16)
      return -a[i];
    else
      return static_cast<T>(-static_cast<std::make_unsigned_t<T>>(a[i]));
  });
}

Result<Column> negate(const KernelArgs& args, const Type& type) {
  switch (type.storage()) {
    case Storage::kInt8: return negate_values<int8_t>(args, type);
    case Storage::kInt16: return negate_values<int16_t>(args, type);
    case Storage::kInt32: return negate_values<int32_t>(args, type);
    case Storage::kInt64: return negate_values<int64_t>(args, type);
    case Storage::kInt128: return negate_values<Int128>(args, type);
    case Storage::kFloat: return negate_values<float>(args, type);
    default: return negate_values<double>(args, type);
  }
}

void add_operator(FunctionRegistry& registry, std::string name, ArithmeticOp op, std::string doc, std::string example) {
  const char symbol = name[0];
  Function function;
  function.name = name;
  function.category = "arithmetic";
  function.doc = std::move(doc);
  function.example = std::move(example);
  function.total = true;
  function.resolve = [name](std::span<const Type> args, std::span<const Expr>) -> Result<Signature> {
    if (args.size() == 1 && name != "*") return resolve_sign(name, args);
    return resolve_binary(name, args);
  };
  function.kernel = [op, symbol](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    if (args.columns.size() == 1) return symbol == '-' ? negate(args, type) : Result<Column>(args.columns[0]);
    return run_arithmetic(op, symbol, args, type);
  };
  registry.add(std::move(function));
}

void add_division(FunctionRegistry& registry, std::string name, bool remainder, std::string doc, std::string example) {
  Function function;
  function.name = name;
  function.category = "arithmetic";
  function.doc = std::move(doc);
  function.example = std::move(example);
  function.resolve = [remainder](std::span<const Type> args, std::span<const Expr>) {
    return resolve_binary(remainder ? "%" : "/", args);
  };
  function.kernel = [remainder](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
    return run_division(args, type, remainder);
  };
  registry.add(std::move(function));
}

}  // namespace

void register_arithmetic(FunctionRegistry& registry) {
  add_operator(registry, "+", ArithmeticOp::kAdd, "Sum; a time moved by an interval", "1 + 2");
  add_operator(registry, "-", ArithmeticOp::kSubtract, "Difference, or the negative of one number", "5 - 7");
  add_operator(registry, "*", ArithmeticOp::kMultiply, "Product", "3 * 4");
  add_division(registry, "/", false, "Quotient; of integers cut towards zero", "7 / 2");
  add_division(registry, "%", true, "Remainder with the sign of the dividend", "7 % 3");
  add_division(registry, "MOD", true, "Remainder with the sign of the dividend", "MOD(-7, 3)");
}

}  // namespace raudal::expr
