// The order of values of any type, NULL lowest: comparisons of nested values, GREATEST, and operators that sort.
#pragma once

#include "column/batch.h"

namespace raudal::expr {

// Less than, equal to or greater than 0; both columns are of the same storage.
int compare_values(const column::Column& a, size_t x, const column::Column& b, size_t y);

}  // namespace raudal::expr
