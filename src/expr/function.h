// The scalar functions: a registry of explicit entries (expr/builtin_functions.cc lists them all), each with its
// signature rule, kernel, one-line description and an example that runs as a test.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "column/batch.h"
#include "expr/evaluator.h"

namespace raudal::expr {

// Dense argument columns of num_rows rows; an argument may be constant: then its column has one row.
struct KernelArgs {
  std::span<const column::Column> columns;
  size_t num_rows = 0;
  const EvalContext* context = nullptr;
  const column::Batch* batch = nullptr;  // for row_watermarks
  const uint16_t* rows = nullptr;        // the positions in the batch that the rows come from; null: all, in order
  bool is_constant(size_t arg) const { return columns[arg].size == 1 && num_rows != 1; }
};

// Computes the result column; NULL handling is the kernel's own. `scratch` is kept per call site between batches
// (a compiled regex, say) and starts empty.
using Kernel = std::function<Result<column::Column>(const KernelArgs& args, const column::Type& result,
                                                    std::shared_ptr<void>* scratch)>;

// What a call resolves to: the types its arguments are cast to, and its result type.
struct Signature {
  std::vector<column::Type> args;
  column::Type result;
};

// Whether a call's result can be NULL.
enum class Nullability : uint8_t { kFromArgs, kAlways, kNever };

// One scalar function.
struct Function {
  std::string name;  // upper case; operators by their symbol: "+", "=", "LIKE"
  std::function<Result<Signature>(std::span<const column::Type> args, std::span<const Expr> exprs)> resolve;
  Kernel kernel;
  // Where set, a call becomes what this makes of its arguments, and there is no kernel (COALESCE, IF).
  std::function<Result<Expr>(std::vector<Expr> args)> rewrite;
  bool deterministic = true;
  Nullability nullability = Nullability::kFromArgs;
  bool total = false;    // never fails a row: may be computed for rows that turn out not to count
  std::string doc;       // one line
  std::string example;   // SQL: "UPPER('Flink')"
  std::string category;  // comparison, arithmetic, string, temporal, …
};

// The scalar functions that a program is bound with, by name; passed along, never global.
class FunctionRegistry {
 public:
  void add(Function function);
  // Null if there is none of that name (case-insensitive).
  const Function* find(std::string_view name) const;
  std::vector<const Function*> all() const;  // by name

 private:
  std::vector<std::unique_ptr<Function>> functions_;
};

// All built-in scalar functions.
const FunctionRegistry& builtin_functions();

// A call with its arguments cast as the signature wants; kSqlValidation "Cannot apply …" as Flink words it.
// How SQL's special forms arrive: a sign as "-" with one argument; EXTRACT(unit FROM x), TIMESTAMPADD and TIMESTAMPDIFF
// with the unit first, FLOOR(x TO unit) and CEIL with it last, as a CHAR literal in upper case and singular; TRIM,
// LTRIM and RTRIM as (s[, characters]); LIKE and "SIMILAR TO" as (value, pattern[, escape]); a[i] and map[k] as "ITEM";
// constructors as "ROW", "ARRAY", "MAP" (key, value, …); POSITION(x IN s) as (x, s). NOT LIKE, BETWEEN, NULLIF, IF,
// IS TRUE and IS DISTINCT FROM are composed by the binder of other kinds of Expr.
Result<Expr> make_call(std::string_view name, std::vector<Expr> args);
// A cast; the expression itself where the type is the same. kSqlValidation where Flink has no such cast.
Result<Expr> make_cast(Expr expr, const column::Type& type, bool try_cast = false);
// The type that CASE, COALESCE, UNION and IN give to a mix of types, or an error.
Result<column::Type> common_type(std::span<const column::Type> types);
// The constant value of a constant expression, as one row.
Result<column::Column> fold(const Expr& expr, const EvalContext& context);

}  // namespace raudal::expr
