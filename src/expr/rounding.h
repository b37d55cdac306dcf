// FLOOR and CEIL of times, which share their names with those of numbers.
#pragma once

#include "expr/kernel.h"

namespace raudal::expr {

// args: times and a constant unit. The start of the unit that a time is in, or (up) the start of the next one unless
// the time is a start itself. TIMESTAMP_LTZ is cut in the session's zone.
Result<Column> floor_time(const KernelArgs& args, const Type& type, bool up);

}  // namespace raudal::expr
