#include "expr/signature.h"

#include <fmt/core.h>

namespace raudal::expr {
namespace {

bool is_temporal(const Type& type) {
  return type.kind() == TypeKind::kDate || type.kind() == TypeKind::kTime || type.is_timestamp();
}

// The type that an argument is cast to for a letter; nullopt if it does not fit.
std::optional<Type> argument_type(char letter, const Type& type) {
  const bool null = type.kind() == TypeKind::kNull;
  switch (letter) {
    case 's':
      if (null) return Type::string();
      return type.is_string() ? std::optional(type) : std::nullopt;
    case 'y':
      if (null) return Type::varbinary(2147483647);
      return type.is_binary() ? std::optional(type) : std::nullopt;
    case 'i': return null || type.is_numeric() ? std::optional(Type(TypeKind::kInt)) : std::nullopt;
    case 'l': return null || type.is_numeric() ? std::optional(Type(TypeKind::kBigInt)) : std::nullopt;
    case 'd': return null || type.is_numeric() ? std::optional(Type(TypeKind::kDouble)) : std::nullopt;
    case 'b': return null || type.kind() == TypeKind::kBoolean ? std::optional(Type(TypeKind::kBoolean)) : std::nullopt;
    case 'n':
      if (null) return Type(TypeKind::kInt);
      return type.is_numeric() ? std::optional(type) : std::nullopt;
    case 'D': return null || is_temporal(type) ? std::optional(Type(TypeKind::kDate)) : std::nullopt;
    case 't':
      if (null) return Type::timestamp(3);
      return is_temporal(type) ? std::optional(type) : std::nullopt;
    case 'T':
      if (null) return Type::timestamp(3);
      return type.is_timestamp() ? std::optional(type) : std::nullopt;
    default: return type;
  }
}

// The letter of each of `count` arguments, or nothing if there are too few or too many.
std::optional<std::string> letters_for(std::string_view pattern, size_t count) {
  std::string letters;
  size_t required = 0;
  bool optional = false;
  bool repeats = false;
  for (char c : pattern) {
    if (c == '?') {
      optional = true;
    } else if (c == '*') {
      repeats = true;
    } else {
      letters += c;
      required += optional ? 0 : 1;
    }
  }
  if (count < required || (count > letters.size() && !repeats)) return std::nullopt;
  while (letters.size() < count) letters += letters.back();
  letters.resize(count);
  return letters;
}

}  // namespace

Resolve takes(std::string name, std::string_view letters, ResultType result) {
  return [name = std::move(name), pattern = std::string(letters), result = std::move(result)](
             std::span<const Type> args, std::span<const Expr>) -> Result<Signature> {
    const std::optional<std::string> wanted = letters_for(pattern, args.size());
    if (!wanted) {
      return Error(ErrorCode::kSqlValidation,
                   fmt::format("Invalid number of arguments to function '{}': {}", name, args.size()));
    }
    Signature signature;
    for (size_t i = 0; i < args.size(); ++i) {
      const std::optional<Type> type = argument_type((*wanted)[i], args[i]);
      if (!type) return cannot_apply(name, args);
      signature.args.push_back(*type);
    }
    signature.result = result(signature.args);
    return signature;
  };
}

Resolve takes(std::string name, std::string_view letters, Type result) {
  return takes(std::move(name), letters, [result](std::span<const Type>) { return result; });
}

void add_entry(FunctionRegistry& registry, std::string_view category, Entry entry) {
  Function function;
  function.name = std::move(entry.name);
  function.resolve = std::move(entry.resolve);
  function.kernel = std::move(entry.kernel);
  function.deterministic = entry.deterministic;
  function.nullability = entry.nullability;
  function.total = entry.total;
  function.doc = std::move(entry.doc);
  function.example = std::move(entry.example);
  function.category = std::string(category);
  registry.add(std::move(function));
}

void add_alias(FunctionRegistry& registry, std::string name, std::string_view of) {
  const Function* original = registry.find(of);
  CHECK(original != nullptr);
  Function function = *original;
  function.name = std::move(name);
  registry.add(std::move(function));
}

}  // namespace raudal::expr
