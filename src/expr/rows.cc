#include "expr/rows.h"

#include <emmintrin.h>

#include <bit>

#include "base/check.h"

namespace raudal::expr {
namespace {

// Bit i of the result: byte i is not zero.
inline uint64_t mask_of_64(const uint8_t* bytes) {
  const __m128i zero = _mm_setzero_si128();
  uint64_t mask = 0;
  for (int part = 0; part < 4; ++part) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + part * 16));
    const auto zeros = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, zero)));
    mask |= static_cast<uint64_t>(~zeros & 0xFFFFu) << (part * 16);
  }
  return mask;
}

uint64_t mask_of_few(const uint8_t* bytes, size_t count) {
  uint64_t mask = 0;
  for (size_t i = 0; i < count; ++i) mask |= static_cast<uint64_t>(bytes[i] != 0) << i;
  return mask;
}

template <class T>
void scatter(const T* from, bool constant, const uint16_t* positions, size_t count, T* to) {
  if (constant) {
    for (size_t i = 0; i < count; ++i) to[positions ? positions[i] : i] = from[0];
  } else if (positions == nullptr) {
    std::memcpy(to, from, count * sizeof(T));
  } else {
    for (size_t i = 0; i < count; ++i) to[positions[i]] = from[i];
  }
}

template <class T>
void copy_same(const T* from, const uint16_t* positions, size_t count, T* to) {
  for (size_t i = 0; i < count; ++i) to[positions[i]] = from[positions[i]];
}

// Calls f with a value of the unsigned type of that width.
template <class F>
void with_width(int width, F f) {
  switch (width) {
    case 1: f(uint8_t{}); break;
    case 2: f(uint16_t{}); break;
    case 4: f(uint32_t{}); break;
    case 8: f(uint64_t{}); break;
    default: f(static_cast<unsigned __int128>(0));
  }
}

}  // namespace

size_t positions_of_true(const uint8_t* values, const uint8_t* validity, size_t num_rows, uint16_t* positions) {
  size_t count = 0;
  for (size_t base = 0; base < num_rows; base += 64) {
    const size_t rows = std::min<size_t>(64, num_rows - base);
    uint64_t mask = rows == 64 ? mask_of_64(values + base) : mask_of_few(values + base, rows);
    if (validity != nullptr && mask != 0) {
      mask &= rows == 64 ? mask_of_64(validity + base) : mask_of_few(validity + base, rows);
    }
    // Four at a time without a branch on each: what is written beyond the last is overwritten by the next round.
    const auto found = static_cast<size_t>(std::popcount(mask));
    for (size_t done = 0; done < found; done += 4) {
      for (size_t k = 0; k < 4; ++k) {
        positions[count + done + k] = static_cast<uint16_t>(base + static_cast<size_t>(std::countr_zero(mask)));
        mask &= mask - 1;
      }
    }
    count += found;
  }
  return count;
}

Assembly::Assembly(const Type& type, size_t num_rows) : type_(type), num_rows_(num_rows) {
  if (type.width() > 0)
    result_ = new_column(type, num_rows);
  else
    sources_.resize(num_rows);
}

uint8_t* Assembly::validity() {
  if (!result_.validity) {
    result_.validity = Buffer::allocate(num_rows_);
    std::memset(result_.validity->as<uint8_t>(), 1, num_rows_);
  }
  return result_.validity->as<uint8_t>();
}

void Assembly::put(const uint16_t* positions, size_t count, const Column& part) {
  if (count == 0) return;
  if (type_.width() == 0) return put_nested(positions, count, part, false);
  const bool constant = part.size == 1;
  with_width(type_.width(), [&](auto zero) {
    using T = decltype(zero);
    scatter(part.data<T>(), constant, positions, count, result_.values->as<T>());
  });
  const uint8_t present = 1;
  if (part.validity)
    scatter(part.validity->as<uint8_t>(), constant, positions, count, validity());
  else if (result_.validity)
    scatter(&present, true, positions, count, validity());  // it may replace a NULL
  result_.heaps.insert(result_.heaps.end(), part.heaps.begin(), part.heaps.end());
}

void Assembly::put_same(const uint16_t* positions, size_t count, const Column& part) {
  if (count == 0) return;
  if (part.size == 1 || positions == nullptr) return put(positions, count, part);
  if (type_.width() == 0) return put_nested(positions, count, part, true);
  with_width(type_.width(), [&](auto zero) {
    using T = decltype(zero);
    copy_same(part.data<T>(), positions, count, result_.values->as<T>());
  });
  if (part.validity) copy_same(part.validity->as<uint8_t>(), positions, count, validity());
  result_.heaps.insert(result_.heaps.end(), part.heaps.begin(), part.heaps.end());
}

void Assembly::put_nested(const uint16_t* positions, size_t count, const Column& part, bool same_rows) {
  const auto index = static_cast<uint32_t>(parts_.size());
  parts_.push_back(part);
  for (size_t i = 0; i < count; ++i) {
    const size_t row = positions ? positions[i] : i;
    const size_t source = part.size == 1 ? 0 : same_rows ? row : i;
    sources_[row] = {index, static_cast<uint32_t>(source)};
  }
}

Column Assembly::finish() {
  if (type_.width() > 0) return std::move(result_);
  ColumnBuilder builder(type_, num_rows_);
  for (const auto& [part, row] : sources_) builder.append_from(parts_[part], row);
  return builder.finish();
}

}  // namespace raudal::expr
