#include "column/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>
#include <vector>

#include "base/check.h"
#include "base/cpu_clones.h"

namespace raudal::column {
namespace {

constexpr uint64_t kSeed = 0x243F6A8885A308D3ull;
constexpr uint64_t kNullValue = 0x13198A2E03707344ull;
constexpr uint64_t kOdd = 0x9E3779B97F4A7C15ull;

// MurmurHash3's finaliser: every input bit reaches every output bit, so that high and low bits can be used apart.
inline uint64_t mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDull;
  x ^= x >> 33;
  x *= 0xC4CEB9FE1A85EC53ull;
  x ^= x >> 33;
  return x;
}

inline uint64_t add_value(uint64_t hash, uint64_t value) { return mix((hash * kOdd + kSeed) ^ value); }

RAUDAL_CLONES void add_words(const uint64_t* __restrict values, size_t size, uint64_t* __restrict hashes) {
  for (size_t i = 0; i < size; ++i) hashes[i] = add_value(hashes[i], values[i]);
}

// The first column of a row needs no hash before it.
RAUDAL_CLONES void begin_words(const uint64_t* __restrict values, size_t size, uint64_t* __restrict hashes) {
  for (size_t i = 0; i < size; ++i) hashes[i] = mix(kSeed ^ values[i]);
}

template <class T>
void widen(const T* __restrict values, size_t size, uint64_t* __restrict words) {
  for (size_t i = 0; i < size; ++i) words[i] = static_cast<uint64_t>(static_cast<int64_t>(values[i]));
}

template <class T>
void widen_floating(const T* values, size_t size, uint64_t* words) {
  for (size_t i = 0; i < size; ++i) {
    double value = static_cast<double>(values[i]);
    if (value == 0) value = 0;  // -0.0
    words[i] = value != value ? 0x7FF8000000000000ull : std::bit_cast<uint64_t>(value);
  }
}

void widen_strings(const StringRef* refs, size_t size, uint64_t* words) {
  for (size_t i = 0; i < size; ++i) {
    if (refs[i].inlined()) {
      uint64_t first;
      uint64_t second;
      std::memcpy(&first, &refs[i], 8);
      std::memcpy(&second, refs[i].rest, 8);
      words[i] = mix(first ^ kOdd) + second * kOdd;
    } else {
      words[i] = XXH3_64bits(refs[i].pointer, refs[i].size);
    }
  }
}

void widen_int128(const __int128* values, size_t size, uint64_t* words) {
  for (size_t i = 0; i < size; ++i) {
    words[i] = mix(static_cast<uint64_t>(values[i] >> 64) ^ kOdd) + static_cast<uint64_t>(values[i]);
  }
}

void widen_column(const Column& column, size_t num_rows, uint64_t* words);

void widen_lists(const Column& column, size_t num_rows, uint64_t* words) {
  const int32_t* offsets = column.offsets->as<int32_t>();
  const auto num_elements = static_cast<size_t>(offsets[num_rows]);
  std::vector<uint64_t> elements(num_elements);
  hash_rows(column.children, num_elements, elements.data());
  const bool ordered = column.type.kind() == TypeKind::kArray;
  for (size_t row = 0; row < num_rows; ++row) {
    uint64_t hash = static_cast<uint64_t>(offsets[row + 1] - offsets[row]);
    for (int32_t e = offsets[row]; e < offsets[row + 1]; ++e) {
      // The order of a map's entries means nothing.
      hash = ordered ? add_value(hash, elements[static_cast<size_t>(e)]) : hash + elements[static_cast<size_t>(e)];
    }
    words[row] = hash;
  }
}

void widen_column(const Column& column, size_t num_rows, uint64_t* words) {
  switch (column.type.storage()) {
    case Storage::kNone: std::fill_n(words, num_rows, kNullValue); break;
    case Storage::kInt8: widen(column.data<int8_t>(), num_rows, words); break;
    case Storage::kInt16: widen(column.data<int16_t>(), num_rows, words); break;
    case Storage::kInt32: widen(column.data<int32_t>(), num_rows, words); break;
    case Storage::kInt64: std::memcpy(words, column.data<uint64_t>(), num_rows * 8); break;
    case Storage::kInt128: widen_int128(column.data<__int128>(), num_rows, words); break;
    case Storage::kFloat: widen_floating(column.data<float>(), num_rows, words); break;
    case Storage::kDouble: widen_floating(column.data<double>(), num_rows, words); break;
    case Storage::kString: widen_strings(column.data<StringRef>(), num_rows, words); break;
    case Storage::kRow: hash_rows(column.children, num_rows, words); break;
    case Storage::kList: widen_lists(column, num_rows, words); break;
  }
}

void replace_nulls(const uint8_t* __restrict validity, size_t num_rows, uint64_t* __restrict words) {
  for (size_t i = 0; i < num_rows; ++i) words[i] = validity[i] != 0 ? words[i] : kNullValue;
}

}  // namespace

void hash_rows(std::span<const Column> keys, size_t num_rows, uint64_t* hashes) {
  if (keys.empty()) {
    std::fill_n(hashes, num_rows, mix(kSeed));
    return;
  }
  BufferPtr scratch;
  for (size_t k = 0; k < keys.size(); ++k) {
    const Column& key = keys[k];
    CHECK(key.size >= num_rows);
    const uint64_t* words = nullptr;
    if (key.type.storage() == Storage::kInt64 && !key.validity) {
      words = key.data<uint64_t>();
    } else {
      if (!scratch) scratch = Buffer::allocate(num_rows * 8);
      widen_column(key, num_rows, scratch->as<uint64_t>());
      if (key.validity) replace_nulls(key.validity->as<uint8_t>(), num_rows, scratch->as<uint64_t>());
      words = scratch->as<uint64_t>();
    }
    if (k == 0)
      begin_words(words, num_rows, hashes);
    else
      add_words(words, num_rows, hashes);
  }
}

KeyGroupRange key_groups_of_subtask(int subtask, int parallelism, int max_parallelism) {
  CHECK(parallelism >= 1 && parallelism <= max_parallelism && subtask >= 0 && subtask < parallelism);
  const int64_t max = max_parallelism;
  return {static_cast<int32_t>((subtask * max + parallelism - 1) / parallelism),
          static_cast<int32_t>(((subtask + 1) * max + parallelism - 1) / parallelism)};
}

int subtask_of_key_group(KeyGroup group, int parallelism, int max_parallelism) {
  return static_cast<int>(static_cast<int64_t>(group.value()) * parallelism / max_parallelism);
}

}  // namespace raudal::column
