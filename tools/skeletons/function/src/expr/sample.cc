// SAMPLE(text): what it gives, and what for NULL.
#include "expr/function.h"
#include "expr/kernel.h"
#include "expr/utf8.h"

namespace raudal::expr {
namespace {

// The types that the arguments are cast to, and the result's.
Result<Signature> resolve(std::span<const Type> args, std::span<const Expr>) {
  if (args.size() != 1) return cannot_apply("SAMPLE", args);
  return Signature{.args = {Type::string()}, .result = Type(TypeKind::kInt)};
}

// Rows with a NULL argument become NULL; the argument may be constant.
Result<Column> compute(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const Strings texts(args, 0);
  return map_rows<int32_t>(args, type, [&](size_t row) { return static_cast<int32_t>(utf8_length(texts.view(row))); });
}

}  // namespace

void register_sample(FunctionRegistry& registry) {
  registry.add({.name = "SAMPLE",
                .resolve = resolve,
                .kernel = compute,
                .total = true,
                .doc = "One line that says what it gives",
                .example = "SAMPLE('Flink')",
                .category = "string"});
}

}  // namespace raudal::expr
