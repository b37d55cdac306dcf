// Conditional functions. NULLIF, IF, IFNULL, NVL and COALESCE are rewritten, so that only the chosen branch is
// evaluated; GREATEST and LEAST are computed.
#include "expr/comparison.h"
#include "expr/signature.h"

namespace raudal::expr {
namespace {

Expr node(ExprKind kind, Type type, std::vector<Expr> args) {
  Expr expr;
  expr.kind = kind;
  expr.type = std::move(type);
  expr.args = std::move(args);
  return expr;
}

std::vector<Type> types_of(std::span<const Expr> args) {
  std::vector<Type> types;
  for (const Expr& arg : args) types.push_back(arg.type);
  return types;
}

Result<Expr> coalesce(std::vector<Expr> args) {
  Type type = TRY(common_type(types_of(args)));
  bool nullable = true;
  for (Expr& arg : args) {
    nullable = nullable && arg.type.nullable();
    arg = TRY(make_cast(std::move(arg), type));
  }
  return node(ExprKind::kCoalesce, type.with_nullable(nullable), std::move(args));
}

Result<Expr> if_else(std::vector<Expr> args) {
  const std::vector<Type> types = types_of(args);
  if (types[0].kind() != TypeKind::kBoolean) return cannot_apply("IF", types);
  const Type type = TRY(common_type(std::span(types).subspan(1)));
  args[1] = TRY(make_cast(std::move(args[1]), type));
  args[2] = TRY(make_cast(std::move(args[2]), type));
  return node(ExprKind::kCase, type, std::move(args));
}

Result<Expr> null_if(std::vector<Expr> args) {
  Expr equal = TRY(make_call("=", {args[0], args[1]}));
  const Type type = args[0].type.with_nullable(true);
  Expr null = Expr::null_of(type);
  return node(ExprKind::kCase, type, {std::move(equal), std::move(null), std::move(args[0])});
}

// A function that becomes another expression.
void add_rewrite(FunctionRegistry& registry, std::string name, std::string doc, std::string example, size_t args_min,
                 size_t args_max, Result<Expr> (*rewrite)(std::vector<Expr>)) {
  Function function;
  function.name = name;
  function.doc = std::move(doc);
  function.example = std::move(example);
  function.category = "conditional";
  function.rewrite = [name, args_min, args_max, rewrite](std::vector<Expr> args) -> Result<Expr> {
    if (args.size() < args_min || args.size() > args_max) return cannot_apply(name, types_of(args));
    return rewrite(std::move(args));
  };
  registry.add(std::move(function));
}

// GREATEST and LEAST: NULL if any argument is.
Kernel extreme_kernel(int sign) {
  return [sign](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
      const auto at = [&](size_t arg) { return args.is_constant(arg) ? 0 : row; };
      size_t best = 0;
      for (size_t arg = 1; arg < args.columns.size(); ++arg) {
        if (sign * compare_values(args.columns[arg], at(arg), args.columns[best], at(best)) > 0) best = arg;
      }
      builder.append_from(args.columns[best], at(best));
    });
  };
}

Resolve resolve_extreme(std::string name) {
  return [name](std::span<const Type> args, std::span<const Expr>) -> Result<Signature> {
    if (args.empty()) return cannot_apply(name, args);
    const Type type = TRY(common_type(args));
    return Signature{std::vector<Type>(args.size(), type), type};
  };
}

}  // namespace

void register_conditional(FunctionRegistry& registry) {
  add_rewrite(registry, "COALESCE", "The first argument that is not NULL", "COALESCE(CAST(NULL AS INT), 5)", 1, 1000,
              coalesce);
  add_rewrite(registry, "IFNULL", "The first argument, or the second where that is NULL",
              "IFNULL(CAST(NULL AS INT), 5)", 2, 2, coalesce);
  add_rewrite(registry, "IF", "The second argument where the first is TRUE, else the third", "IF(1 > 2, 'a', 'b')", 3,
              3, if_else);
  add_rewrite(registry, "NULLIF", "NULL where both are equal, else the first", "NULLIF(1, 1)", 2, 2, null_if);
  const auto add = [&](Entry entry) { add_entry(registry, "conditional", std::move(entry)); };
  add({"GREATEST", "The greatest argument; NULL if one is NULL", "GREATEST(1.5, 2)", resolve_extreme("GREATEST"),
       extreme_kernel(1), true});
  add({"LEAST", "The least argument; NULL if one is NULL", "LEAST(3, 1, 2)", resolve_extreme("LEAST"),
       extreme_kernel(-1), true});
}

}  // namespace raudal::expr
