// What the options say about one generated column, nested ones included.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "column/type.h"
#include "connector/table.h"

namespace raudal::connectors::datagen {

struct FieldSpec {
  std::string path;                 // "a", nested "a.b", "a.element", "m.key", "m.value"
  column::Type type;
  uint64_t seed = 0;
  bool sequence = false;
  int64_t start = 0;                // of a sequence, both ends included
  int64_t end = 0;
  int64_t min = 0;                  // integers and intervals
  int64_t max = 0;
  double min_double = 0;            // FLOAT, DOUBLE
  double max_double = 0;
  __int128 min_unscaled = 0;        // DECIMAL
  __int128 max_unscaled = 0;
  int64_t length = 0;               // strings: bytes; ARRAY, MAP: elements
  bool variable_length = false;
  int64_t max_past_ms = 0;          // TIMESTAMP
  double null_rate = 0;
  std::vector<FieldSpec> children;  // ROW fields; ARRAY {element}; MAP {key, value}
};

// The columns of a table. Refuses options that fit no column, or not its type, by name.
Result<std::vector<FieldSpec>> field_specs(const connector::Table& table);
// Rows that the sequences among them have; nullopt where there is none.
std::optional<int64_t> sequence_rows(const std::vector<FieldSpec>& specs);
// About how many bytes a row of the column takes, to keep a batch small.
size_t row_bytes(const FieldSpec& spec);

}  // namespace raudal::connectors::datagen
