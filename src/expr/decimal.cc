#include "expr/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/check.h"
#include "base/str.h"

namespace raudal::expr {
namespace {

using Unsigned = unsigned __int128;
using column::Type;
using column::TypeKind;

constexpr std::array<Int128, 39> kPowers = [] {
  std::array<Int128, 39> powers{};
  Int128 power = 1;
  for (Int128& entry : powers) {
    entry = power;
    power = static_cast<Int128>(static_cast<Unsigned>(power) * 10);
  }
  return powers;
}();

constexpr double kDoublePowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

Unsigned magnitude(Int128 value) { return value < 0 ? -static_cast<Unsigned>(value) : static_cast<Unsigned>(value); }

Int128 with_sign(Unsigned size, bool negative) { return static_cast<Int128>(negative ? -size : size); }

// 256 bits, only for products and dividends that need more than 128.
struct Wide {
  Unsigned high = 0;
  Unsigned low = 0;
};

Wide multiply_wide(Unsigned a, Unsigned b) {
  const uint64_t a0 = static_cast<uint64_t>(a);
  const uint64_t a1 = static_cast<uint64_t>(a >> 64);
  const uint64_t b0 = static_cast<uint64_t>(b);
  const uint64_t b1 = static_cast<uint64_t>(b >> 64);
  const Unsigned p00 = static_cast<Unsigned>(a0) * b0;
  const Unsigned p01 = static_cast<Unsigned>(a0) * b1;
  const Unsigned p10 = static_cast<Unsigned>(a1) * b0;
  const Unsigned p11 = static_cast<Unsigned>(a1) * b1;
  const Unsigned middle = (p00 >> 64) + static_cast<uint64_t>(p01) + static_cast<uint64_t>(p10);
  return {p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64), (middle << 64) | static_cast<uint64_t>(p00)};
}

// The quotient rounded half up; nullopt if it needs more than 127 bits.
std::optional<Unsigned> divide_half_up(Wide dividend, Unsigned divisor) {
  if (dividend.high >= divisor) return std::nullopt;
  Unsigned quotient;
  Unsigned remainder;
  if (dividend.high == 0) {
    quotient = dividend.low / divisor;
    remainder = dividend.low % divisor;
  } else {
    quotient = 0;
    remainder = dividend.high;
    for (int bit = 127; bit >= 0; --bit) {
      const bool carry = (remainder >> 127) != 0;
      remainder = (remainder << 1) | ((dividend.low >> bit) & 1);
      quotient <<= 1;
      if (carry || remainder >= divisor) {
        remainder -= divisor;
        quotient |= 1;
      }
    }
  }
  if (remainder >= divisor - remainder) ++quotient;
  if ((quotient >> 127) != 0) return std::nullopt;
  return quotient;
}

Type adjusted(int precision, int scale) {
  if (precision <= kDecimalPrecisionMax) return Type::decimal(precision, scale);
  const int whole_digits = precision - scale;
  return Type::decimal(kDecimalPrecisionMax, std::max(kDecimalPrecisionMax - whole_digits, std::min(scale, 6)));
}

}  // namespace

Int128 power_of_ten(int exponent) { return kPowers[static_cast<size_t>(exponent)]; }

bool fits_precision(Int128 unscaled, int precision) {
  return magnitude(unscaled) < static_cast<Unsigned>(power_of_ten(precision));
}

std::optional<Int128> rescale(Int128 unscaled, int from_scale, int to_scale) {
  if (from_scale == to_scale) return unscaled;
  if (to_scale > from_scale) {
    const int up = to_scale - from_scale;
    if (unscaled == 0) return unscaled;
    if (up > 38) return std::nullopt;
    Int128 result;
    if (__builtin_mul_overflow(unscaled, power_of_ten(up), &result)) return std::nullopt;
    return fits_precision(result, 38) ? std::optional(result) : std::nullopt;
  }
  const int down = from_scale - to_scale;
  if (down > 38) return Int128{0};
  const Int128 divisor = power_of_ten(down);
  const Int128 quotient = unscaled / divisor;
  const Int128 remainder = unscaled % divisor;
  if (magnitude(remainder) * 2 >= static_cast<Unsigned>(divisor)) return quotient + (unscaled < 0 ? -1 : 1);
  return quotient;
}

std::optional<Int128> decimal_multiply(Int128 a, Int128 b, int scale_of_both, int to_scale) {
  Int128 product;
  if (!__builtin_mul_overflow(a, b, &product)) return rescale(product, scale_of_both, to_scale);
  if (to_scale >= scale_of_both) return std::nullopt;
  const Wide wide = multiply_wide(magnitude(a), magnitude(b));
  const auto quotient =
      divide_half_up(wide, static_cast<Unsigned>(power_of_ten(std::min(38, scale_of_both - to_scale))));
  if (!quotient) return std::nullopt;
  return with_sign(*quotient, (a < 0) != (b < 0));
}

std::optional<Int128> decimal_divide(Int128 a, int a_scale, Int128 b, int b_scale, int to_scale) {
  // a / 10^as / (b / 10^bs) = q / 10^to, so q = a * 10^(to - as + bs) / b
  int up = to_scale - a_scale + b_scale;
  Unsigned divisor = magnitude(b);
  Unsigned dividend = magnitude(a);
  if (up < 0) {
    if (up < -38 || __builtin_mul_overflow(divisor, static_cast<Unsigned>(power_of_ten(-up)), &divisor))
      return Int128{0};
    up = 0;
  }
  if (up > 38) {  // in two steps
    if (__builtin_mul_overflow(dividend, static_cast<Unsigned>(power_of_ten(up - 38)), &dividend)) return std::nullopt;
    up = 38;
  }
  const auto quotient = divide_half_up(multiply_wide(dividend, static_cast<Unsigned>(power_of_ten(up))), divisor);
  if (!quotient) return std::nullopt;
  return with_sign(*quotient, (a < 0) != (b < 0));
}

double decimal_to_double(Int128 unscaled, int scale) {
  if (scale <= 22 && magnitude(unscaled) < (Unsigned{1} << 53)) {
    return static_cast<double>(static_cast<int64_t>(unscaled)) / kDoublePowers[scale];  // exact operands: rounded once
  }
  std::string text;
  Unsigned rest = magnitude(unscaled);
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  text += "e-" + std::to_string(scale);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return unscaled < 0 ? -value : value;
}

std::optional<Int128> decimal_from_double(double value, int scale) {
  if (!std::isfinite(value)) return std::nullopt;
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  return decimal_from_text(std::string_view(text, static_cast<size_t>(end - text)), scale);
}

std::optional<Int128> decimal_from_text(std::string_view text, int scale) {
  text = trim(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int64_t exponent = 0;
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    const std::optional<int64_t> parsed = parse_int(digits);
    if (!parsed || *parsed > 1'000'000 || *parsed < -1'000'000) return std::nullopt;
    exponent = *parsed;
    text = text.substr(0, e);
  }
  Unsigned value = 0;
  bool any = false;
  bool point = false;
  int64_t text_scale = 0;
  for (char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    if (value >= static_cast<Unsigned>(power_of_ten(37))) {  // 38 digits are read, more cannot be held
      if (!point) --text_scale;
      continue;
    }
    value = value * 10 + static_cast<Unsigned>(c - '0');
    text_scale += point ? 1 : 0;
  }
  if (!any) return std::nullopt;
  int64_t from_scale = text_scale - exponent;
  if (value == 0) return Int128{0};
  if (from_scale < 0) {
    if (from_scale < -38) return std::nullopt;
    if (__builtin_mul_overflow(value, static_cast<Unsigned>(power_of_ten(static_cast<int>(-from_scale))), &value)) {
      return std::nullopt;
    }
    from_scale = 0;
  }
  if ((value >> 127) != 0) return std::nullopt;
  const int bounded = static_cast<int>(std::min<int64_t>(from_scale, 1000));
  return rescale(with_sign(value, negative), bounded, scale);
}

Type decimal_of(const Type& numeric) {
  switch (numeric.kind()) {
    case TypeKind::kTinyInt: return Type::decimal(3, 0);
    case TypeKind::kSmallInt: return Type::decimal(5, 0);
    case TypeKind::kInt: return Type::decimal(10, 0);
    case TypeKind::kBigInt: return Type::decimal(19, 0);
    default: return numeric;
  }
}

Type decimal_sum_type(const Type& a, const Type& b) {
  const int scale = std::max(a.scale(), b.scale());
  return adjusted(std::max(a.precision() - a.scale(), b.precision() - b.scale()) + scale + 1, scale);
}

Type decimal_product_type(const Type& a, const Type& b) {
  return adjusted(a.precision() + b.precision() + 1, a.scale() + b.scale());
}

Type decimal_quotient_type(const Type& a, const Type& b) {
  const int scale = std::max(6, a.scale() + b.precision() + 1);
  return adjusted(a.precision() - a.scale() + b.scale() + scale, scale);
}

Type decimal_remainder_type(const Type& a, const Type& b) {
  const int scale = std::max(a.scale(), b.scale());
  return Type::decimal(std::min(38, std::min(a.precision() - a.scale(), b.precision() - b.scale()) + scale), scale);
}

}  // namespace raudal::expr
