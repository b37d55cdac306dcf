// Flink's implicit casts: what INSERT converts without being told to.
#pragma once

#include "column/type.h"

namespace raudal::sql {

bool can_cast_implicitly(const column::Type& from, const column::Type& to);

}  // namespace raudal::sql
