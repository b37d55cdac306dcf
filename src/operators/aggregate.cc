#include "operators/aggregate.h"

#include <fmt/core.h>

#include "base/check.h"
#include "operators/aggregate_functions.h"

namespace raudal::operators {
namespace {

using column::Buffer;
using column::BufferPtr;
using column::Column;
using column::Storage;
using column::Type;
using state::EntryId;
using state::EntryValues;
using state::KeyedTable;

// Collects a result column: values, and which of them are present.
template <class T>
class ResultBuilder {
 public:
  ResultBuilder(Type type, size_t size)
      : type_(std::move(type)),
        size_(size),
        values_(Buffer::allocate(size * sizeof(T))),
        validity_(Buffer::allocate(size)) {}

  T* values() { return values_->template as<T>(); }
  uint8_t* validity() { return validity_->as<uint8_t>(); }

  Column finish() {
    Column column{.type = type_, .size = size_, .values = std::move(values_)};
    if (std::memchr(validity(), 0, size_) != nullptr) column.validity = std::move(validity_);
    return column;
  }

 private:
  Type type_;
  size_t size_;
  BufferPtr values_;
  BufferPtr validity_;
};

// The loops around a Function whose arguments are stored as In. COUNT, whose values nobody reads, has In = void.
template <class Function, class In>
class TypedAggregate final : public Aggregate {
 public:
  using State = typename Function::State;
  using Out = typename Function::Out;
  static_assert(alignof(State) <= 8 || std::is_void_v<In>);

  TypedAggregate(Function function, Type result) : function_(function), result_(std::move(result)) {}

  int width() const override { return (sizeof(State) + 7) / 8 * 8; }

  void accumulate(KeyedTable& table, const AggregateRows& rows, const Column* argument) override {
    const EntryValues values = table.values();
    if (rows.ops == nullptr && rows.first == nullptr) {
      for (size_t i = 0; i < rows.rows.size(); ++i) {
        add(state_at(values, rows.entries[i]), argument, rows.rows[i]);
      }
      return;
    }
    for (size_t i = 0; i < rows.rows.size(); ++i) step(state_at(values, rows.entries[i]), rows, i, argument);
  }

  void update(KeyedTable& table, const AggregateRows& rows, const Column* argument, RowResults* results) override {
    const size_t n = rows.rows.size();
    const EntryValues values = table.values();
    ResultBuilder<Out> builder(result_, n * 2);
    Out* out = builder.values();
    uint8_t* present = builder.validity();
    for (size_t i = 0; i < n; ++i) {
      State& state = state_at(values, rows.entries[i]);
      present[2 * i] = function_.result(state, &out[2 * i]);
      step(state, rows, i, argument);
      present[2 * i + 1] = function_.result(state, &out[2 * i + 1]);
      const bool differs = present[2 * i] != present[2 * i + 1] ||
                           (present[2 * i] != 0 && out[2 * i] != out[2 * i + 1]);
      results->changed[i] |= static_cast<uint8_t>(differs);
    }
    results->column = builder.finish();
  }

  void merge(KeyedTable& into_table, std::span<const EntryId> into, KeyedTable& from_table,
             const EntryId* from) override {
    const EntryValues into_values = into_table.values();
    const EntryValues from_values = from_table.values();
    for (size_t i = 0; i < into.size(); ++i) {
      Function::merge(state_at(into_values, into[i]), state_at(from_values, from[i]));
    }
  }

  Column results(KeyedTable& table, std::span<const EntryId> entries) override {
    const EntryValues values = table.values();
    ResultBuilder<Out> builder(result_, entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      builder.validity()[i] = function_.result(state_at(values, entries[i]), &builder.values()[i]);
    }
    return builder.finish();
  }

 private:
  State& state_at(const EntryValues& values, EntryId entry) const {
    return *reinterpret_cast<State*>(values[entry] + value_offset_);
  }

  static void add(State& state, const Column* argument, size_t row) {
    if constexpr (std::is_void_v<In>) Function::add(state, 0);
    else Function::add(state, argument->data<In>()[row]);
  }

  static void step(State& state, const AggregateRows& rows, size_t i, const Column* argument) {
    if (rows.first != nullptr && rows.first[i] != 0) state = State{};
    const int8_t op = rows.ops == nullptr ? int8_t{1} : rows.ops[i];
    if (op == 0) return;
    if (op > 0) return add(state, argument, rows.rows[i]);
    if constexpr (std::is_void_v<In>) Function::subtract(state, 0);
    else Function::subtract(state, argument->data<In>()[rows.rows[i]]);
  }

  Function function_;
  Type result_;
};

template <class In, class Function>
std::unique_ptr<Aggregate> typed(Function function, const Type& result) {
  return std::unique_ptr<Aggregate>(new TypedAggregate<Function, In>(function, result));
}

Error unsupported(const graph::AggregateCall& call, const Type& argument) {
  return Error(ErrorCode::kSqlUnsupported,
               fmt::format("Aggregate function is not supported: {}({})", call.function, argument.to_string()));
}

// Function<Out> over integers of the argument's width; SUM's and AVG's results have the argument's type.
template <template <class> class Function>
std::unique_ptr<Aggregate> over_integers(const Type& argument, const Type& result) {
  if (result.storage() != argument.storage()) return nullptr;
  switch (argument.storage()) {
    case Storage::kInt8: return typed<int8_t>(Function<int8_t>(), result);
    case Storage::kInt16: return typed<int16_t>(Function<int16_t>(), result);
    case Storage::kInt32: return typed<int32_t>(Function<int32_t>(), result);
    case Storage::kInt64: return typed<int64_t>(Function<int64_t>(), result);
    default: return nullptr;
  }
}

template <template <class> class Function>
std::unique_ptr<Aggregate> over_floating(const Type& argument, const Type& result) {
  if (result.storage() != argument.storage()) return nullptr;
  if (argument.storage() == Storage::kFloat) return typed<float>(Function<float>(), result);
  return typed<double>(Function<double>(), result);
}

template <class Function>
std::unique_ptr<Aggregate> over_decimals(Function function, const Type& argument, const Type& result) {
  if (result.storage() != Storage::kInt128) return nullptr;
  if (argument.storage() == Storage::kInt64) return typed<int64_t>(function, result);
  return typed<__int128>(function, result);
}

std::unique_ptr<Aggregate> make_sum(const Type& argument, const Type& result) {
  if (argument.is_integer()) return over_integers<SumIntegers>(argument, result);
  if (argument.kind() == column::TypeKind::kDecimal) return over_decimals(SumDecimals(), argument, result);
  if (argument.is_numeric()) return over_floating<SumFloating>(argument, result);
  return nullptr;
}

std::unique_ptr<Aggregate> make_average(const Type& argument, const Type& result) {
  if (argument.is_integer()) return over_integers<AverageIntegers>(argument, result);
  if (argument.kind() == column::TypeKind::kDecimal) {
    AverageDecimals function;
    for (int scale = argument.scale(); scale < result.scale(); ++scale) function.scale_up *= 10;
    return over_decimals(function, argument, result);
  }
  if (argument.is_numeric()) return over_floating<AverageFloating>(argument, result);
  return nullptr;
}

template <bool kMax>
std::unique_ptr<Aggregate> make_extreme(const Type& argument, const Type& result) {
  switch (argument.storage()) {
    case Storage::kInt8: return typed<int8_t>(Extreme<int8_t, kMax>(), result);
    case Storage::kInt16: return typed<int16_t>(Extreme<int16_t, kMax>(), result);
    case Storage::kInt32: return typed<int32_t>(Extreme<int32_t, kMax>(), result);
    case Storage::kInt64: return typed<int64_t>(Extreme<int64_t, kMax>(), result);
    case Storage::kInt128: return typed<__int128>(Extreme<__int128, kMax>(), result);
    case Storage::kFloat: return typed<float>(Extreme<float, kMax>(), result);
    case Storage::kDouble: return typed<double>(Extreme<double, kMax>(), result);
    case Storage::kString: return make_string_extreme(kMax, result);
    case Storage::kNone:
    case Storage::kList:
    case Storage::kRow: return nullptr;
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<Aggregate>> make_aggregate(const graph::AggregateCall& call, const Type& argument,
                                                  bool retracts) {
  std::unique_ptr<Aggregate> made;
  if (call.args.size() <= 1) {
    if (call.function == "COUNT") made = typed<void>(CountRows(), call.result);
    if (call.function == "SUM") made = make_sum(argument, call.result);
    if (call.function == "AVG") made = make_average(argument, call.result);
    const bool is_max = call.function == "MAX";
    if (is_max || call.function == "MIN") {
      if (retracts) made = make_ordered_extreme(is_max, call.result);
      else made = is_max ? make_extreme<true>(argument, call.result) : make_extreme<false>(argument, call.result);
    }
  }
  if (!made) return unsupported(call, argument);
  return made;
}

}  // namespace raudal::operators
