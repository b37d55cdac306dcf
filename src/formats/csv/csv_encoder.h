// Writes rows as CSV records, one a line.
#pragma once

#include <memory>

#include "column/type.h"
#include "connector/format.h"
#include "formats/csv/csv_options.h"

namespace raudal::formats::csv {

std::unique_ptr<connector::Encoder> make_csv_encoder(const CsvOptions& options);

}  // namespace raudal::formats::csv
