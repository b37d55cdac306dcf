// Row positions inside the evaluator: masks to positions, and columns put together from parts (CASE, COALESCE).
#pragma once

#include "expr/kernel.h"

namespace raudal::expr {

// Positions of the rows i < num_rows with values[i] != 0 and, where validity is given, validity[i] != 0.
// `positions` has room for num_rows + 64 entries. Returns how many.
size_t positions_of_true(const uint8_t* values, const uint8_t* validity, size_t num_rows, uint16_t* positions);

// A column assembled from parts that each give some of its rows.
class Assembly {
 public:
  Assembly(const Type& type, size_t num_rows);
  // Rows `positions` (null: all num_rows) take the values of part, in order; a part of one row is constant.
  void put(const uint16_t* positions, size_t count, const Column& part);
  // Rows `positions` take the values of part at the same positions.
  void put_same(const uint16_t* positions, size_t count, const Column& part);
  Column finish();

 private:
  void put_nested(const uint16_t* positions, size_t count, const Column& part, bool same_rows);
  uint8_t* validity();

  Type type_;
  size_t num_rows_;
  Column result_;
  std::vector<Column> parts_;                           // nested types: copied row by row at the end
  std::vector<std::pair<uint32_t, uint32_t>> sources_;  // per row: part, row in it
};

}  // namespace raudal::expr
