// A row as Flink's print connector writes it: Java's text of each value, "+I[1, x, 2026-01-01T00:00:10, [a, null]]".
#pragma once

#include <string>

#include "column/batch.h"

namespace raudal::connectors::print {

void append_row(const column::Batch& batch, size_t row, std::string* out);

}  // namespace raudal::connectors::print
