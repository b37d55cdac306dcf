// Reads CSV records into columns. Fields are found by position among the table's columns; only the wanted ones are
// parsed.
#pragma once

#include <memory>

#include "column/type.h"
#include "connector/format.h"
#include "formats/csv/csv_options.h"

namespace raudal::formats::csv {

std::unique_ptr<connector::Decoder> make_csv_decoder(const column::Schema& columns, const column::Schema& produced,
                                                     const CsvOptions& options);

}  // namespace raudal::formats::csv
