// Text of a field to a value, by the rules that Flink's CSV format has for each type.
#pragma once

#include <string_view>

#include "column/builder.h"
#include "formats/csv/csv_options.h"

namespace raudal::formats::csv {

// Appends the value of a field. False where the text is no value of the type; then the builder may hold parts of a
// list or row, which truncate() drops. With ignore_parse_errors parts that are no values are NULL, and *num_nulled
// counts them.
bool append_field(std::string_view text, const CsvOptions& options, column::ColumnBuilder& builder,
                  int64_t* num_nulled);

}  // namespace raudal::formats::csv
