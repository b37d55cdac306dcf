// Values as Flink's SQL client prints them (tools/flink/oracle prints the same): NULL is <NULL>, TIMESTAMP(3)
// "2026-01-01 00:00:10.000", ROW "(1, x)" … Used by print, `raudal sql` and tests; CAST to STRING has rules of its own.
#pragma once

#include <string>
#include <string_view>

#include "column/batch.h"

namespace raudal::column {

std::string print_value(const Column& column, size_t row);
// "+I", "-U", "+U", "-D".
std::string_view print_change_kind(ChangeKind kind);

}  // namespace raudal::column
