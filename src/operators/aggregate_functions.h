// The arithmetic of aggregate functions, one struct each: State is what lies in an entry (all zero: nothing added
// yet). aggregate.cc wraps them into loops. Integers wrap, decimals that overflow become NULL, as in Flink.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace raudal::operators {

// A 128-bit integer that may lie at any multiple of 8.
struct Wide {
  uint64_t low;
  int64_t high;
  __int128 get() const { return static_cast<__int128>(static_cast<unsigned __int128>(high) << 64 | low); }
  void set(__int128 value) {
    low = static_cast<uint64_t>(value);
    high = static_cast<int64_t>(value >> 64);
  }
};

inline constexpr __int128 kDecimalMax = [] {
  __int128 power = 1;
  for (int i = 0; i < 38; ++i) power *= 10;
  return power - 1;
}();

inline int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t wrapping_subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

// COUNT of rows or of present values. The value itself is not looked at.
struct CountRows {
  struct State {
    int64_t count;
  };
  using Out = int64_t;
  template <class T> static void add(State& state, T) { ++state.count; }
  template <class T> static void subtract(State& state, T) { --state.count; }
  static void merge(State& into, const State& from) { into.count += from.count; }
  bool result(const State& state, Out* out) const {
    *out = state.count;
    return true;
  }
};

// SUM of integers; wraps at the width of its result.
template <class OutType>
struct SumIntegers {
  struct State {
    int64_t sum;
    int64_t count;
  };
  using Out = OutType;
  static void add(State& state, int64_t value) {
    state.sum = wrapping_add(state.sum, value);
    ++state.count;
  }
  static void subtract(State& state, int64_t value) {
    state.sum = wrapping_subtract(state.sum, value);
    --state.count;
  }
  static void merge(State& into, const State& from) {
    into.sum = wrapping_add(into.sum, from.sum);
    into.count += from.count;
  }
  bool result(const State& state, Out* out) const {
    *out = static_cast<Out>(state.sum);
    return state.count != 0;
  }
};

// AVG of integers; truncates toward zero.
template <class OutType>
struct AverageIntegers : SumIntegers<OutType> {
  using State = typename SumIntegers<OutType>::State;
  bool result(const State& state, OutType* out) const {
    if (state.count == 0) return false;
    *out = static_cast<OutType>(state.sum / state.count);
    return true;
  }
};

// SUM of FLOAT or DOUBLE, in the precision of the result.
template <class OutType>
struct SumFloating {
  struct State {
    double sum;
    int64_t count;
  };
  using Out = OutType;
  static void add(State& state, double value) {
    state.sum = static_cast<double>(static_cast<OutType>(state.sum + value));
    ++state.count;
  }
  static void subtract(State& state, double value) {
    state.sum = static_cast<double>(static_cast<OutType>(state.sum - value));
    --state.count;
  }
  static void merge(State& into, const State& from) {
    into.sum = static_cast<double>(static_cast<OutType>(into.sum + from.sum));
    into.count += from.count;
  }
  bool result(const State& state, Out* out) const {
    *out = static_cast<Out>(state.sum);
    return state.count != 0;
  }
};

// AVG of FLOAT or DOUBLE: the sum is a DOUBLE.
template <class OutType>
struct AverageFloating {
  using Sum = SumFloating<double>;
  using State = Sum::State;
  using Out = OutType;
  static void add(State& state, double value) { Sum::add(state, value); }
  static void subtract(State& state, double value) { Sum::subtract(state, value); }
  static void merge(State& into, const State& from) { Sum::merge(into, from); }
  bool result(const State& state, Out* out) const {
    if (state.count == 0) return false;
    *out = static_cast<Out>(state.sum / static_cast<double>(state.count));
    return true;
  }
};

// SUM of decimals; a sum of more than 38 digits is NULL, and the next value begins a new one.
struct SumDecimals {
  struct State {
    Wide sum;
    int64_t count;
  };
  using Out = __int128;
  static void put(State& state, __int128 sum, int64_t count) {
    const bool fits = sum <= kDecimalMax && sum >= -kDecimalMax;
    state.sum.set(fits ? sum : 0);
    state.count = fits ? count : 0;
  }
  static void add(State& state, __int128 value) { put(state, state.sum.get() + value, state.count + 1); }
  static void subtract(State& state, __int128 value) { put(state, state.sum.get() - value, state.count - 1); }
  static void merge(State& into, const State& from) {
    put(into, into.sum.get() + from.sum.get(), into.count + from.count);
  }
  bool result(const State& state, Out* out) const {
    *out = state.sum.get();
    return state.count != 0;
  }
};

// AVG of decimals: the sum, with scale_up more digits, divided and rounded half up. NULL where that overflows.
struct AverageDecimals : SumDecimals {
  __int128 scale_up = 1;
  bool result(const State& state, Out* out) const {
    if (state.count == 0) return false;
    __int128 sum;
    if (__builtin_mul_overflow(state.sum.get(), scale_up, &sum)) return false;
    const __int128 count = state.count;
    const __int128 quotient = sum / count;
    const __int128 remainder = sum % count;
    const __int128 twice = (remainder < 0 ? -remainder : remainder) * 2;
    const __int128 away = (sum < 0) != (count < 0) ? -1 : 1;
    *out = twice >= (count < 0 ? -count : count) ? quotient + away : quotient;
    return *out <= kDecimalMax && *out >= -kDecimalMax;
  }
};

// MIN and MAX of values of T, without retraction.
template <class T, bool kMax>
struct Extreme {
  struct State {
    std::conditional_t<std::is_same_v<T, __int128>, Wide, T> value;
    int64_t present;
  };
  using Out = T;
  static T get(const State& state) {
    if constexpr (std::is_same_v<T, __int128>) return state.value.get();
    else return state.value;
  }
  static void add(State& state, T value) {
    if (state.present != 0 && !(kMax ? value > get(state) : value < get(state))) return;
    if constexpr (std::is_same_v<T, __int128>) state.value.set(value);
    else state.value = value;
    state.present = 1;
  }
  static void subtract(State&, T) {}
  static void merge(State& into, const State& from) {
    if (from.present != 0) add(into, get(from));
  }
  bool result(const State& state, Out* out) const {
    *out = get(state);
    return state.present != 0;
  }
};

}  // namespace raudal::operators
