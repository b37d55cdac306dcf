#include "expr/arithmetic_loops.h"

#include <type_traits>

#include "expr/kernel.h"

namespace raudal::expr {
namespace {

template <class T>
struct Wrapping {
  using type = std::make_unsigned_t<T>;
};
template <>
struct Wrapping<double> {
  using type = double;
};

// target_clones does not take templates: the macro makes the three loops of one operator and type.
#define RAUDAL_LOOPS(name, T, op)                                                                                \
  RAUDAL_CLONES void name##_columns(const T* __restrict a, const T* __restrict b, size_t n, T* __restrict out) { \
    using U = Wrapping<T>::type;                                                                                 \
    for (size_t i = 0; i < n; ++i) out[i] = static_cast<T>(static_cast<U>(a[i]) op static_cast<U>(b[i]));        \
  }                                                                                                              \
  RAUDAL_CLONES void name##_right(const T* __restrict a, T b, size_t n, T* __restrict out) {                     \
    using U = Wrapping<T>::type;                                                                                 \
    for (size_t i = 0; i < n; ++i) out[i] = static_cast<T>(static_cast<U>(a[i]) op static_cast<U>(b));           \
  }                                                                                                              \
  RAUDAL_CLONES void name##_left(T a, const T* __restrict b, size_t n, T* __restrict out) {                      \
    using U = Wrapping<T>::type;                                                                                 \
    for (size_t i = 0; i < n; ++i) out[i] = static_cast<T>(static_cast<U>(a) op static_cast<U>(b[i]));           \
  }                                                                                                              \
  void name(const T* a, bool a_constant, const T* b, bool b_constant, size_t n, T* out) {                        \
    if (a_constant && n != 1)                                                                                    \
      name##_left(a[0], b, n, out);                                                                              \
    else if (b_constant && n != 1)                                                                               \
      name##_right(a, b[0], n, out);                                                                             \
    else                                                                                                         \
      name##_columns(a, b, n, out);                                                                              \
  }

RAUDAL_LOOPS(add_int, int32_t, +)
RAUDAL_LOOPS(subtract_int, int32_t, -)
RAUDAL_LOOPS(multiply_int, int32_t, *)
RAUDAL_LOOPS(add_bigint, int64_t, +)
RAUDAL_LOOPS(subtract_bigint, int64_t, -)
RAUDAL_LOOPS(multiply_bigint, int64_t, *)
RAUDAL_LOOPS(add_double, double, +)
RAUDAL_LOOPS(subtract_double, double, -)
RAUDAL_LOOPS(multiply_double, double, *)

// For 1 < d < 2^31. The double quotient is wrong by up to about |a| / d / 2^52, so the first remainder may be large;
// the second round leaves it within (-d, d) but for one step, which the end mends. All of it vectorises with AVX-512.
RAUDAL_CLONES void remainder_small(const int64_t* __restrict a, int64_t d, size_t n, int64_t* __restrict out) {
  const double inverse = 1.0 / static_cast<double>(d);
  for (size_t i = 0; i < n; ++i) {
    const int64_t value = a[i];
    uint64_t q = static_cast<uint64_t>(static_cast<int64_t>(static_cast<double>(value) * inverse));
    int64_t r = static_cast<int64_t>(static_cast<uint64_t>(value) - q * static_cast<uint64_t>(d));
    const int64_t q2 = static_cast<int64_t>(static_cast<double>(r) * inverse);
    r -= q2 * d;
    // The remainder has the sign of the dividend.
    const int64_t below = ((value >= 0) & (r < 0)) != 0 ? d : 0;
    const int64_t above = ((value < 0) & (r > 0)) != 0 ? d : 0;
    r += below - above;
    r -= r >= d ? d : 0;
    r += r <= -d ? d : 0;
    out[i] = r;
  }
}

}  // namespace

void arithmetic_loop(ArithmeticOp op, const int32_t* a, bool a_constant, const int32_t* b, bool b_constant,
                     size_t num_rows, int32_t* out) {
  switch (op) {
    case ArithmeticOp::kAdd: return add_int(a, a_constant, b, b_constant, num_rows, out);
    case ArithmeticOp::kSubtract: return subtract_int(a, a_constant, b, b_constant, num_rows, out);
    case ArithmeticOp::kMultiply: return multiply_int(a, a_constant, b, b_constant, num_rows, out);
  }
}

void arithmetic_loop(ArithmeticOp op, const int64_t* a, bool a_constant, const int64_t* b, bool b_constant,
                     size_t num_rows, int64_t* out) {
  switch (op) {
    case ArithmeticOp::kAdd: return add_bigint(a, a_constant, b, b_constant, num_rows, out);
    case ArithmeticOp::kSubtract: return subtract_bigint(a, a_constant, b, b_constant, num_rows, out);
    case ArithmeticOp::kMultiply: return multiply_bigint(a, a_constant, b, b_constant, num_rows, out);
  }
}

void arithmetic_loop(ArithmeticOp op, const double* a, bool a_constant, const double* b, bool b_constant,
                     size_t num_rows, double* out) {
  switch (op) {
    case ArithmeticOp::kAdd: return add_double(a, a_constant, b, b_constant, num_rows, out);
    case ArithmeticOp::kSubtract: return subtract_double(a, a_constant, b, b_constant, num_rows, out);
    case ArithmeticOp::kMultiply: return multiply_double(a, a_constant, b, b_constant, num_rows, out);
  }
}

void remainder_loop(const int64_t* a, int64_t divisor, size_t num_rows, int64_t* out) {
  constexpr int64_t kSmallMax = int64_t{1} << 31;
  if (divisor < 0 && divisor > -kSmallMax) divisor = -divisor;  // the sign is the dividend's alone
  if (divisor == 1) {
    std::fill_n(out, num_rows, 0);
    return;
  }
  if (divisor > 1 && divisor < kSmallMax) return remainder_small(a, divisor, num_rows, out);
  for (size_t i = 0; i < num_rows; ++i) out[i] = a[i] % divisor;
}

}  // namespace raudal::expr
