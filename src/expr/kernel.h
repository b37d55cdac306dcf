// What kernels are made of: result columns, merged NULLs, loops over values of which some are constant. Only the .cc
// files of this folder use it. A kernel reads value i of a column as at(column, i): row 0 where the column is constant.
#pragma once

#include <string>
#include <string_view>

#include "base/cpu_clones.h"
#include "base/result.h"
#include "column/batch.h"
#include "column/builder.h"
#include "expr/function.h"

namespace raudal::expr {

using column::Buffer;
using column::BufferPtr;
using column::Column;
using column::ColumnBuilder;
using column::Storage;
using column::StringRef;
using column::Type;
using column::TypeKind;

// A column whose values are allocated but not written; no NULLs.
Column new_column(const Type& type, size_t num_rows);
// A column of NULLs; one row, for a constant, is enough for a kernel's result.
Column null_column(const Type& type, size_t num_rows);
// NULL where any argument is; sets *all_null where a constant argument is NULL.
BufferPtr merge_validity(const KernelArgs& args, bool* all_null);
// The constant spread over num_rows rows.
Column spread(const Column& constant, size_t num_rows);

// Reads values of a column that may be constant.
template <class T>
struct Values {
  const T* data;
  size_t step;  // 0 where constant
  Values(const KernelArgs& args, size_t arg) : data(args.columns[arg].data<T>()), step(args.is_constant(arg) ? 0 : 1) {}
  T operator[](size_t row) const { return data[row * step]; }
  std::string_view view(size_t row) const { return data[row * step].view(); }
};
using Strings = Values<StringRef>;

// Whether an argument's row is present.
inline bool is_valid(const KernelArgs& args, size_t arg, size_t row) {
  return args.columns[arg].is_valid(args.is_constant(arg) ? 0 : row);
}
inline bool all_valid(const KernelArgs& args, size_t row) {
  for (size_t arg = 0; arg < args.columns.size(); ++arg) {
    if (!is_valid(args, arg, row)) return false;
  }
  return true;
}

// result[i] = op(a[i], b[i]); separate loops, so that each vectorises.
template <class A, class B, class R, class Op>
void map_two(const A* __restrict a, bool a_constant, const B* __restrict b, bool b_constant, size_t num_rows,
             R* __restrict result, Op op) {
  if (a_constant) {
    const A value = a[0];
    for (size_t i = 0; i < num_rows; ++i) result[i] = op(value, b[i]);
  } else if (b_constant) {
    const B value = b[0];
    for (size_t i = 0; i < num_rows; ++i) result[i] = op(a[i], value);
  } else {
    for (size_t i = 0; i < num_rows; ++i) result[i] = op(a[i], b[i]);
  }
}

// Columns of one value per row by a function of present values only: op(row) for rows where no argument is NULL.
// op gives the value; NULL rows get T{}.
template <class T, class Op>
Column map_rows(const KernelArgs& args, const Type& type, Op op) {
  bool all_null = false;
  BufferPtr validity = merge_validity(args, &all_null);
  if (all_null) return null_column(type, 1);
  Column result = new_column(type, args.num_rows);
  result.validity = validity;
  T* out = result.values->as<T>();
  if (!validity) {
    for (size_t i = 0; i < args.num_rows; ++i) out[i] = op(i);
    return result;
  }
  const uint8_t* valid = validity->as<uint8_t>();
  for (size_t i = 0; i < args.num_rows; ++i) out[i] = valid[i] != 0 ? op(i) : T{};
  return result;
}

// Columns built row by row: op(row, builder) appends one value (or NULL); rows with a NULL argument become NULL.
template <class Op>
Column build_rows(const KernelArgs& args, const Type& type, Op op) {
  ColumnBuilder builder(type, args.num_rows);
  for (size_t i = 0; i < args.num_rows; ++i) {
    if (all_valid(args, i))
      op(i, builder);
    else
      builder.append_null();
  }
  return builder.finish();
}

// A one-row column of a value.
Column constant_string(std::string_view text);  // CHAR(n) NOT NULL; VARCHAR where it is empty
Column constant_int(int32_t value);
Column constant_bigint(int64_t value);
Column constant_bool(bool value);

// The constant string of a bound argument, if it is one that is not NULL.
std::optional<std::string> constant_text(const Expr& expr);

inline Error expression_error(std::string message) { return Error(ErrorCode::kExpression, std::move(message)); }

// Casts a column; see make_cast. Constant columns stay constant.
Result<Column> cast_column(const Column& from, const Type& to, bool try_cast, const EvalContext& context);
// Whether such a cast exists, and whether it can fail a row.
bool cast_exists(const Type& from, const Type& to);
bool cast_is_total(const Type& from, const Type& to);

// "Cannot apply '+' to arguments of type '<CHAR(1)> + <INTEGER>'", as the validator words it.
Error cannot_apply(std::string_view name, std::span<const Type> args);
// A type as Calcite names it: INTEGER, VARCHAR(2147483647).
std::string validator_name(const Type& type);

void register_arithmetic(FunctionRegistry& registry);
void register_comparison(FunctionRegistry& registry);
void register_conditional(FunctionRegistry& registry);
void register_math(FunctionRegistry& registry);
void register_rounding(FunctionRegistry& registry);
void register_strings(FunctionRegistry& registry);
void register_string_search(FunctionRegistry& registry);
void register_string_codecs(FunctionRegistry& registry);
void register_patterns(FunctionRegistry& registry);
void register_temporal(FunctionRegistry& registry);
void register_temporal_text(FunctionRegistry& registry);
void register_collections(FunctionRegistry& registry);
void register_json(FunctionRegistry& registry);

}  // namespace raudal::expr
