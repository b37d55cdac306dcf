// Reads records that look like the ones before: the same keys in the same order, scalar values, no escapes. That is
// most of what comes, and needs no index of the record; anything else is left to the general reader.
#pragma once

#include <string_view>

#include "column/builder.h"
#include "formats/json/json_options.h"
#include "formats/json/wanted_value.h"

namespace raudal::formats::json {

class FlatRecordReader {
 public:
  explicit FlatRecordReader(const JsonOptions& options) : options_(options) {}

  // Appends one row and answers true; or answers false, and then the builder may hold parts of it. The line is an
  // object from its first byte to its last, and readable for 64 bytes beyond.
  bool read(std::string_view line, const WantedValue& wanted, column::ColumnBuilder& out);

 private:
  bool try_read(const char* at, const char* end, const WantedValue& wanted, column::ColumnBuilder& out);
  const char* read_value(const char* at, const char* end, column::ColumnBuilder& out);

  bool read_timestamp(std::string_view text, column::ColumnBuilder& out);

  const JsonOptions options_;
  char date_[10] = {};     // the last one read, and its days since 1970: neighbours often share it
  int64_t days_ = 0;
  int misses_ = 0;         // in a row
  int records_to_skip_ = 0;
};

}  // namespace raudal::formats::json
