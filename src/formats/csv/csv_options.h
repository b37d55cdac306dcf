// The options of the format `csv`, as values.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "connector/table.h"

namespace raudal::formats::csv {

struct CsvOptions {
  char delimiter = ',';
  std::optional<char> quote = '"';
  std::optional<char> escape;
  bool allow_comments = false;           // and skip blank lines
  bool ignore_parse_errors = false;
  std::string element_delimiter = ";";   // of ARRAY and ROW
  std::optional<std::string> null_literal;
  bool scientific_decimals = true;
};

Result<CsvOptions> read_options(const connector::Options& options);
// Refuses columns that CSV cannot carry: maps, and more than one level of ARRAY or ROW.
Status check_types(const column::Schema& columns);

}  // namespace raudal::formats::csv
