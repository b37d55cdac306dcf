// Types of expressions: common types, calls, casts, folding; and the registry of functions.
#include <fmt/core.h>

#include <algorithm>

#include "base/str.h"
#include "expr/decimal.h"
#include "expr/function.h"
#include "expr/kernel.h"

namespace raudal::expr {
namespace {

Error no_common_type(const Type& a, const Type& b) {
  return Error(ErrorCode::kSqlValidation, fmt::format("Incompatible types: {} and {}", a.to_string(), b.to_string()));
}

// Calcite's rule: among exact types the wider; FLOAT with integers stays FLOAT; DECIMAL with FLOAT is DOUBLE.
Type common_numeric(const Type& a, const Type& b) {
  const auto approximate = [](const Type& t) { return t.kind() == TypeKind::kFloat || t.kind() == TypeKind::kDouble; };
  if (approximate(a) || approximate(b)) {
    const bool decimal = a.kind() == TypeKind::kDecimal || b.kind() == TypeKind::kDecimal;
    const bool wide = a.kind() == TypeKind::kDouble || b.kind() == TypeKind::kDouble;
    return Type(decimal || wide ? TypeKind::kDouble : TypeKind::kFloat);
  }
  if (a.is_integer() && b.is_integer()) return Type(std::max(a.kind(), b.kind()));
  const Type x = decimal_of(a);
  const Type y = decimal_of(b);
  const int whole = std::max(x.precision() - x.scale(), y.precision() - y.scale());
  const int scale = std::max(x.scale(), y.scale());
  const int precision = std::min(kDecimalPrecisionMax, whole + scale);
  return Type::decimal(precision, std::min(scale, std::max(0, kDecimalPrecisionMax - whole)));
}

Type common_length(const Type& a, const Type& b, TypeKind fixed) {
  const int length = std::max(a.length(), b.length());
  if (a.kind() == fixed && b.kind() == fixed && a.length() == b.length()) return a;
  return fixed == TypeKind::kChar ? Type::varchar(length) : Type::varbinary(length);
}

Result<Type> common_of_two(const Type& a, const Type& b);

Result<Type> common_nested(const Type& a, const Type& b) {
  if (a.kind() != b.kind() || a.fields().size() != b.fields().size()) return no_common_type(a, b);
  std::vector<column::Field> fields;
  for (size_t i = 0; i < a.fields().size(); ++i) {
    fields.push_back({a.fields()[i].name, TRY(common_of_two(a.fields()[i].type, b.fields()[i].type))});
  }
  if (a.kind() == TypeKind::kArray) return Type::array(fields[0].type);
  if (a.kind() == TypeKind::kMap) return Type::map(fields[0].type, fields[1].type);
  return Type::row(std::move(fields));
}

Result<Type> common_temporal(const Type& a, const Type& b) {
  const int precision = std::max(a.precision(), b.precision());
  const auto either = [&](TypeKind kind) { return a.kind() == kind || b.kind() == kind; };
  if (either(TypeKind::kTime)) {
    if (a.kind() != b.kind()) return no_common_type(a, b);
    return Type::time(precision);
  }
  if (either(TypeKind::kTimestampLtz)) return Type::timestamp_ltz(precision);
  return Type::timestamp(precision);
}

bool is_temporal(const Type& type) {
  return type.kind() == TypeKind::kDate || type.kind() == TypeKind::kTime || type.is_timestamp();
}

Result<Type> common_of_two(const Type& a, const Type& b) {
  const bool nullable = a.nullable() || b.nullable();
  if (a.kind() == TypeKind::kNull) return b.with_nullable(true);
  if (b.kind() == TypeKind::kNull) return a.with_nullable(true);
  if (a.same_as(b)) return a.with_nullable(nullable).with_rowtime(a.rowtime() && b.rowtime());
  if (a.is_numeric() && b.is_numeric()) return common_numeric(a, b).with_nullable(nullable);
  if (a.is_string() && b.is_string()) return common_length(a, b, TypeKind::kChar).with_nullable(nullable);
  if (a.is_binary() && b.is_binary()) return common_length(a, b, TypeKind::kBinary).with_nullable(nullable);
  if (is_temporal(a) && is_temporal(b)) return TRY(common_temporal(a, b)).with_nullable(nullable);
  if (!a.fields().empty()) return TRY(common_nested(a, b)).with_nullable(nullable);
  return no_common_type(a, b);
}

bool any_nullable(std::span<const Expr> args) {
  return std::any_of(args.begin(), args.end(), [](const Expr& arg) { return arg.type.nullable(); });
}

}  // namespace

Result<Type> common_type(std::span<const Type> types) {
  if (types.empty()) return Type(TypeKind::kNull);
  Type result = types[0];
  for (const Type& type : types.subspan(1)) result = TRY(common_of_two(result, type));
  return result;
}

Result<Expr> make_cast(Expr expr, const Type& type, bool try_cast) {
  if (expr.type.same_as(type)) return expr;
  if (!cast_exists(expr.type, type)) {
    return Error(ErrorCode::kSqlValidation, fmt::format("Cast function cannot convert value of type {} to type {}",
                                                        validator_name(expr.type), validator_name(type)));
  }
  Expr result;
  result.kind = try_cast ? ExprKind::kTryCast : ExprKind::kCast;
  const bool nullable = expr.type.nullable() || try_cast || !cast_is_total(expr.type, type);
  result.type = type.with_nullable(nullable && (expr.type.nullable() || try_cast)).with_rowtime(false);
  result.args.push_back(std::move(expr));
  return result;
}

Result<Expr> make_call(std::string_view name, std::vector<Expr> args) {
  const Function* function = builtin_functions().find(name);
  std::vector<Type> types;
  for (const Expr& arg : args) types.push_back(arg.type);
  if (function == nullptr) {
    std::string signature(name);
    signature += "(";
    for (size_t i = 0; i < types.size(); ++i) signature += (i > 0 ? ", <" : "<") + validator_name(types[i]) + ">";
    return Error(ErrorCode::kSqlValidation, "No match found for function signature " + signature + ")");
  }
  if (function->rewrite) return function->rewrite(std::move(args));
  Signature signature = TRY(function->resolve(types, args));
  CHECK(signature.args.size() == args.size());
  bool nullable = function->nullability == Nullability::kAlways;
  if (function->nullability == Nullability::kFromArgs) nullable = any_nullable(args);
  for (size_t i = 0; i < args.size(); ++i) {
    const bool literal = args[i].kind == ExprKind::kLiteral;
    args[i] = TRY(make_cast(std::move(args[i]), signature.args[i]));
    if (!literal || args[i].kind == ExprKind::kLiteral) continue;
    // A literal takes its final type here; one that does not fit fails when its row is evaluated, as in Flink.
    Result<Column> value = fold(args[i], EvalContext{});
    if (value.ok() && args[i].type.kind() != TypeKind::kTimestampLtz) {
      value.value().type = args[i].type;
      args[i] = Expr::constant(std::move(value).value());
    }
  }
  Expr call;
  call.kind = ExprKind::kCall;
  call.function = function;
  call.type = signature.result.with_nullable(nullable);
  call.args = std::move(args);
  return call;
}

Result<Column> fold(const Expr& expr, const EvalContext& context) {
  column::Batch one_row;
  one_row.num_rows = 1;
  return Evaluator(expr).evaluate(one_row, context);
}

void FunctionRegistry::add(Function function) { functions_.push_back(std::make_unique<Function>(std::move(function))); }

const Function* FunctionRegistry::find(std::string_view name) const {
  for (const auto& function : functions_) {
    if (equals_ignore_case(function->name, name)) return function.get();
  }
  return nullptr;
}

std::vector<const Function*> FunctionRegistry::all() const {
  std::vector<const Function*> result;
  for (const auto& function : functions_) result.push_back(function.get());
  std::sort(result.begin(), result.end(), [](const Function* a, const Function* b) { return a->name < b->name; });
  return result;
}

}  // namespace raudal::expr
