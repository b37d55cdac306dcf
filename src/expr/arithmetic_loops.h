// The loops of arithmetic, compiled for several instruction sets. Integers wrap.
#pragma once

#include <cstddef>
#include <cstdint>

namespace raudal::expr {

enum class ArithmeticOp : uint8_t { kAdd, kSubtract, kMultiply };

// out[i] = a[i] op b[i]; an operand that is constant is read at [0] only.
void arithmetic_loop(ArithmeticOp op, const int32_t* a, bool a_constant, const int32_t* b, bool b_constant,
                     size_t num_rows, int32_t* out);
void arithmetic_loop(ArithmeticOp op, const int64_t* a, bool a_constant, const int64_t* b, bool b_constant,
                     size_t num_rows, int64_t* out);
void arithmetic_loop(ArithmeticOp op, const double* a, bool a_constant, const double* b, bool b_constant,
                     size_t num_rows, double* out);

// out[i] = a[i] % divisor, with the dividend's sign; |divisor| > 0.
void remainder_loop(const int64_t* a, int64_t divisor, size_t num_rows, int64_t* out);

}  // namespace raudal::expr
