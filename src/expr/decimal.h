// DECIMAL arithmetic on unscaled integers, with Flink's rules for precision and scale: half up, and a result that has
// more digits than its type holds is NULL (nullopt here).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "column/type.h"

namespace raudal::expr {

using Int128 = __int128;

inline constexpr int kDecimalPrecisionMax = 38;

Int128 power_of_ten(int exponent);                    // 0 … 38
bool fits_precision(Int128 unscaled, int precision);  // |unscaled| < 10^precision
// The value with another scale, rounded half up (away from zero); nullopt if it has more than 38 digits.
std::optional<Int128> rescale(Int128 unscaled, int from_scale, int to_scale);
// The product and quotient at the result's scale; nullopt if it does not fit. Division by zero is the caller's.
std::optional<Int128> decimal_multiply(Int128 a, Int128 b, int scale_of_both, int to_scale);
std::optional<Int128> decimal_divide(Int128 a, int a_scale, Int128 b, int b_scale, int to_scale);
double decimal_to_double(Int128 unscaled, int scale);
// Rounds half up, by the shortest digits of the double, as Flink does through BigDecimal.
std::optional<Int128> decimal_from_double(double value, int scale);
// "1.5", "-3e2", with blanks around; nullopt if it is no number or has more than 38 digits.
std::optional<Int128> decimal_from_text(std::string_view text, int scale);

// Result types of a op b; integers count as DECIMAL(3|5|10|19, 0).
column::Type decimal_of(const column::Type& numeric);
column::Type decimal_sum_type(const column::Type& a, const column::Type& b);
column::Type decimal_product_type(const column::Type& a, const column::Type& b);
column::Type decimal_quotient_type(const column::Type& a, const column::Type& b);
column::Type decimal_remainder_type(const column::Type& a, const column::Type& b);

}  // namespace raudal::expr
