// Functions of numbers that give DOUBLE, and signs, constants and random numbers.
#include <cmath>
#include <numbers>

#include "base/rng.h"
#include "expr/decimal.h"
#include "expr/signature.h"

namespace raudal::expr {
namespace {

template <double (*F)(double)>
Kernel double_kernel() {
  return value_kernel<double>([](const KernelArgs& args, size_t row) { return F(double_at(args, 0, row)); });
}

double degrees(double x) { return x * 180 / std::numbers::pi; }
double radians(double x) { return x / 180 * std::numbers::pi; }
double cotangent(double x) { return 1 / std::tan(x); }

double logarithm(const KernelArgs& args, size_t row) {
  const double first = double_at(args, 0, row);
  return args.columns.size() == 1 ? std::log(first) : std::log(double_at(args, 1, row)) / std::log(first);
}

double power(const KernelArgs& args, size_t row) {
  const double base = double_at(args, 0, row);
  const double exponent = double_at(args, 1, row);
  if (std::isnan(exponent) || (std::abs(base) == 1 && std::isinf(exponent))) return std::nan("");  // as Java
  return std::pow(base, exponent);
}

double arc_tangent2(const KernelArgs& args, size_t row) {
  return std::atan2(double_at(args, 0, row), double_at(args, 1, row));
}

template <class T>
Column absolute_values(const KernelArgs& args, const Type& type) {
  return map_rows<T>(args, type, [&](size_t row) -> T {
    const T value = value_at<T>(args, 0, row);
    if constexpr (std::is_floating_point_v<T>)
      return std::abs(value);
    else if constexpr (sizeof(T) == 16)
      return value < 0 ? -value : value;
    else
      return value < 0 ? static_cast<T>(-static_cast<std::make_unsigned_t<T>>(value)) : value;
  });
}

// SIGN has the type of its argument; of a DECIMAL one unit is 10^scale.
template <class T>
Column signs(const KernelArgs& args, const Type& type) {
  const T unit = type.kind() == TypeKind::kDecimal ? static_cast<T>(power_of_ten(type.scale())) : static_cast<T>(1);
  return map_rows<T>(args, type, [&](size_t row) -> T {
    const T value = value_at<T>(args, 0, row);
    if (value > 0) return unit;
    return value < 0 ? static_cast<T>(-unit) : value;
  });
}

template <template <class> class F>
Result<Column> by_storage(const KernelArgs& args, const Type& type) {
  switch (type.storage()) {
    case Storage::kInt8: return F<int8_t>()(args, type);
    case Storage::kInt16: return F<int16_t>()(args, type);
    case Storage::kInt32: return F<int32_t>()(args, type);
    case Storage::kInt64: return F<int64_t>()(args, type);
    case Storage::kInt128: return F<Int128>()(args, type);
    case Storage::kFloat: return F<float>()(args, type);
    default: return F<double>()(args, type);
  }
}

template <class T>
struct Absolute {
  Column operator()(const KernelArgs& args, const Type& type) { return absolute_values<T>(args, type); }
};
template <class T>
struct Sign {
  Column operator()(const KernelArgs& args, const Type& type) { return signs<T>(args, type); }
};

Kernel constant_kernel(double value) {
  return [value](const KernelArgs&, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    Column result = new_column(type, 1);
    result.values->as<double>()[0] = value;
    return result;
  };
}

// What a call site of RAND keeps: how many numbers it has drawn. A seed given in SQL restarts the sequence.
struct Draws {
  uint64_t seed = 0;
  uint64_t next = 0;
};

Draws& draws_of(const KernelArgs& args, bool seeded, std::shared_ptr<void>* scratch) {
  if (!*scratch) {
    auto draws = std::make_shared<Draws>();
    const bool given = seeded && args.columns[0].size > 0 && args.columns[0].is_valid(0);
    draws->seed = given ? static_cast<uint64_t>(args.columns[0].data<int32_t>()[0])
                        : args.context->random_seed ^ static_cast<uint64_t>(args.context->now_us) ^
                              reinterpret_cast<uintptr_t>(scratch);
    *scratch = draws;
  }
  return *static_cast<Draws*>(scratch->get());
}

Result<Column> rand(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  Draws& draws = draws_of(args, !args.columns.empty(), scratch);
  Column result = new_column(type, args.num_rows);
  for (size_t i = 0; i < args.num_rows; ++i) {
    result.values->as<double>()[i] = static_cast<double>(random_at(draws.seed, draws.next++) >> 11) * 0x1p-53;
  }
  return result;
}

Result<Column> rand_integer(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  Draws& draws = draws_of(args, args.columns.size() > 1, scratch);
  const size_t bound_arg = args.columns.size() - 1;
  Column result = new_column(type, args.num_rows);
  for (size_t i = 0; i < args.num_rows; ++i) {
    const int32_t bound = int_at(args, bound_arg, i);
    if (bound <= 0) return expression_error("bound must be positive");
    const uint64_t draw = random_at(draws.seed, draws.next++) >> 32;
    result.values->as<int32_t>()[i] = static_cast<int32_t>((draw * static_cast<uint64_t>(bound)) >> 32);
  }
  return result;
}

Result<Column> uuid(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  ColumnBuilder builder(type, args.num_rows);
  for (size_t i = 0; i < args.num_rows; ++i) {
    std::string hex = secure_random_hex(16);
    hex[12] = '4';
    hex[16] = "89ab"[hex[16] & 3];
    for (size_t at : {20u, 16u, 12u, 8u}) hex.insert(at, "-");
    builder.append_string(hex);
  }
  return builder.finish();
}

void register_random(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "arithmetic", std::move(entry)); };
  const Type number(TypeKind::kDouble);
  add({"RAND", "A random number from 0 up to 1", "RAND() < 1", takes("RAND", "?i", number), rand, true, false,
       Nullability::kNever});
  add({"RAND_INTEGER", "A random whole number from 0 up to a bound", "RAND_INTEGER(1)",
       takes("RAND_INTEGER", "i?i", Type(TypeKind::kInt)), rand_integer, false, false});
  add({"UUID", "A random universally unique identifier", "CHAR_LENGTH(UUID())", takes("UUID", "", Type::character(36)),
       uuid, true, false, Nullability::kNever});
}

void register_trigonometry(FunctionRegistry& registry) {
  const auto add = [&](std::string name, std::string doc, Kernel kernel) {
    const std::string example = name == "COT" || name == "ATAN" ? name + "(1)" : name + "(0)";
    add_entry(registry, "arithmetic",
              {name, std::move(doc), example, takes(name, "d", Type(TypeKind::kDouble)), std::move(kernel), true});
  };
  add("SIN", "Sine", double_kernel<std::sin>());
  add("COS", "Cosine", double_kernel<std::cos>());
  add("TAN", "Tangent", double_kernel<std::tan>());
  add("COT", "Cotangent", double_kernel<cotangent>());
  add("ASIN", "Arc sine", double_kernel<std::asin>());
  add("ACOS", "Arc cosine", double_kernel<std::acos>());
  add("ATAN", "Arc tangent", double_kernel<std::atan>());
  add("SINH", "Hyperbolic sine", double_kernel<std::sinh>());
  add("COSH", "Hyperbolic cosine", double_kernel<std::cosh>());
  add("TANH", "Hyperbolic tangent", double_kernel<std::tanh>());
  add("DEGREES", "Radians as degrees", double_kernel<degrees>());
  add("RADIANS", "Degrees as radians", double_kernel<radians>());
}

}  // namespace

void register_math(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "arithmetic", std::move(entry)); };
  const Type number(TypeKind::kDouble);
  const ResultType first = [](std::span<const Type> args) { return args[0].with_nullable(true); };
  add({"ABS", "The number without its sign", "ABS(-3)", takes("ABS", "n", first), kernel_of(by_storage<Absolute>),
       true});
  add({"SIGN", "-1, 0 or 1, in the type of the number", "SIGN(-2.5)", takes("SIGN", "n", first),
       kernel_of(by_storage<Sign>), true});
  add({"POWER", "The first number to the power of the second", "POWER(2, 10)", takes("POWER", "dd", number),
       value_kernel<double>(power), true});
  add({"SQRT", "Square root", "SQRT(2)", takes("SQRT", "d", number), double_kernel<std::sqrt>(), true});
  add({"EXP", "e to the power of the number", "EXP(1)", takes("EXP", "d", number), double_kernel<std::exp>(), true});
  add({"LN", "Natural logarithm", "LN(1)", takes("LN", "d", number), double_kernel<std::log>(), true});
  add({"LOG10", "Logarithm to base 10", "LOG10(1000)", takes("LOG10", "d", number), double_kernel<std::log10>(), true});
  add({"LOG2", "Logarithm to base 2", "LOG2(8)", takes("LOG2", "d", number), double_kernel<std::log2>(), true});
  add({"LOG", "Natural logarithm, or to the base that comes first", "LOG(2, 8)", takes("LOG", "d?d", number),
       value_kernel<double>(logarithm), true});
  add({"ATAN2", "Angle of a point (y, x)", "ATAN2(1, 1)", takes("ATAN2", "dd", number),
       value_kernel<double>(arc_tangent2), true});
  add({"PI", "The ratio of a circle's circumference to its diameter", "PI()", takes("PI", "", number),
       constant_kernel(std::numbers::pi), true, true, Nullability::kNever});
  add({"E", "Euler's number", "E()", takes("E", "", number), constant_kernel(std::numbers::e), true, true,
       Nullability::kNever});
  register_trigonometry(registry);
  register_random(registry);
}

}  // namespace raudal::expr
