// = <> < <= > >= of any comparable types, IS [NOT] DISTINCT FROM, IS [NOT] TRUE/FALSE.
#include "expr/comparison.h"

#include <algorithm>

#include "expr/kernel.h"

namespace raudal::expr {
namespace {

enum class Comparison : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

Comparison mirrored(Comparison op) {
  switch (op) {
    case Comparison::kLess: return Comparison::kGreater;
    case Comparison::kLessEqual: return Comparison::kGreaterEqual;
    case Comparison::kGreater: return Comparison::kLess;
    case Comparison::kGreaterEqual: return Comparison::kLessEqual;
    default: return op;
  }
}

// The loops of one operator and type; see arithmetic_loops.cc.
#define RAUDAL_COMPARE(name, T, op)                                                                                    \
  RAUDAL_CLONES void name##_columns(const T* __restrict a, const T* __restrict b, size_t n, uint8_t* __restrict out) { \
    for (size_t i = 0; i < n; ++i) out[i] = a[i] op b[i] ? 1 : 0;                                                      \
  }                                                                                                                    \
  RAUDAL_CLONES void name##_right(const T* __restrict a, T b, size_t n, uint8_t* __restrict out) {                     \
    for (size_t i = 0; i < n; ++i) out[i] = a[i] op b ? 1 : 0;                                                         \
  }

#define RAUDAL_COMPARE_ALL(T)                                                                                 \
  RAUDAL_COMPARE(equal_##T, T, ==)                                                                            \
  RAUDAL_COMPARE(not_equal_##T, T, !=)                                                                        \
  RAUDAL_COMPARE(less_##T, T, <)                                                                              \
  RAUDAL_COMPARE(less_equal_##T, T, <=)                                                                       \
  void compare_loop(Comparison op, const T* a, const T* b, bool b_constant, size_t n, uint8_t* out) {         \
    switch (op) {                                                                                             \
      case Comparison::kEqual:                                                                                \
        return b_constant ? equal_##T##_right(a, b[0], n, out) : equal_##T##_columns(a, b, n, out);           \
      case Comparison::kNotEqual:                                                                             \
        return b_constant ? not_equal_##T##_right(a, b[0], n, out) : not_equal_##T##_columns(a, b, n, out);   \
      case Comparison::kLess:                                                                                 \
          return b_constant ? less_##T##_right(a, b[0], n, out) : less_##T##_columns(a, b, n, out);           \
      case Comparison::kLessEqual:                                                                            \
        return b_constant ? less_equal_##T##_right(a, b[0], n, out) : less_equal_##T##_columns(a, b, n, out); \
      case Comparison::kGreater:                                                                              \
        if (!b_constant) return less_##T##_columns(b, a, n, out);                                             \
        for (size_t i = 0; i < n; ++i) out[i] = a[i] > b[0] ? 1 : 0;                                          \
        return;                                                                                               \
      case Comparison::kGreaterEqual:                                                                         \
        if (!b_constant) return less_equal_##T##_columns(b, a, n, out);                                       \
        for (size_t i = 0; i < n; ++i) out[i] = a[i] >= b[0] ? 1 : 0;                                         \
        return;                                                                                               \
    }                                                                                                         \
  }

RAUDAL_COMPARE_ALL(int32_t)
RAUDAL_COMPARE_ALL(int64_t)
RAUDAL_COMPARE_ALL(double)

template <class T>
void compare_loop(Comparison op, const T* a, const T* b, bool b_constant, size_t n, uint8_t* out) {
  const auto run = [&](auto f) { map_two(a, false, b, b_constant && n != 1, n, out, f); };
  switch (op) {
    case Comparison::kEqual: return run([](T x, T y) -> uint8_t { return x == y; });
    case Comparison::kNotEqual: return run([](T x, T y) -> uint8_t { return x != y; });
    case Comparison::kLess: return run([](T x, T y) -> uint8_t { return x < y; });
    case Comparison::kLessEqual: return run([](T x, T y) -> uint8_t { return x <= y; });
    case Comparison::kGreater: return run([](T x, T y) -> uint8_t { return x > y; });
    case Comparison::kGreaterEqual: return run([](T x, T y) -> uint8_t { return x >= y; });
  }
}

template <class T>
void compare_typed(Comparison op, const KernelArgs& args, uint8_t* out) {
  const T* a = args.columns[0].data<T>();
  const T* b = args.columns[1].data<T>();
  if (args.is_constant(0))
    compare_loop(mirrored(op), b, a, true, args.num_rows, out);
  else
    compare_loop(op, a, b, args.is_constant(1), args.num_rows, out);
}

bool holds(Comparison op, int order) {
  switch (op) {
    case Comparison::kEqual: return order == 0;
    case Comparison::kNotEqual: return order != 0;
    case Comparison::kLess: return order < 0;
    case Comparison::kLessEqual: return order <= 0;
    case Comparison::kGreater: return order > 0;
    case Comparison::kGreaterEqual: return order >= 0;
  }
  return false;
}

// Equality with a constant of at most 12 bytes is two words.
void equal_to_short(const StringRef* refs, const StringRef& wanted, size_t num_rows, uint8_t flip, uint8_t* out) {
  uint64_t words[2];
  std::memcpy(words, &wanted, 16);
  const auto* data = reinterpret_cast<const unsigned char*>(refs);
  for (size_t i = 0; i < num_rows; ++i) {
    uint64_t value[2];
    std::memcpy(value, data + i * 16, 16);
    out[i] = static_cast<uint8_t>((((value[0] ^ words[0]) | (value[1] ^ words[1])) == 0 ? 1 : 0) ^ flip);
  }
}

void compare_strings(Comparison op, const KernelArgs& args, uint8_t* out) {
  const Strings a(args, 0);
  const Strings b(args, 1);
  if (op == Comparison::kEqual || op == Comparison::kNotEqual) {
    const uint8_t flip = op == Comparison::kNotEqual ? 1 : 0;
    if (b.step == 0 && b.data[0].inlined()) return equal_to_short(a.data, b.data[0], args.num_rows, flip, out);
    for (size_t i = 0; i < args.num_rows; ++i) {
      const StringRef& x = a.data[i * a.step];
      const StringRef& y = b.data[i * b.step];
      const bool same_head = std::memcmp(&x, &y, 8) == 0;  // size and first four bytes
      out[i] = static_cast<uint8_t>((same_head && x.view() == y.view() ? 1 : 0) ^ flip);
    }
    return;
  }
  for (size_t i = 0; i < args.num_rows; ++i) out[i] = holds(op, a.view(i).compare(b.view(i))) ? 1 : 0;
}

void compare_columns(Comparison op, const KernelArgs& args, uint8_t* out) {
  const Column& a = args.columns[0];
  switch (a.type.storage()) {
    case Storage::kInt8:
      if (a.type.kind() == TypeKind::kBoolean) return compare_typed<uint8_t>(op, args, out);
      return compare_typed<int8_t>(op, args, out);
    case Storage::kInt16: return compare_typed<int16_t>(op, args, out);
    case Storage::kInt32: return compare_typed<int32_t>(op, args, out);
    case Storage::kInt64: return compare_typed<int64_t>(op, args, out);
    case Storage::kInt128: return compare_typed<__int128>(op, args, out);
    case Storage::kFloat: return compare_typed<float>(op, args, out);
    case Storage::kDouble: return compare_typed<double>(op, args, out);
    case Storage::kString: return compare_strings(op, args, out);
    default: break;
  }
  for (size_t i = 0; i < args.num_rows; ++i) {
    const size_t x = args.is_constant(0) ? 0 : i;
    const size_t y = args.is_constant(1) ? 0 : i;
    out[i] = all_valid(args, i) && holds(op, compare_values(a, x, args.columns[1], y)) ? 1 : 0;
  }
}

Result<Column> run_comparison(Comparison op, const KernelArgs& args, const Type& type) {
  bool all_null = false;
  BufferPtr validity = merge_validity(args, &all_null);
  if (all_null) return null_column(type, 1);
  Column result = new_column(type, args.num_rows);
  result.validity = validity;
  compare_columns(op, args, result.values->as<uint8_t>());
  return result;
}

// IS [NOT] DISTINCT FROM: NULL is a value like others.
Result<Column> run_distinct(const KernelArgs& args, const Type& type, uint8_t flip) {
  Column result = new_column(type, args.num_rows);
  uint8_t* out = result.values->as<uint8_t>();
  compare_columns(Comparison::kNotEqual, args, out);
  for (size_t i = 0; i < args.num_rows; ++i) {
    const bool a = is_valid(args, 0, i);
    const bool b = is_valid(args, 1, i);
    const uint8_t distinct = a && b ? out[i] : (a != b ? 1 : 0);
    out[i] = distinct ^ flip;
  }
  return result;
}

bool is_temporal(const Type& type) {
  return type.kind() == TypeKind::kDate || type.kind() == TypeKind::kTime || type.is_timestamp();
}

bool is_collection(const Type& type) { return type.storage() == Storage::kList || type.storage() == Storage::kRow; }

Result<Signature> resolve_comparison(std::string_view name, std::span<const Type> args) {
  if (args.size() != 2) return cannot_apply(name, args);
  const Type& a = args[0];
  const Type& b = args[1];
  const Type boolean(TypeKind::kBoolean);
  // A time compared with text reads the text as such a time.
  if (is_temporal(a) && b.is_string()) return Signature{{a, a}, boolean};
  if (a.is_string() && is_temporal(b)) return Signature{{b, b}, boolean};
  const bool dates =
      (a.kind() == TypeKind::kDate && b.is_timestamp()) || (a.is_timestamp() && b.kind() == TypeKind::kDate);
  const bool order = name != "=" && name != "<>" && !name.ends_with("DISTINCT FROM");
  // For < and the like Flink reads text as a number; for = it refuses.
  if (order && a.is_numeric() && b.is_string()) return Signature{{a, a}, boolean};
  if (order && a.is_string() && b.is_numeric()) return Signature{{b, b}, boolean};
  if (dates || (order && (is_collection(a) || is_collection(b)))) return cannot_apply(name, args);
  Result<Type> common = common_type(args);
  if (!common.ok()) return cannot_apply(name, args);
  // Text is compared as it is: CHAR is not padded.
  if (common->is_string() || common->is_binary())
    return Signature{{a.kind() == TypeKind::kNull ? b : a, b.kind() == TypeKind::kNull ? a : b}, boolean};
  return Signature{{*common, *common}, boolean};
}

void add_comparison(FunctionRegistry& registry, std::string name, Comparison op, std::string doc, std::string example) {
  Function function;
  function.name = name;
  function.category = "comparison";
  function.doc = std::move(doc);
  function.example = std::move(example);
  function.total = true;
  function.resolve = [name](std::span<const Type> args, std::span<const Expr>) {
    return resolve_comparison(name, args);
  };
  function.kernel = [op](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
    return run_comparison(op, args, type);
  };
  registry.add(std::move(function));
}

void add_distinct(FunctionRegistry& registry, std::string name, uint8_t flip, std::string example) {
  Function function;
  function.name = name;
  function.category = "comparison";
  function.doc = "Comparison in which NULL equals NULL";
  function.example = std::move(example);
  function.total = true;
  function.nullability = Nullability::kNever;
  function.resolve = [name](std::span<const Type> args, std::span<const Expr>) {
    return resolve_comparison(name, args);
  };
  function.kernel = [flip](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
    return run_distinct(args, type, flip);
  };
  registry.add(std::move(function));
}

// IS [NOT] TRUE and IS [NOT] FALSE: `value` is what is asked for, `flip` negates.
void add_truth(FunctionRegistry& registry, std::string name, uint8_t value, uint8_t flip, std::string example) {
  Function function;
  function.name = name;
  function.category = "logic";
  function.doc = "Whether a BOOLEAN is, or is not, this very value; never NULL";
  function.example = std::move(example);
  function.total = true;
  function.nullability = Nullability::kNever;
  function.resolve = [name](std::span<const Type> args, std::span<const Expr>) -> Result<Signature> {
    const bool fits = args.size() == 1 && (args[0].kind() == TypeKind::kBoolean || args[0].kind() == TypeKind::kNull);
    if (!fits) return cannot_apply(name, args);
    return Signature{{Type(TypeKind::kBoolean)}, Type(TypeKind::kBoolean)};
  };
  function.kernel = [value, flip](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    Column result = new_column(type, args.num_rows);
    const uint8_t* in = args.columns[0].data<uint8_t>();
    for (size_t i = 0; i < args.num_rows; ++i) {
      const uint8_t is = args.columns[0].is_valid(i) && in[i] == value ? 1 : 0;
      result.values->as<uint8_t>()[i] = is ^ flip;
    }
    return result;
  };
  registry.add(std::move(function));
}

template <class T>
int order_of(T a, T b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_lists(const Column& a, size_t x, const Column& b, size_t y) {
  const int32_t* p = a.offsets->as<int32_t>();
  const int32_t* q = b.offsets->as<int32_t>();
  const int32_t common = std::min(p[x + 1] - p[x], q[y + 1] - q[y]);
  for (int32_t i = 0; i < common; ++i) {
    for (size_t child = 0; child < a.children.size(); ++child) {
      const int order = compare_values(a.children[child], static_cast<size_t>(p[x] + i), b.children[child],
                                       static_cast<size_t>(q[y] + i));
      if (order != 0) return order;
    }
  }
  return order_of(p[x + 1] - p[x], q[y + 1] - q[y]);
}

}  // namespace

int compare_values(const Column& a, size_t x, const Column& b, size_t y) {
  const bool a_valid = a.is_valid(x);
  const bool b_valid = b.is_valid(y);
  if (!a_valid || !b_valid) return order_of(a_valid ? 1 : 0, b_valid ? 1 : 0);
  switch (a.type.storage()) {
    case Storage::kNone: return 0;
    case Storage::kInt8: return order_of(a.data<int8_t>()[x], b.data<int8_t>()[y]);
    case Storage::kInt16: return order_of(a.data<int16_t>()[x], b.data<int16_t>()[y]);
    case Storage::kInt32: return order_of(a.data<int32_t>()[x], b.data<int32_t>()[y]);
    case Storage::kInt64: return order_of(a.data<int64_t>()[x], b.data<int64_t>()[y]);
    case Storage::kInt128: return order_of(a.data<__int128>()[x], b.data<__int128>()[y]);
    case Storage::kFloat: return order_of(a.data<float>()[x], b.data<float>()[y]);
    case Storage::kDouble: return order_of(a.data<double>()[x], b.data<double>()[y]);
    case Storage::kString: return a.string(x).compare(b.string(y));
    case Storage::kList: return compare_lists(a, x, b, y);
    case Storage::kRow:
      for (size_t i = 0; i < a.children.size(); ++i) {
        const int order = compare_values(a.children[i], x, b.children[i], y);
        if (order != 0) return order;
      }
      return 0;
  }
  return 0;
}

void register_comparison(FunctionRegistry& registry) {
  add_comparison(registry, "=", Comparison::kEqual, "Whether two values are equal", "1 = 1.0");
  add_comparison(registry, "<>", Comparison::kNotEqual, "Whether two values differ", "'a ' <> 'a'");
  add_comparison(registry, "<", Comparison::kLess, "Whether the first is less", "'a' < 'b'");
  add_comparison(registry, "<=", Comparison::kLessEqual, "Whether the first is not greater", "2 <= 2");
  add_comparison(registry, ">", Comparison::kGreater, "Whether the first is greater",
                 "DATE '2026-01-02' > DATE '2026-01-01'");
  add_comparison(registry, ">=", Comparison::kGreaterEqual, "Whether the first is not less", "1 >= 2");
  add_distinct(registry, "IS DISTINCT FROM", 0, "1 IS DISTINCT FROM CAST(NULL AS INT)");
  add_distinct(registry, "IS NOT DISTINCT FROM", 1, "1 IS NOT DISTINCT FROM 1");
  add_truth(registry, "IS TRUE", 1, 0, "(1 = 1) IS TRUE");
  add_truth(registry, "IS NOT TRUE", 1, 1, "CAST(NULL AS BOOLEAN) IS NOT TRUE");
  add_truth(registry, "IS FALSE", 0, 0, "(1 = 1) IS FALSE");
  add_truth(registry, "IS NOT FALSE", 0, 1, "CAST(NULL AS BOOLEAN) IS NOT FALSE");
}

}  // namespace raudal::expr
