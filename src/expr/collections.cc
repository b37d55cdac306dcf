// Functions of ARRAY, MAP and ROW: constructors, access, size.
#include <fmt/core.h>

#include "expr/comparison.h"
#include "expr/signature.h"

namespace raudal::expr {
namespace {

bool is_list(const Type& type) { return type.storage() == Storage::kList; }

size_t row_of(const KernelArgs& args, size_t arg, size_t row) { return args.is_constant(arg) ? 0 : row; }

std::pair<int32_t, int32_t> elements_at(const KernelArgs& args, size_t arg, size_t row) {
  const int32_t* offsets = args.columns[arg].offsets->as<int32_t>() + row_of(args, arg, row);
  return {offsets[0], offsets[1]};
}

// a[i] from 1; map[key]. What is not there is NULL (Flink 1.20 gives -1 for integers, which is a defect of its own).
Result<Column> item(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const Column& from = args.columns[0];
  const bool map = from.type.kind() == TypeKind::kMap;
  const Column& values = from.children[map ? 1 : 0];
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!all_valid(args, row)) {
      builder.append_null();
      continue;
    }
    const auto [begin, end] = elements_at(args, 0, row);
    int32_t found = -1;
    if (map) {
      for (int32_t e = begin; e < end && found < 0; ++e) {
        const bool hit =
            compare_values(from.children[0], static_cast<size_t>(e), args.columns[1], row_of(args, 1, row)) == 0;
        if (hit) found = e;
      }
    } else {
      const int32_t index = int_at(args, 1, row);
      if (index >= 1 && index <= end - begin) found = begin + index - 1;
    }
    if (found < 0)
      builder.append_null();
    else
      builder.append_from(values, static_cast<size_t>(found));
  }
  return builder.finish();
}

Result<Signature> resolve_item(std::span<const Type> args, std::span<const Expr>) {
  if (args.size() != 2 || !is_list(args[0])) return cannot_apply("ITEM", args);
  if (args[0].kind() == TypeKind::kMap) {
    return Signature{{args[0], args[0].fields()[0].type}, args[0].fields()[1].type.with_nullable(true)};
  }
  if (!args[1].is_numeric()) return cannot_apply("ITEM", args);
  return Signature{{args[0], Type(TypeKind::kInt)}, args[0].fields()[0].type.with_nullable(true)};
}

Result<Signature> resolve_list(std::string_view name, std::span<const Type> args, Type result) {
  if (args.size() != 1 || !is_list(args[0])) return cannot_apply(name, args);
  return Signature{{args[0]}, std::move(result)};
}

// ELEMENT(array): the only one; NULL of none; an error of several.
Result<Column> element(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!all_valid(args, row)) {
      builder.append_null();
      continue;
    }
    const auto [begin, end] = elements_at(args, 0, row);
    if (end - begin > 1) return expression_error("Array has more than one element.");
    if (begin == end)
      builder.append_null();
    else
      builder.append_from(args.columns[0].children[0], static_cast<size_t>(begin));
  }
  return builder.finish();
}

// Constructors: every argument is a value of each row.
Result<Column> make_list(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const size_t width = type.fields().size();
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    for (size_t arg = 0; arg < args.columns.size(); ++arg) {
      builder.child(arg % width).append_from(args.columns[arg], row_of(args, arg, row));
    }
    builder.close_row();
  }
  return builder.finish();
}

Result<Column> make_row(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  Column result;
  result.type = type;
  result.size = args.num_rows;
  for (size_t arg = 0; arg < args.columns.size(); ++arg) {
    result.children.push_back(args.is_constant(arg) ? spread(args.columns[arg], args.num_rows) : args.columns[arg]);
  }
  return result;
}

Result<Signature> resolve_row(std::span<const Type> args, std::span<const Expr>) {
  Signature signature;
  std::vector<column::Field> fields;
  for (size_t i = 0; i < args.size(); ++i) {
    signature.args.push_back(args[i]);
    fields.push_back({fmt::format("EXPR${}", i), args[i]});
  }
  signature.result = Type::row(std::move(fields));
  return signature;
}

Result<Signature> resolve_array(std::span<const Type> args, std::span<const Expr>) {
  if (args.empty()) return cannot_apply("ARRAY", args);
  const Type element = TRY(common_type(args));
  return Signature{std::vector<Type>(args.size(), element), Type::array(element)};
}

Result<Signature> resolve_map(std::span<const Type> args, std::span<const Expr>) {
  if (args.empty() || args.size() % 2 != 0) return cannot_apply("MAP", args);
  std::vector<Type> keys;
  std::vector<Type> values;
  for (size_t i = 0; i < args.size(); ++i) (i % 2 == 0 ? keys : values).push_back(args[i]);
  const Type key = TRY(common_type(keys));
  const Type value = TRY(common_type(values));
  Signature signature;
  for (size_t i = 0; i < args.size(); ++i) signature.args.push_back(i % 2 == 0 ? key : value);
  signature.result = Type::map(key, value);
  return signature;
}

Result<Column> array_contains(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  const Column& from = args.columns[0];
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!is_valid(args, 0, row)) {
      builder.append_null();
      continue;
    }
    const auto [begin, end] = elements_at(args, 0, row);
    bool found = false;
    for (int32_t e = begin; e < end && !found; ++e) {
      found = compare_values(from.children[0], static_cast<size_t>(e), args.columns[1], row_of(args, 1, row)) == 0;
    }
    builder.append(static_cast<uint8_t>(found ? 1 : 0));
  }
  return builder.finish();
}

Result<Signature> resolve_contains(std::span<const Type> args, std::span<const Expr>) {
  if (args.size() != 2 || args[0].kind() != TypeKind::kArray) return cannot_apply("ARRAY_CONTAINS", args);
  const Type pair[] = {args[0].fields()[0].type, args[1]};
  const Type element = TRY(common_type(pair));
  return Signature{{Type::array(element), element}, Type(TypeKind::kBoolean)};
}

// The keys or the values of a map as an array.
Kernel part_of_map(size_t part) {
  return [part](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    Column result = args.columns[0];
    result.type = type;
    result.children = {args.columns[0].children[part]};
    return result;
  };
}

Resolve resolve_part_of_map(std::string name, size_t part) {
  return [name, part](std::span<const Type> args, std::span<const Expr>) -> Result<Signature> {
    if (args.size() != 1 || args[0].kind() != TypeKind::kMap) return cannot_apply(name, args);
    return Signature{{args[0]}, Type::array(args[0].fields()[part].type)};
  };
}

}  // namespace

void register_collections(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "collection", std::move(entry)); };
  add({"CARDINALITY", "How many elements", "CARDINALITY(ARRAY[1, 2])",
       [](std::span<const Type> args, std::span<const Expr>) {
         return resolve_list("CARDINALITY", args, Type(TypeKind::kInt));
       },
       value_kernel<int32_t>([](const KernelArgs& args, size_t row) {
         const auto [begin, end] = elements_at(args, 0, row);
         return end - begin;
       }),
       true});
  add({"ITEM", "An element of an array, from 1, or the value of a map's key", "ARRAY[1, 2, 3][2]", resolve_item, item,
       true, true, Nullability::kAlways});
  add({"ELEMENT", "The only element of an array", "ELEMENT(ARRAY[7])",
       [](std::span<const Type> args, std::span<const Expr>) -> Result<Signature> {
         if (args.size() != 1 || args[0].kind() != TypeKind::kArray) return cannot_apply("ELEMENT", args);
         return Signature{{args[0]}, args[0].fields()[0].type};
       },
       element, false, true, Nullability::kAlways});
  add({"ARRAY", "An array of values", "ARRAY[1, 2]", resolve_array, make_list, true, true, Nullability::kNever});
  add({"MAP", "A map of keys and values", "MAP['a', 1, 'b', 2]", resolve_map, make_list, true, true,
       Nullability::kNever});
  add({"ROW", "A row of values", "ROW(1, 'x')", resolve_row, make_row, true, true, Nullability::kNever});
  add({"ARRAY_CONTAINS", "Whether an array holds a value", "ARRAY_CONTAINS(ARRAY[1, 2], 2)", resolve_contains,
       array_contains, true});
  add({"MAP_KEYS", "The keys of a map", "MAP_KEYS(MAP['a', 1])", resolve_part_of_map("MAP_KEYS", 0), part_of_map(0),
       true});
  add({"MAP_VALUES", "The values of a map", "MAP_VALUES(MAP['a', 1])", resolve_part_of_map("MAP_VALUES", 1),
       part_of_map(1), true});
}

}  // namespace raudal::expr
