// INTERVAL literals: '5' SECOND, '1 02:03:04.5' DAY TO SECOND, '1-6' YEAR TO MONTH.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/ast.h"

namespace raudal::sql {

struct IntervalValue {
  bool months = false;  // value counts months, else milliseconds
  int64_t value = 0;
};

// Empty where the text does not fit the units.
std::optional<IntervalValue> parse_interval(std::string_view text, const IntervalAst& units);
// "10 s", "1 min": with the greatest unit that divides it, as window operators are named.
std::string print_interval(int64_t ms);

}  // namespace raudal::sql
