#include "connectors/datagen/random_fill.h"

#include "base/cpu_clones.h"
#include "base/rng.h"

namespace raudal::connectors::datagen {
namespace {

RAUDAL_CLONES void random_stride(uint64_t seed, uint64_t first, uint64_t stride, size_t count, uint64_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = random_at(seed, first + i * stride);
}

// Scales the upper half of each number by a range below 2^32: one 32-bit product a value.
RAUDAL_CLONES void uniform_stride(uint64_t seed, uint64_t first, uint64_t stride, size_t count, uint64_t min,
                                    uint64_t range, uint64_t* out) {
  const uint64_t narrow = range & 0xFFFFFFFFull;
  for (size_t i = 0; i < count; ++i) {
    out[i] = min + (((random_at(seed, first + i * stride) >> 32) * narrow) >> 32);
  }
}

RAUDAL_CLONES void double_stride(uint64_t seed, uint64_t first, uint64_t stride, size_t count, double min,
                                   double width, double* out) {
  for (size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<int64_t>(random_at(seed, first + i * stride) >> 11);
    out[i] = min + static_cast<double>(bits) * 0x1p-53 * width;
  }
}

}  // namespace

void fill_random(uint64_t seed, const RowNumbers& rows, uint64_t* out) {
  if (!rows.index) return random_stride(seed, rows.first, rows.stride, rows.count, out);
  for (size_t i = 0; i < rows.count; ++i) out[i] = random_at(seed, rows.index[i]);
}

void fill_uniform(uint64_t seed, const RowNumbers& rows, int64_t min, int64_t max, int64_t* out) {
  auto* bits = reinterpret_cast<uint64_t*>(out);
  const uint64_t range = static_cast<uint64_t>(max) - static_cast<uint64_t>(min) + 1;   // 0: all of 2^64
  if (!rows.index && range != 0 && range <= 0xFFFFFFFFull) {
    return uniform_stride(seed, rows.first, rows.stride, rows.count, static_cast<uint64_t>(min), range, bits);
  }
  fill_random(seed, rows, bits);
  if (range == 0) return;
  for (size_t i = 0; i < rows.count; ++i) {
    // The same scaling as above for narrow ranges, so that a value does not depend on who asks for it.
    const uint64_t scaled = range <= 0xFFFFFFFFull
                                ? ((bits[i] >> 32) * range) >> 32
                                : static_cast<uint64_t>((static_cast<unsigned __int128>(bits[i]) * range) >> 64);
    bits[i] = static_cast<uint64_t>(min) + scaled;
  }
}

void fill_uniform(uint64_t seed, const RowNumbers& rows, double min, double max, double* out) {
  const double width = max - min;
  if (!rows.index) return double_stride(seed, rows.first, rows.stride, rows.count, min, width, out);
  for (size_t i = 0; i < rows.count; ++i) {
    out[i] = min + static_cast<double>(random_at(seed, rows.index[i]) >> 11) * 0x1p-53 * width;
  }
}

}  // namespace raudal::connectors::datagen
