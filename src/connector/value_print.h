// Values to text by the rules of Flink's text formats: the other direction of value_text.h.
#pragma once

#include <string>

#include "column/batch.h"
#include "connector/value_text.h"

namespace raudal::connector {

// Integers and intervals.
void append_integer(const column::Column& column, size_t row, std::string* out);
// DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ (with a Z), with as many digits of a second as there are.
void append_temporal(const column::Column& column, size_t row, TimestampStandard standard, std::string* out);
// A DECIMAL without trailing zeros: "1.5", and unless `plain` "1E+2" and "2.7E-8", as BigDecimal.toString().
void append_stripped_decimal(const column::Column& column, size_t row, bool plain, std::string* out);

}  // namespace raudal::connector
