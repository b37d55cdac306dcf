// How functions say what they take: one letter an argument, '?' before the first optional one, '*' after one that may
// come again. Kernel files use it to write an entry in a few lines.
//
//   s text   y bytes   i INT   l BIGINT   d DOUBLE   b BOOLEAN   n any number, as it is   a anything, as it is
//   D DATE   t a date or a time, as it is   T TIMESTAMP or TIMESTAMP_LTZ, as it is
#pragma once

#include "expr/kernel.h"

namespace raudal::expr {

using Resolve = std::function<Result<Signature>(std::span<const Type>, std::span<const Expr>)>;
using ResultType = std::function<Type(std::span<const Type> args)>;

// Arguments by letters; the result is a fixed type, or made from the arguments' types after their casts.
Resolve takes(std::string name, std::string_view letters, Type result);
Resolve takes(std::string name, std::string_view letters, ResultType result);

// The entries of one file: name, doc and example first, then signature and kernel.
struct Entry {
  std::string name;
  std::string doc;
  std::string example;
  Resolve resolve;
  Kernel kernel;
  bool total = false;
  bool deterministic = true;
  Nullability nullability = Nullability::kFromArgs;
};
void add_entry(FunctionRegistry& registry, std::string_view category, Entry entry);
// The same function under another name.
void add_alias(FunctionRegistry& registry, std::string name, std::string_view of);

// A kernel of a plain function of args and result type, which cannot fail as a whole.
template <class F>
Kernel kernel_of(F f) {
  return
      [f](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> { return f(args, type); };
}

// Kernels by row: op(args, row) gives the value of a row without NULL arguments.
template <class T, class Op>
Kernel value_kernel(Op op) {
  return [op](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    return map_rows<T>(args, type, [&](size_t row) -> T { return op(args, row); });
  };
}

// op(args, row, out) appends to a text that is empty, and returns false for NULL.
template <class Op>
Kernel text_kernel(Op op) {
  return [op](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    std::string text;
    return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
      text.clear();
      if (op(args, row, &text))
        builder.append_string(text);
      else
        builder.append_null();
    });
  };
}

// op(args, row) gives a part of argument 0; no byte is copied. A view without data is NULL.
template <class Op>
Kernel part_kernel(Op op) {
  return [op](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    ColumnBuilder builder(type, args.num_rows);
    for (const std::shared_ptr<const void>& heap : args.columns[0].heaps) builder.keep(heap);
    for (size_t row = 0; row < args.num_rows; ++row) {
      const std::string_view part = all_valid(args, row) ? op(args, row) : std::string_view();
      if (part.data() == nullptr)
        builder.append_null();
      else
        builder.append_ref(StringRef(part));
    }
    return builder.finish();
  };
}

// Argument values of one row.
inline std::string_view text_at(const KernelArgs& args, size_t arg, size_t row) {
  return args.columns[arg].data<StringRef>()[args.is_constant(arg) ? 0 : row].view();
}
template <class T>
T value_at(const KernelArgs& args, size_t arg, size_t row) {
  return args.columns[arg].data<T>()[args.is_constant(arg) ? 0 : row];
}
inline int32_t int_at(const KernelArgs& args, size_t arg, size_t row) { return value_at<int32_t>(args, arg, row); }
inline int64_t bigint_at(const KernelArgs& args, size_t arg, size_t row) { return value_at<int64_t>(args, arg, row); }
inline double double_at(const KernelArgs& args, size_t arg, size_t row) { return value_at<double>(args, arg, row); }

}  // namespace raudal::expr
