// The rows of a batch that count, as positions, whether it has a selection or not. Used by every operator that reads
// columns itself rather than through an expression.
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "column/batch.h"

namespace raudal::operators {

// Gives the positions; the span is valid until the next call or the batch's end.
class RowPositions {
 public:
  std::span<const uint16_t> of(const column::Batch& batch) {
    if (batch.selection.rows) return {batch.selection.rows->as<uint16_t>(), batch.selection.size};
    if (all_.size() < batch.num_rows) {
      all_.resize(batch.num_rows);
      std::iota(all_.begin(), all_.end(), uint16_t{0});
    }
    return {all_.data(), batch.num_rows};
  }

 private:
  std::vector<uint16_t> all_;
};

// The values of a buffer of T at the given positions.
template <class T>
column::BufferPtr gather_values(const column::BufferPtr& from, std::span<const uint16_t> rows) {
  column::BufferPtr to = column::Buffer::allocate(rows.size() * sizeof(T));
  const T* values = from->as<T>();
  T* out = to->as<T>();
  for (size_t i = 0; i < rows.size(); ++i) out[i] = values[rows[i]];
  return to;
}

}  // namespace raudal::operators
