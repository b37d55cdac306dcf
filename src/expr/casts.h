// The families of casts; cast.cc chooses. Columns may be constant (one row). Only this folder uses it.
#pragma once

#include "column/time_zone.h"
#include "expr/kernel.h"

namespace raudal::expr {

// How a cast behaves: a value that does not fit fails, or becomes NULL.
struct CastOptions {
  bool try_cast = false;
  column::TimeZone zone;
};

// Numbers and BOOLEAN among each other. Never fails: integers wrap, doubles saturate, decimals that overflow are NULL.
Column cast_numbers(const Column& from, const Type& to);
// Text to numbers, BOOLEAN, times and bytes.
Result<Column> cast_from_text(const Column& from, const Type& to, const CastOptions& options);
// Anything to text, cut to (and for CHAR padded to) the type's length.
Column cast_to_text(const Column& from, const Type& to, const CastOptions& options);
// Dates and times among each other.
Column cast_times(const Column& from, const Type& to, const CastOptions& options);

}  // namespace raudal::expr
