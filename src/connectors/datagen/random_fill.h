// Loops that fill a column with random numbers, compiled for several CPUs. Value j is random_at(seed, first + j ·
// stride), so that any part of an endless column can be made by itself.
#pragma once

#include <cstddef>
#include <cstdint>

namespace raudal::connectors::datagen {

// Rows of a generated table: count rows first, first + stride, …; or, where `index` is set, those it lists.
struct RowNumbers {
  uint64_t first = 0;
  uint64_t stride = 1;
  size_t count = 0;
  const uint64_t* index = nullptr;

  uint64_t at(size_t row) const { return index ? index[row] : first + row * stride; }
};

// All 64 bits random.
void fill_random(uint64_t seed, const RowNumbers& rows, uint64_t* out);
// Uniform in [min, max], both included.
void fill_uniform(uint64_t seed, const RowNumbers& rows, int64_t min, int64_t max, int64_t* out);
// Uniform in [min, max).
void fill_uniform(uint64_t seed, const RowNumbers& rows, double min, double max, double* out);

}  // namespace raudal::connectors::datagen
